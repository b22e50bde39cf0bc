//! What viewers report of introductions, and what that teaches.
//!
//! A viewer says with whom a link opened, and who answered its offer in vain. **Invariant:** a report teaches of its maker
//! only: that it does not meet this one, and, when there are several, what kind of NAT it is behind. So nobody can keep
//! others apart, whatever he says.
//!
//! - A pair that failed is not introduced again for a while, twice as long each time.
//! - Who misses several whose ports hold still has a port that changes ([`Learnt::Symmetric`]); who misses only those
//!   whose ports change lets in nobody whom he did not write to (RFC 4787 §5, filtering by address and port:
//!   [`Learnt::Restricted`]); who misses everybody is [`Learnt::Cut`] off.
//! - What was learnt is a guess: a busy machine misses others too. Such pairs come last, where a session description that
//!   shows both NATs rules a pair out ([`super::nat`]). A link that opens takes two failures back.
//! - Who has met one whose port changes meets others like it: those come first for such viewers, and offers of whoever has not
//!   shown it go to such viewers last.

use protocol::id::PeerId;
use protocol::time::{Duration, Instant};

use super::nat::Nat;

/// Pairs that failed, remembered for each viewer; the one that failed first makes room.
pub const MISSED_MAX: usize = 8;
/// A pair rests for so long after its first failure, and twice as long after each further one.
pub const REST: Duration = Duration::from_secs(10);
/// A pair rests for at most so many times [`REST`]: 10 minutes, in which networks change.
const RESTS_MAX: u32 = 64;
/// Others missed before it says something of a viewer's own NAT: fewer are bad luck.
pub const LEARNT_AFTER: u8 = 3;
/// Others missed in a row, whoever they were, before a viewer counts as cut off.
pub const CUT_AFTER: u8 = 8;
/// What a link that opens is worth, in failures.
const OPENED: u8 = 2;

/// What a viewer's reports say of its NAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learnt {
    /// It lets in only whom it wrote to, at the port that it wrote to.
    Restricted,
    /// Its port changes with the destination.
    Symmetric,
    /// Nobody is reached from it.
    Cut,
}

/// What is known of a viewer's NAT: shown by its session descriptions, and learnt from its reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    /// Shown.
    pub nat: Nat,
    /// Learnt; nothing as long as introductions come to something.
    pub learnt: Option<Learnt>,
    /// It has met one whose port changes: it lets such viewers in.
    pub met_symmetric: bool,
}

impl Kind {
    /// Its port changes, as far as is known.
    #[must_use]
    pub fn is_symmetric(self) -> bool {
        match self.nat {
            Nat::Symmetric => true,
            Nat::Open => false,
            Nat::Unknown => self.learnt == Some(Learnt::Symmetric),
        }
    }

    /// It can be reached from behind every NAT, as far as is known.
    #[must_use]
    pub fn is_reachable(self) -> bool {
        match self.nat {
            Nat::Symmetric => false,
            Nat::Open => self.learnt != Some(Learnt::Cut),
            Nat::Unknown => self.learnt.is_none(),
        }
    }

    /// Whether it would meet one whose port changes is not known: half of all routers let none of them in.
    #[must_use]
    pub fn is_unproven(self) -> bool {
        self.nat == Nat::Unknown && !self.met_symmetric
    }

    /// A link between the two is not to be expected.
    #[must_use]
    pub fn hardly_meets(self, other: Self) -> bool {
        let cut = [self, other].iter().any(|kind| kind.learnt == Some(Learnt::Cut));
        let apart = |one: Self, other: Self| one.is_symmetric() && !other.is_reachable();
        cut || apart(self, other) || apart(other, self)
    }
}

/// What one viewer has reported.
#[derive(Debug, Default)]
pub struct Reach {
    missed: Vec<Missed>,
    /// Others missed whose ports hold still, less what was made up for.
    steady: u8,
    /// Others missed whose ports change, the same way.
    symmetric: u8,
    /// Others missed in a row.
    row: u8,
    /// A link opened with one whose port changes.
    met_symmetric: bool,
}

