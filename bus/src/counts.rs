//! What was carried, and what was not.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the bus was made, of this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Letters and events taken from publishers.
    pub posted: u64,
    /// Letters and events that publishers were refused, and told so.
    pub refused: u64,
    /// Letters that arrived for a listener here who had no room for them. Always 0 in memory.
    pub lost_full: u64,
    /// Letters handed to NATS that had not been confirmed when the connection broke: that many at most are lost.
    pub lost_unsure: u64,
    /// Arrived letters that are no events although they should be.
    pub malformed: u64,
    /// Connections to NATS that were made; 1 where it has not gone away since.
    pub connections: u64,
}

/// The same, while it counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) posted: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) lost_full: AtomicU64,
    pub(crate) lost_unsure: AtomicU64,
    pub(crate) malformed: AtomicU64,
    pub(crate) connections: AtomicU64,
}

impl Counters {
    pub(crate) fn now(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            posted: read(&self.posted),
            refused: read(&self.refused),
            lost_full: read(&self.lost_full),
            lost_unsure: read(&self.lost_unsure),
            malformed: read(&self.malformed),
            connections: read(&self.connections),
        }
    }

    /// Counts what a publisher was told, and hands it on.
    pub(crate) fn told<T, E>(&self, outcome: Result<T, E>) -> Result<T, E> {
        let counter = if outcome.is_ok() { &self.posted } else { &self.refused };
        add(counter, 1);
        outcome
    }
}

/// More by so many.
pub(crate) fn add(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}
