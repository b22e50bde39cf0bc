//! How long the origin takes, as one's own GETs show it.
//!
//! Where it takes long, a crowd that buys all at once is what keeps it so: the market then waits for whoever is fetching.
//! **Invariant:** nothing that a neighbour says makes the origin look slow.

use protocol::time::{Duration, Instant};

use crate::limits::{PACE_KEPT, PACES_MAX, SLOW};

/// The last few times that a block took from the origin.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    seen: Vec<(Instant, Duration)>,
}

impl Pace {
    /// A block took this long, or longer where it has not come.
    pub(crate) fn took(&mut self, span: Duration, now: Instant) {
        if self.seen.len() >= PACES_MAX {
            self.seen.remove(0);
        }
        self.seen.push((now, span));
    }

    /// What a block takes at least; zero where that is not worth a thought. `open` is when the oldest GET under way was sent:
    /// as long as nothing has come since, blocks take as long as that.
    pub(crate) fn slow(&self, open: Option<Instant>, now: Instant) -> Duration {
        let recent = self.seen.iter().filter(|(at, _)| *at + PACE_KEPT > now);
        let least = recent.map(|(_, span)| *span).min();
        let silent = |since: &Instant| self.seen.last().is_none_or(|(at, _)| at < since);
        let waiting = open.filter(silent).map(|since| now.since(since));
        let pace = least.into_iter().chain(waiting).max().unwrap_or_default();
        if pace >= SLOW { pace } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(60_000);

    #[test]
    fn one_that_came_quickly_says_that_the_origin_is_not_slow() {
        let mut pace = Pace::default();
        assert_eq!(pace.slow(None, NOW), Duration::ZERO);
        pace.took(SLOW * 3, NOW);
        pace.took(SLOW * 2, NOW);
        assert_eq!(pace.slow(None, NOW), SLOW * 2);
        pace.took(Duration::from_millis(80), NOW);
        assert_eq!(pace.slow(None, NOW), Duration::ZERO);
    }

    #[test]
    fn what_was_long_ago_is_forgotten_and_so_is_one_past_the_limit() {
        let mut pace = Pace::default();
        pace.took(Duration::ZERO, NOW);
        (0..PACES_MAX - 1).for_each(|_| pace.took(SLOW, NOW));
        assert_eq!(pace.slow(None, NOW), Duration::ZERO);
        pace.took(SLOW, NOW);
        assert_eq!(pace.slow(None, NOW), SLOW);
        assert_eq!(pace.slow(None, NOW + PACE_KEPT), Duration::ZERO);
    }

    #[test]
    fn a_get_that_stays_open_while_nothing_comes_says_that_the_origin_is_slow() {
        let mut pace = Pace::default();
        assert_eq!(pace.slow(Some(NOW.before(SLOW / 2)), NOW), Duration::ZERO);
        assert_eq!(pace.slow(Some(NOW.before(SLOW * 2)), NOW), SLOW * 2);
        pace.took(Duration::ZERO, NOW.before(SLOW));
        assert_eq!(pace.slow(Some(NOW.before(SLOW * 2)), NOW), Duration::ZERO);
    }
}
