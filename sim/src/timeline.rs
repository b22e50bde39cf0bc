//! Virtual time: a heap of events; ties fall in the order in which they were planned, so that one seed gives one run.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use protocol::time::{Duration, Instant};

/// What is planned, by moment.
#[derive(Debug)]
pub struct Timeline<E> {
    heap: BinaryHeap<Reverse<Planned<E>>>,
    now: Instant,
    planned: u64,
}

#[derive(Debug)]
struct Planned<E> {
    at: Instant,
    order: u64,
    event: E,
}

impl<E> Timeline<E> {
    /// An empty timeline at time zero.
    #[must_use]
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), now: Instant::ZERO, planned: 0 }
    }

    /// The moment of the event that was taken last.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Events that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Plans `event` at `at`, or now where that is past.
    pub fn at(&mut self, at: Instant, event: E) {
        self.planned += 1;
        self.heap.push(Reverse(Planned { at: at.max(self.now), order: self.planned, event }));
    }

    /// Plans `event` in `span` from now.
    pub fn after(&mut self, span: Duration, event: E) {
        self.at(self.now + span, event);
    }

    /// Takes the next event due at `end` at the latest, and moves time to it.
    pub fn next(&mut self, end: Instant) -> Option<E> {
        if self.heap.peek().is_none_or(|Reverse(first)| first.at > end) {
            return None;
        }
        let Reverse(first) = self.heap.pop()?;
        self.now = first.at;
        Some(first.event)
    }
}

impl<E> Default for Timeline<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> PartialEq for Planned<E> {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}
impl<E> Eq for Planned<E> {}
impl<E> PartialOrd for Planned<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Planned<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_and_ties_in_the_order_they_were_planned() {
        let mut timeline = Timeline::new();
        timeline.at(Instant(20), 'c');
        timeline.at(Instant(10), 'a');
        timeline.at(Instant(10), 'b');
        let end = Instant(100);
        let taken: String = std::iter::from_fn(|| timeline.next(end)).collect();
        assert_eq!(taken, "abc");
        assert_eq!(timeline.now(), Instant(20));
    }

    #[test]
    fn nothing_is_planned_in_the_past_and_nothing_comes_after_the_end() {
        let mut timeline = Timeline::new();
        timeline.at(Instant(10), 'a');
        assert_eq!(timeline.next(Instant(9)), None);
        assert_eq!(timeline.next(Instant(10)), Some('a'));
        timeline.at(Instant(5), 'b');
        assert_eq!(timeline.next(Instant(10)), Some('b'));
        assert_eq!(timeline.now(), Instant(10));
    }
}
