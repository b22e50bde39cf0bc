//! The room's sequence, as one viewer saw it: what is old, what is new, and what is missing between.

use crate::limits::{GAP_MESSAGES_MAX, GAPS_MAX};

/// What a numbered message is to this viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is new.
    New,
    /// It fills a gap: it belongs before what was seen already.
    Late,
    /// It was seen already.
    Old,
}

/// Messages that the room had and this viewer did not get: `first` to `last`, both of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The life of the room's numbering that they belong to.
    pub epoch: u32,
    /// The first one.
    pub first: u64,
    /// The last one.
    pub last: u64,
}

/// The sequence so far.
#[derive(Debug, Default)]
pub struct Order {
    epoch: Option<u32>,
    /// The highest number seen.
    newest: u64,
    /// What is missing below it, in order, and whether it was asked for.
    gaps: Vec<(Missing, bool)>,
}

impl Order {
    /// Takes the number of a message. Another epoch begins again: what was missing before it cannot be had any more.
    pub fn take(&mut self, epoch: u32, sequence: u64) -> Verdict {
        if self.epoch != Some(epoch) {
            *self = Self { epoch: Some(epoch), newest: sequence, gaps: Vec::new() };
            return Verdict::New;
        }
        if sequence > self.newest {
            if sequence - self.newest > 1 {
                self.miss(epoch, self.newest + 1, sequence - 1);
            }
            self.newest = sequence;
            return Verdict::New;
        }
        self.fill(sequence)
    }

    /// What to ask the room's history for, once for each gap.
    pub fn poll_missing(&mut self) -> Option<Missing> {
        let (gap, asked) = self.gaps.iter_mut().find(|(_, asked)| !asked)?;
        *asked = true;
        Some(*gap)
    }

    /// The history had no more of this: the gap stays one.
    pub fn give_up(&mut self, missing: Missing) {
        self.gaps.retain(|(gap, asked)| !*asked || gap.first < missing.first || gap.last > missing.last);
    }

    /// Where to resume after the connection was lost: the epoch, and the last number before which nothing is missing.
    #[must_use]
    pub fn resume(&self) -> Option<(u32, u64)> {
        let whole = self.gaps.first().map_or(self.newest, |(gap, _)| gap.first - 1);
        self.epoch.map(|epoch| (epoch, whole))
    }

    /// The oldest gaps, and the oldest messages of a gap, are let go: an edge has no more of them either.
    fn miss(&mut self, epoch: u32, first: u64, last: u64) {
        let first = first.max((last + 1).saturating_sub(GAP_MESSAGES_MAX));
        if self.gaps.len() >= GAPS_MAX {
            self.gaps.remove(0);
        }
        self.gaps.push((Missing { epoch, first, last }, false));
    }

    fn fill(&mut self, sequence: u64) -> Verdict {
        let Some(at) = self.gaps.iter().position(|(gap, _)| (gap.first..=gap.last).contains(&sequence))
        else {
            return Verdict::Old;
        };
        let (gap, asked) = self.gaps.remove(at);
        if sequence < gap.last {
            self.gaps.insert(at, (Missing { first: sequence + 1, ..gap }, asked));
        }
        if gap.first < sequence && self.gaps.len() < GAPS_MAX {
            self.gaps.insert(at, (Missing { last: sequence - 1, ..gap }, asked));
        }
        Verdict::Late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(numbers: &[u64]) -> Order {
        let mut order = Order::default();
        for &number in numbers {
            order.take(7, number);
        }
        order
    }

    #[test]
    fn each_message_is_new_late_or_old() {
        use Verdict::{Late, New, Old};
        let rows: [(&[u64], u64, Verdict); 6] = [
            (&[], 40, New),
            (&[40], 41, New),
            (&[40], 40, Old),
            (&[40], 39, Old),
            (&[40, 43], 42, Late),
            (&[40, 43, 42], 42, Old),
        ];
        for (before, number, verdict) in rows {
            assert_eq!(taken(before).take(7, number), verdict, "{before:?} {number}");
        }
    }

    #[test]
    fn a_gap_is_asked_for_once_and_closes_message_by_message() {
        let mut order = taken(&[10, 15]);
        assert_eq!(order.poll_missing(), Some(Missing { epoch: 7, first: 11, last: 14 }));
        assert_eq!(order.poll_missing(), None);
        assert_eq!(order.resume(), Some((7, 10)));
        for number in [12, 11, 13] {
            assert_eq!(order.take(7, number), Verdict::Late);
        }
        assert_eq!(order.resume(), Some((7, 13)));
        assert_eq!(order.poll_missing(), None);
        order.give_up(Missing { epoch: 7, first: 11, last: 14 });
        assert_eq!(order.resume(), Some((7, 15)));
        assert_eq!(order.take(7, 14), Verdict::Old);
    }

    #[test]
    fn another_epoch_begins_again() {
        let mut order = taken(&[10, 15]);
        assert_eq!(order.take(8, 1), Verdict::New);
        assert_eq!(order.poll_missing(), None);
        assert_eq!(order.resume(), Some((8, 1)));
    }

    #[test]
    fn gaps_have_bounds() {
        let mut order = taken(&[1, 1 + 2 * GAP_MESSAGES_MAX]);
        let missing = order.poll_missing().unwrap();
        assert_eq!(missing.last - missing.first + 1, GAP_MESSAGES_MAX);
        let mut order = Order::default();
        for number in 0..=2 * GAPS_MAX as u64 {
            order.take(7, number * 2);
        }
        assert_eq!(core::iter::from_fn(|| order.poll_missing()).count(), GAPS_MAX);
    }
}
