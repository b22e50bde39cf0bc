//! What became of every offer: sent, offered, answered, answer back; the rest is lost.

/// One offer's way, in microseconds of the bench's clock; 0 where it did not get there.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    sent: u64,
    /// At another viewer, who answers at once.
    offered: u64,
    back: u64,
}

/// Counts of one measure.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    rounds: Vec<Round>,
    /// The number of the first of them.
    first: u64,
    open: u64,
    pub(crate) announces: u64,
    pub(crate) replies: u64,
    pub(crate) offers: u64,
    pub(crate) answers: u64,
    pub(crate) refusals: u64,
    pub(crate) ended: u64,
    pub(crate) last_refusal: String,
}

/// Latencies of one kind, in microseconds, sorted.
#[derive(Debug)]
pub(crate) struct Latencies(Vec<u64>);

impl Tally {
    /// Nothing yet; offers go on with the numbers of `self`, so that late ones are not mistaken for new.
    pub(crate) fn renewed(&self) -> Self {
        Self { first: self.next(), ..Self::default() }
    }

    fn next(&self) -> u64 {
        self.first + self.rounds.len() as u64
    }

    /// `count` offers are sent now: their numbers.
    pub(crate) fn send(&mut self, count: u64, now_us: u64) -> std::ops::Range<u64> {
        let start = self.next();
        self.announces += 1;
        self.open += count;
        self.rounds.extend((0..count).map(|_| Round { sent: now_us, ..Round::default() }));
        start..start + count
    }

    /// An offer reached another viewer.
    pub(crate) fn offered(&mut self, number: u64, now_us: u64) {
        self.offers += 1;
        if let Some(round) = self.round(number) {
            round.offered = now_us;
        }
    }

    /// Its answer is back.
    pub(crate) fn answered(&mut self, number: u64, now_us: u64) {
        self.answers += 1;
        if let Some(round) = self.round(number)
            && round.back == 0
        {
            round.back = now_us;
            self.open -= 1;
        }
    }

    fn round(&mut self, number: u64) -> Option<&mut Round> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.rounds.get_mut(place)
    }

    /// Offers whose answer is not back.
    pub(crate) const fn open(&self) -> u64 {
        self.open
    }

    /// Offers sent.
    pub(crate) fn sent(&self) -> u64 {
        self.rounds.len() as u64
    }

    /// From an offer's sending to its arrival.
    pub(crate) fn offer_latencies(&self) -> Latencies {
        self.latencies(|round| (round.sent, round.offered))
    }

    /// From an answer's sending to its arrival.
    pub(crate) fn answer_latencies(&self) -> Latencies {
        self.latencies(|round| (round.offered, round.back))
    }

    /// From an offer's sending to its answer's arrival.
    pub(crate) fn round_latencies(&self) -> Latencies {
        self.latencies(|round| (round.sent, round.back))
    }

    fn latencies(&self, ends: impl Fn(&Round) -> (u64, u64)) -> Latencies {
        let arrived = self.rounds.iter().map(ends).filter(|(_, arrival)| *arrival > 0);
        let mut spans: Vec<u64> = arrived.map(|(start, arrival)| arrival.saturating_sub(start)).collect();
        spans.sort_unstable();
        Latencies(spans)
    }
}

impl Latencies {
    /// The latency that `percent` of all do not pass, in milliseconds.
    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        let place = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(place).map_or(f64::NAN, |span| *span as f64 / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_open_until_its_answer_is_back_and_counts_once() {
        let mut tally = Tally::default();
        assert_eq!(tally.send(3, 1_000), 0..3);
        tally.offered(0, 2_000);
        tally.answered(0, 4_000);
        tally.answered(0, 9_000);
        tally.answered(99, 9_000);
        assert_eq!((tally.open(), tally.sent(), tally.offers, tally.answers), (2, 3, 1, 3));
        let round = tally.round_latencies().percentile_ms(50);
        assert!((round - 3.0).abs() < 1e-9, "{round}");
    }

    #[test]
    fn a_late_answer_of_an_earlier_measure_is_not_counted_in_the_next() {
        let mut tally = Tally::default();
        tally.send(2, 1);
        let mut next = tally.renewed();
        assert_eq!(next.send(1, 5), 2..3);
        next.answered(1, 6);
        assert_eq!(next.open(), 1);
    }

    #[test]
    fn percentiles_of_a_hundred() {
        let latencies = Latencies((1..=100).map(|ms| ms * 1_000).collect());
        let rows = [(50, 51.0), (99, 100.0), (100, 100.0)];
        for (percent, ms) in rows {
            assert!((latencies.percentile_ms(percent) - ms).abs() < 1e-9, "{percent}");
        }
        assert!(Latencies(Vec::new()).percentile_ms(50).is_nan());
    }
}
