//! How often: for each key one number, the moment at which what it did is paid off (GCRA, ITU-T I.371).

use indexmap::IndexMap;
use std::hash::Hash;

use super::Moment;

/// Rates are counts in this many milliseconds; so much may also come at once.
pub const WINDOW_MS: u64 = 10_000;
/// How often all keys are looked at for those that are paid off, at most.
const SWEEP_MS: u64 = 1_000;

/// The rates of many keys.
#[derive(Debug)]
pub struct Rates<K> {
    paid_off_us: IndexMap<K, u64>,
    keys_max: usize,
    swept: Moment,
}

/// A rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So many.
    pub count: u32,
    /// In so many milliseconds.
    pub window_ms: u64,
}

impl Rate {
    /// So many in [`WINDOW_MS`].
    #[must_use]
    pub const fn per_window(count: u32) -> Self {
        Self { count, window_ms: WINDOW_MS }
    }

    const fn window_us(self) -> u64 {
        self.window_ms.saturating_mul(1_000)
    }

    const fn one_us(self) -> u64 {
        let count = if self.count == 0 { 1 } else { self.count };
        self.window_us() / count as u64
    }
}

impl<K: Hash + Eq + Clone> Rates<K> {
    /// Rates of at most so many keys at once.
    #[must_use]
    pub fn new(keys_max: usize) -> Self {
        Self { paid_off_us: IndexMap::new(), keys_max, swept: Moment(0) }
    }

    /// Whether the key may do it now; milliseconds to wait where it may not. Spends nothing.
    ///
    /// # Errors
    /// Where it may not: the rate is used up, or there is no room for one more key.
    pub fn check(&mut self, now: Moment, key: &K, rate: Rate) -> Result<(), u64> {
        if rate.count == 0 {
            return Err(rate.window_ms);
        }
        let now_us = now.0.saturating_mul(1_000);
        let Some(paid_off) = self.paid_off_us.get(key).copied() else {
            return self.make_room(now);
        };
        let after = paid_off.max(now_us).saturating_add(rate.one_us());
        let over = after.saturating_sub(now_us).saturating_sub(rate.window_us().max(rate.one_us()));
        if over > 0 { Err((over / 1_000).max(1)) } else { Ok(()) }
    }

    /// The key did it.
    pub fn spend(&mut self, now: Moment, key: K, rate: Rate) {
        let now_us = now.0.saturating_mul(1_000);
        if self.paid_off_us.len() >= self.keys_max && !self.paid_off_us.contains_key(&key) {
            return;
        }
        let paid_off = self.paid_off_us.entry(key).or_insert(0);
        *paid_off = (*paid_off).max(now_us).saturating_add(rate.one_us());
    }

    /// Room for one more key: those that are paid off go. Where nobody is, whoever is new has to wait.
    fn make_room(&mut self, now: Moment) -> Result<(), u64> {
        if self.paid_off_us.len() < self.keys_max {
            return Ok(());
        }
        if now.since_ms(self.swept) >= SWEEP_MS {
            self.swept = now;
            let now_us = now.0.saturating_mul(1_000);
            self.paid_off_us.retain(|_, paid_off| *paid_off > now_us);
        }
        if self.paid_off_us.len() < self.keys_max { Ok(()) } else { Err(SWEEP_MS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn act(rates: &mut Rates<u32>, at_ms: u64, key: u32, rate: Rate) -> Result<(), u64> {
        let now = Moment(1_000_000 + at_ms);
        rates.check(now, &key, rate)?;
        rates.spend(now, key, rate);
        Ok(())
    }

    #[test]
    fn a_window_s_worth_comes_at_once_and_then_one_at_a_time() {
        let mut rates = Rates::new(10);
        let rate = Rate::per_window(5);
        let rows = [(0, Ok(())), (0, Ok(())), (0, Ok(())), (0, Ok(())), (0, Ok(())), (0, Err(2_000))];
        for (at, wanted) in rows {
            assert_eq!(act(&mut rates, at, 1, rate), wanted);
        }
        assert_eq!(act(&mut rates, 1_999, 1, rate), Err(1));
        assert_eq!(act(&mut rates, 2_000, 1, rate), Ok(()));
        assert_eq!(act(&mut rates, 2_000, 2, rate), Ok(()));
    }

    #[test]
    fn slow_mode_is_one_in_its_seconds() {
        let mut rates = Rates::new(10);
        let rate = Rate { count: 1, window_ms: 30_000 };
        assert_eq!(act(&mut rates, 0, 1, rate), Ok(()));
        assert_eq!(act(&mut rates, 10_000, 1, rate), Err(20_000));
        assert_eq!(act(&mut rates, 30_000, 1, rate), Ok(()));
    }

    #[test]
    fn at_the_limit_keys_are_kept_and_one_past_it_waits_for_those_that_are_paid_off() {
        let mut rates = Rates::new(2);
        let rate = Rate::per_window(1);
        assert_eq!(act(&mut rates, 0, 1, rate), Ok(()));
        assert_eq!(act(&mut rates, 0, 2, rate), Ok(()));
        assert_eq!(act(&mut rates, 0, 3, rate), Err(SWEEP_MS));
        assert_eq!(act(&mut rates, 500, 1, rate), Err(9_500));
        assert_eq!(act(&mut rates, 10_000, 3, rate), Ok(()));
    }

    proptest! {
        #[test]
        fn nobody_does_more_in_a_window_than_twice_the_rate(
            gaps in prop::collection::vec(0..2_000_u64, 1..200), count in 1..20_u32
        ) {
            let mut rates = Rates::new(1);
            let (mut at, mut done) = (0, Vec::new());
            for gap in gaps {
                at += gap;
                if act(&mut rates, at, 1, Rate::per_window(count)).is_ok() {
                    done.push(at);
                }
                let recent = done.iter().filter(|then| **then + WINDOW_MS > at).count();
                prop_assert!(recent <= 2 * count as usize, "{recent} of {count}");
            }
        }
    }
}
