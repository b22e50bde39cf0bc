//! The books of a crowd: what was published to its members, what they got, and why they did not get the rest.

use crate::tick::{Counts, Tick, Variant};

/// Why a member does not get a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drop {
    /// The room had more than its quotas.
    Quota,
    /// The member could not read it: its dialect has only events.
    Dialect,
    /// The member read too slowly and went on with the newest.
    Slow,
    /// The member left, or was cut, before its turn.
    Gone,
}

impl Drop {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Quota, Self::Dialect, Self::Slow, Self::Gone];

    /// Its name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quota => "quota",
            Self::Dialect => "dialect",
            Self::Slow => "slow",
            Self::Gone => "gone",
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Quota => 0,
            Self::Dialect => 1,
            Self::Slow => 2,
            Self::Gone => 3,
        }
    }
}

/// Deliveries: one message to one member is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    published: Counts,
    delivered: Counts,
    dropped: [Counts; Drop::ALL.len()],
    /// Ticks that some socket took whole.
    ticks: u64,
}

impl Account {
    /// What was to be delivered.
    #[must_use]
    pub const fn published_so_far(&self) -> Counts {
        self.published
    }

    /// What sockets took whole.
    #[must_use]
    pub const fn delivered_so_far(&self) -> Counts {
        self.delivered
    }

    /// What was not delivered, for this reason.
    #[must_use]
    pub fn dropped_so_far(&self, why: Drop) -> Counts {
        self.dropped.get(why.index()).copied().unwrap_or_default()
    }

    /// Ticks that some socket took whole, once for each socket.
    #[must_use]
    pub const fn ticks(&self) -> u64 {
        self.ticks
    }

    /// What still waits: neither delivered nor dropped.
    #[must_use]
    pub fn waiting(&self) -> Counts {
        self.dropped.iter().fold(self.published - self.delivered, |waiting, dropped| waiting - *dropped)
    }

    /// Adds the books of another crowd.
    pub fn add(&mut self, other: &Self) {
        self.published += other.published;
        self.delivered += other.delivered;
        self.dropped.iter_mut().zip(other.dropped).for_each(|(sum, dropped)| *sum += dropped);
        self.ticks += other.ticks;
    }

    pub(super) fn published(&mut self, counts: Counts) {
        self.published += counts;
    }

    /// Some members get what the room's quotas left out for the others.
    pub(super) fn spared(&mut self, counts: Counts) {
        if let Some(slot) = self.dropped.get_mut(Drop::Quota.index()) {
            *slot -= counts;
        }
    }

    pub(super) fn delivered(&mut self, tick: &Tick, to: Variant) {
        let hidden = tick.hidden(to);
        let seen = tick.kept() - hidden;
        self.delivered += seen;
        self.dropped(Drop::Dialect, hidden);
        self.ticks += u64::from(seen.total() > 0);
    }

    pub(super) fn dropped(&mut self, why: Drop, counts: Counts) {
        if let Some(slot) = self.dropped.get_mut(why.index()) {
            *slot += counts;
        }
    }
}
