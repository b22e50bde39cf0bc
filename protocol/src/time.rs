//! Time as a value: monotonic instants that the caller hands in, and the stream's own clock.
//!
//! std's `Instant` panics on `wasm32-unknown-unknown`, cannot be written down and cannot be built in a test; ours is a
//! number of microseconds since an origin that the shell chooses (page load, process start, zero in the simulator).

mod duration;

use core::ops::{Add, Sub};

pub use duration::Duration;

/// A monotonic moment: microseconds since the shell's origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub u64);

impl Instant {
    /// The shell's origin.
    pub const ZERO: Self = Self(0);
    /// Later than everything: a timer that is not set.
    pub const NEVER: Self = Self(u64::MAX);

    /// A moment, in milliseconds since the shell's origin.
    #[must_use]
    pub const fn from_millis(ms: u64) -> Self {
        Self(Duration::from_millis(ms).as_micros())
    }

    /// Time since `earlier`, or zero where `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// This moment less `span`, at the earliest the origin.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(span.as_micros()))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span.as_micros()))
    }
}

impl Sub for Instant {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

/// A moment of the stream, as its playlist dates it: EXT-X-PROGRAM-DATE-TIME in milliseconds since 1970.
///
/// It orders media; it is never compared with a viewer's wall clock, which may be wrong by hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamTime(pub u64);

impl StreamTime {
    /// Stream time from `earlier` to `self`, in milliseconds; negative where `earlier` is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.cast_signed().wrapping_sub(earlier.0.cast_signed())
    }

    /// This moment and `ms` milliseconds.
    #[must_use]
    pub const fn plus_millis(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}