/// Somebody who was missed.
#[derive(Debug)]
struct Missed {
    peer: PeerId,
    rests: u32,
    until: Instant,
}

impl Reach {
    /// Nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.missed.is_empty()
            && self.steady == 0
            && self.symmetric == 0
            && self.row == 0
            && !self.met_symmetric
    }

    /// No link came of an introduction to this one.
    pub fn on_missed(&mut self, now: Instant, peer: PeerId, kind: Kind) {
        let known = self.missed.iter().position(|missed| missed.peer == peer);
        if let Some(missed) = known.and_then(|place| self.missed.get_mut(place)) {
            missed.rests = (missed.rests * 2).min(RESTS_MAX);
            missed.until = now + REST.saturating_mul(missed.rests);
            return;
        }
        if self.missed.len() >= MISSED_MAX {
            self.missed.remove(0);
        }
        self.missed.push(Missed { peer, rests: 1, until: now + REST });
        self.row = self.row.saturating_add(1).min(CUT_AFTER);
        // Who reaches nobody is missed by everybody: that says nothing of the one who misses him.
        if kind.learnt == Some(Learnt::Cut) {
            return;
        }
        if kind.is_symmetric() {
            self.symmetric = self.symmetric.saturating_add(1).min(CUT_AFTER);
        } else if kind.nat != Nat::Open {
            self.steady = self.steady.saturating_add(1).min(CUT_AFTER);
        }
    }

    /// A link with this one has opened.
    pub fn on_reached(&mut self, peer: PeerId, kind: Kind) {
        self.missed.retain(|missed| missed.peer != peer);
        self.row = 0;
        if kind.is_symmetric() {
            self.symmetric = self.symmetric.saturating_sub(OPENED);
            self.met_symmetric = true;
        } else if kind.nat != Nat::Open {
            self.steady = self.steady.saturating_sub(OPENED);
        }
    }

    /// Whether the two are not to be introduced yet.
    #[must_use]
    pub fn rests(&self, now: Instant, peer: PeerId) -> bool {
        self.missed.iter().any(|missed| missed.peer == peer && now < missed.until)
    }

    /// It has met one whose port changes.
    #[must_use]
    pub const fn met_symmetric(&self) -> bool {
        self.met_symmetric
    }

    /// How many were missed, as far as they are remembered.
    #[must_use]
    pub const fn missed(&self) -> usize {
        self.missed.len()
    }

    /// What all of it says.
    #[must_use]
    pub const fn learnt(&self) -> Option<Learnt> {
        if self.row >= CUT_AFTER {
            Some(Learnt::Cut)
        } else if self.steady >= LEARNT_AFTER {
            Some(Learnt::Symmetric)
        } else if self.symmetric >= LEARNT_AFTER {
            Some(Learnt::Restricted)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Kind = Kind { nat: Nat::Unknown, learnt: None, met_symmetric: false };
    const OPEN: Kind = Kind { nat: Nat::Open, learnt: None, met_symmetric: false };
    const SYMMETRIC: Kind = Kind { nat: Nat::Symmetric, learnt: None, met_symmetric: false };
    const LEARNT: Kind = Kind { nat: Nat::Unknown, learnt: Some(Learnt::Symmetric), met_symmetric: false };
    const RESTRICTED: Kind =
        Kind { nat: Nat::Unknown, learnt: Some(Learnt::Restricted), met_symmetric: false };
    const CUT: Kind = Kind { nat: Nat::Unknown, learnt: Some(Learnt::Cut), met_symmetric: false };

    fn peer(name: usize) -> PeerId {
        PeerId([u8::try_from(name).unwrap_or(u8::MAX); 20])
    }

    fn after(missed: &[Kind], reached: &[Kind]) -> Option<Learnt> {
        let mut reach = Reach::default();
        let all = missed.iter().enumerate();
        all.for_each(|(name, kind)| reach.on_missed(Instant::ZERO, peer(name), *kind));
        reached.iter().for_each(|kind| reach.on_reached(peer(200), *kind));
        reach.learnt()
    }

    #[test]
    fn whom_a_viewer_misses_says_what_it_is_behind() {
        let rows: [(&[Kind], &[Kind], Option<Learnt>); 12] = [
            (&[PLAIN; 2], &[], None),
            (&[PLAIN; 3], &[], Some(Learnt::Symmetric)),
            (&[PLAIN; 3], &[OPEN], Some(Learnt::Symmetric)),
            (&[PLAIN; 3], &[PLAIN], None),
            (&[PLAIN; 4], &[PLAIN], None),
            (&[PLAIN; 5], &[PLAIN], Some(Learnt::Symmetric)),
            (&[SYMMETRIC; 2], &[PLAIN], None),
            (&[SYMMETRIC, LEARNT, SYMMETRIC], &[PLAIN], Some(Learnt::Restricted)),
            (&[SYMMETRIC; 3], &[LEARNT], None),
            (&[OPEN; 7], &[], None),
            (&[OPEN; 8], &[], Some(Learnt::Cut)),
            (&[CUT; 7], &[], None),
        ];
        for (missed, reached, wanted) in rows {
            assert_eq!(after(missed, reached), wanted, "{missed:?} {reached:?}");
        }
        assert_eq!(after(&[OPEN; 8], &[OPEN]), None, "one link, and it is not cut off");
    }

    #[test]
    fn who_met_one_whose_port_changes_is_known_to_let_such_viewers_in() {
        let mut reach = Reach::default();
        reach.on_reached(peer(1), PLAIN);
        assert!(!reach.met_symmetric() && reach.is_empty());
        reach.on_reached(peer(2), LEARNT);
        assert!(reach.met_symmetric() && !reach.is_empty());
        assert!(
            PLAIN.is_unproven()
                && !Kind { met_symmetric: true, ..PLAIN }.is_unproven()
                && !OPEN.is_unproven()
        );
    }

    #[test]
    fn which_kinds_hardly_meet() {
        let relayed = Kind { nat: Nat::Open, learnt: Some(Learnt::Symmetric), met_symmetric: false };
        let rows = [
            (PLAIN, PLAIN, false),
            (PLAIN, SYMMETRIC, false),
            (OPEN, SYMMETRIC, false),
            (relayed, SYMMETRIC, false),
            (SYMMETRIC, SYMMETRIC, true),
            (SYMMETRIC, LEARNT, true),
            (LEARNT, LEARNT, true),
            (SYMMETRIC, RESTRICTED, true),
            (RESTRICTED, RESTRICTED, false),
            (RESTRICTED, PLAIN, false),
            (CUT, OPEN, true),
            (CUT, CUT, true),
        ];
        for (one, other, wanted) in rows {
            assert_eq!(one.hardly_meets(other), wanted, "{one:?} {other:?}");
            assert_eq!(other.hardly_meets(one), wanted, "{other:?} {one:?}");
        }
    }

    #[test]
    fn a_pair_rests_twice_as_long_each_time_and_a_link_ends_that() {
        let mut reach = Reach::default();
        let mut now = Instant::ZERO;
        for rests in [1, 2, 4, 8, 16, 32, 64, 64] {
            reach.on_missed(now, peer(1), PLAIN);
            let until = now + REST.saturating_mul(rests);
            assert!(reach.rests(until.before(Duration::from_millis(1)), peer(1)), "{rests}");
            assert!(!reach.rests(until, peer(1)) && !reach.rests(now, peer(2)), "{rests}");
            now = until;
        }
        assert_eq!(reach.learnt(), None, "one other is one, however often");
        reach.on_missed(now, peer(1), PLAIN);
        reach.on_reached(peer(1), PLAIN);
        assert!(!reach.rests(now, peer(1)) && reach.is_empty());
    }

    #[test]
    fn as_many_are_remembered_as_the_maximum_and_the_first_makes_room() {
        let mut reach = Reach::default();
        (0..=MISSED_MAX).for_each(|name| reach.on_missed(Instant::ZERO, peer(name), PLAIN));
        assert_eq!(reach.missed(), MISSED_MAX);
        assert!(!reach.rests(Instant::ZERO, peer(0)) && reach.rests(Instant::ZERO, peer(1)));
    }
}
