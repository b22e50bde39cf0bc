//! Who may speak, and who may say so: every rule of moderation, with time as an argument.
//!
//! [`Judge`] rules on one comment at a time: who is it ([`who`]), may they ([`Refusal`], in a fixed precedence), how often
//! ([`rates`]), is it clean ([`crate::filter`]). What it knows of rooms and people is the [`State`]: records that the store
//! keeps, put in place one by one and never changed any other way. [`duty`] says which role may do what.
//!
//! Sans-IO: nothing here reads a clock, a file or a socket.

pub mod duty;
mod judge;
pub mod rates;
mod refusal;
mod state;
pub mod who;

#[cfg(feature = "server")]
pub(crate) use judge::household;
pub use judge::{Attempt, Config, Judge, Ruling};
pub use refusal::Refusal;
pub use state::{
    HELD_TEXT_BYTES_MAX, Key, RECORDS_MAX, REPORTERS_MAX, REPORTS_OPEN_MAX, Record, Report, ReportId,
    Sanction, SanctionKind, Scope, Settings, State,
};
pub use who::{Grant, Role, Rooms, UserId};

/// A moment of the wall clock: milliseconds since 1970, because what is decided outlives the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

impl Moment {
    /// This moment and so many milliseconds.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment, or none where it is not later.
    #[must_use]
    pub const fn since_ms(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A comment's name, wherever it is shown: 42 bits of milliseconds since 1970, then what tells processes and comments of
/// one millisecond apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommentId(pub u64);

/// Names comments: each process has one.
#[derive(Clone, Debug)]
pub struct CommentIds {
    process: u64,
    last: u64,
}

/// Bits of a comment's name that count within a millisecond.
const COUNT_BITS: u32 = 12;
/// Bits that tell processes apart.
const PROCESS_BITS: u32 = 9;

impl CommentIds {
    /// Names for the process with this number; numbers that differ in their lowest nine bits never make the same name.
    #[must_use]
    pub const fn new(process: u32) -> Self {
        Self { process: process as u64 & ((1 << PROCESS_BITS) - 1), last: 0 }
    }

    /// The next name: later than all before, even where the clock goes back or stands.
    pub fn next(&mut self, now: Moment) -> CommentId {
        self.last = (now.0 << COUNT_BITS).max(self.last + 1);
        let (ms, count) = (self.last >> COUNT_BITS, self.last & ((1 << COUNT_BITS) - 1));
        CommentId(((ms << PROCESS_BITS | self.process) << COUNT_BITS) | count)
    }
}

impl CommentId {
    /// The earliest name that a moment can give.
    #[must_use]
    pub const fn earliest(at: Moment) -> Self {
        Self(at.0 << (PROCESS_BITS + COUNT_BITS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_only_rise_and_processes_never_share_one() {
        let (mut here, mut there) = (CommentIds::new(1), CommentIds::new(2));
        let times = [5_u64, 5, 5, 4, 6, 1];
        let names: Vec<u64> = times.iter().map(|ms| here.next(Moment(*ms)).0).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
        assert!(times.iter().all(|ms| !names.contains(&there.next(Moment(*ms)).0)));
        assert!(CommentId::earliest(Moment(5)).0 <= names[0]);
        // Today's names are below 2^63, what databases hold as a whole number.
        assert!(here.next(Moment(2_000_000_000_000)).0 < 1 << 63);
    }
}
