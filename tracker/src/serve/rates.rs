//! How busy it was over the last minute: the counts of now less those of a minute ago.

use std::collections::VecDeque;

use protocol::time::{Duration, Instant};

use crate::registry::Stats;

/// Between two looks.
const STEP: Duration = Duration::from_secs(10);
/// Looks that are kept: a minute's.
const LOOKS_MAX: usize = 6;

/// Per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rates {
    /// Announces.
    pub(super) announces: f64,
    /// Offers handed to another peer.
    pub(super) offers_relayed: f64,
    /// Answers handed to their offerer.
    pub(super) answers_relayed: f64,
}

/// What was counted at the last looks.
#[derive(Debug, Default)]
pub(super) struct History(VecDeque<(Instant, Stats)>);

impl History {
    /// Remembers this, where the last look is a step ago.
    pub(super) fn look(&mut self, now: Instant, stats: Stats) {
        if self.0.back().is_some_and(|(last, _)| now - *last < STEP) {
            return;
        }
        if self.0.len() == LOOKS_MAX {
            self.0.pop_front();
        }
        self.0.push_back((now, stats));
    }

    /// Since the oldest look.
    pub(super) fn rates(&self, now: Instant, stats: &Stats) -> Rates {
        let Some((then, before)) = self.0.front() else { return Rates::default() };
        let seconds = (now - *then).as_secs_f64().max(1.0);
        let rate = |count: fn(&Stats) -> u64| count(stats).saturating_sub(count(before)) as f64 / seconds;
        Rates {
            announces: rate(|stats| stats.announces),
            offers_relayed: rate(|stats| stats.offers_relayed),
            answers_relayed: rate(|stats| stats.answers_relayed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_the_last_minute() {
        let mut history = History::default();
        let at = |second: u64| Instant::ZERO + Duration::from_secs(second);
        let stats = |second: u64| Stats { announces: 3 * second, ..Stats::default() };
        assert_eq!(history.rates(at(0), &stats(0)), Rates::default());
        (0..1_000).for_each(|second| history.look(at(second), stats(second)));
        let busy = Stats { announces: stats(1_000).announces + 60, ..Stats::default() };
        // Looks at 940, 950, … 990; 60 more than three a second in 60 seconds.
        assert!((history.rates(at(1_000), &busy).announces - 4.0).abs() < 1e-9);
    }
}
