//! Virtual time: events by moment; ties fall in the order in which they were planned, so that one seed gives one run.
//!
//! A ring of short buckets holds what comes soon; only the bucket that time is in is sorted, once, and what is still
//! planned into it waits in a small heap beside it. What lies further ahead than the ring reaches waits in a heap of its
//! own. Ten thousand viewers plan a million events a second of their time, and a single heap of them all would be as slow
//! as all else together.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use protocol::time::{Duration, Instant};

/// A bucket spans 2 to this many microseconds: half a millisecond.
const BUCKET_BITS: u32 = 9;
/// Buckets of the ring: 16.8 s.
const BUCKETS: u64 = 1 << 15;

/// What is planned, by moment.
#[derive(Debug)]
pub struct Timeline<E> {
    /// What is left of the bucket that time is in, the next one last.
    head: Vec<Planned<E>>,
    /// What was planned into it while time was in it.
    late: BinaryHeap<Reverse<Planned<E>>>,
    bucket: u64,
    ring: Vec<Vec<Planned<E>>>,
    far: BinaryHeap<Reverse<Planned<E>>>,
    now: Instant,
    planned: u64,
    waiting: usize,
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
        Self {
            head: Vec::new(),
            late: BinaryHeap::new(),
            bucket: 0,
            ring: (0..BUCKETS).map(|_| Vec::new()).collect(),
            far: BinaryHeap::new(),
            now: Instant::ZERO,
            planned: 0,
            waiting: 0,
        }
    }

    /// The moment of the event that was taken last.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Events that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// Nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Plans `event` at `at`, or now where that is past.
    pub fn at(&mut self, at: Instant, event: E) {
        self.planned += 1;
        self.waiting += 1;
        let at = at.max(self.now);
        let planned = Planned { at, order: self.planned, event };
        let bucket = at.0 >> BUCKET_BITS;
        if bucket <= self.bucket {
            self.late.push(Reverse(planned));
        } else if bucket < self.bucket + BUCKETS {
            self.ring[(bucket % BUCKETS) as usize].push(planned);
        } else {
            self.far.push(Reverse(planned));
        }
    }

    /// Plans `event` in `span` from now.
    pub fn after(&mut self, span: Duration, event: E) {
        self.at(self.now + span, event);
    }

    /// Takes the next event due at `end` at the latest, and moves time to it.
    pub fn next(&mut self, end: Instant) -> Option<E> {
        let last = end.0 >> BUCKET_BITS;
        while self.head.is_empty() && self.late.is_empty() && self.waiting > 0 && self.bucket < last {
            self.turn_the_ring();
        }
        let late = match (self.head.last(), self.late.peek()) {
            (Some(first), Some(Reverse(late))) => late < first,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        let first = if late { self.late.peek().map(|Reverse(late)| late) } else { self.head.last() };
        if first.is_none_or(|first| first.at > end) {
            return None;
        }
        let first = if late { self.late.pop().map(|Reverse(late)| late) } else { self.head.pop() }?;
        self.waiting -= 1;
        self.now = first.at;
        Some(first.event)
    }

    fn turn_the_ring(&mut self) {
        self.bucket += 1;
        self.head = std::mem::take(&mut self.ring[(self.bucket % BUCKETS) as usize]);
        let due = |first: &Reverse<Planned<E>>, bucket| first.0.at.0 >> BUCKET_BITS <= bucket;
        while self.far.peek().is_some_and(|first| due(first, self.bucket)) {
            self.head.extend(self.far.pop().map(|Reverse(first)| first));
        }
        self.head.sort_unstable_by(|one, other| other.cmp(one));
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
    fn whatever_is_planned_while_time_goes_on_comes_in_order() {
        let mut timeline = Timeline::new();
        let mut random = crate::random::Random::new(7, crate::random::Purpose::Lag, 0);
        (0..200_u64).for_each(|_| timeline.at(Instant(random.below(40_000_000)), ()));
        let (mut taken, mut before) = (0, Instant::ZERO);
        while timeline.next(Instant(600_000_000)).is_some() {
            assert!(timeline.now() >= before);
            (before, taken) = (timeline.now(), taken + 1);
            if taken < 5_000 {
                // Within the bucket, within the ring, and past it.
                let span = [100, 100_000, 20_000_000][taken % 3];
                timeline.after(Duration::from_micros(random.below(span)), ());
            }
        }
        assert!(timeline.is_empty() && taken >= 5_000, "{taken} of {}", timeline.planned);
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
