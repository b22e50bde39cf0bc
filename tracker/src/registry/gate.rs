//! How fast newcomers are let in.
//!
//! When a tracker restarts, everybody is back within seconds. As many a second are let in as the operator says the
//! machine can serve; each of the others is told when its turn is, one after another, so that they do not come back
//! together. Who is in already is never held up, and links that are open need no tracker.
//!
//! The rate is a meter in virtual time (the generic cell rate algorithm, ITU-T I.371) with one second's worth at once.

use protocol::time::{Duration, Instant};

/// So much of the rate may come at once.
const AHEAD: Duration = Duration::from_secs(1);

/// The gate.
#[derive(Debug)]
pub struct Gate {
    /// When all who were let in are earned.
    earned: Instant,
    /// The last turn that somebody was told.
    told: Instant,
}

impl Default for Gate {
    fn default() -> Self {
        Self { earned: Instant::ZERO, told: Instant::ZERO }
    }
}

impl Gate {
    /// One newcomer: let in, or told how long to wait, at most `wait_max`. A rate of 0 lets everybody in.
    ///
    /// # Errors
    /// Where it is not this one's turn: the time until then.
    pub fn admit(&mut self, now: Instant, per_s: u32, wait_max: Duration) -> Result<(), Duration> {
        if per_s == 0 {
            return Ok(());
        }
        let turn = Duration::from_micros(1_000_000 / u64::from(per_s));
        let earned = self.earned.max(now) + turn;
        if earned - now <= AHEAD.max(turn) {
            self.earned = earned;
            return Ok(());
        }
        // Past the longest wait the turns begin again: they would be no truer for being later.
        let told = self.told.max(now + AHEAD) + turn;
        self.told = if told - now > wait_max { now + AHEAD } else { told };
        Err(self.told - now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(5_000_000);
    const LONGEST: Duration = Duration::from_secs(120);

    #[test]
    fn a_second_s_worth_comes_at_once_and_the_others_are_told_their_turns() {
        let mut gate = Gate::default();
        let mut waits = Vec::new();
        for _ in 0..300 {
            waits.extend(gate.admit(NOW, 100, LONGEST).err());
        }
        assert_eq!(waits.len(), 200);
        let after = |ms| Duration::from_millis(ms);
        assert_eq!((waits[0], waits[1], waits[199]), (after(1_010), after(1_020), after(3_000)));
        // They come back as told, and all are let in.
        for wait in waits {
            assert_eq!(gate.admit(NOW + wait, 100, LONGEST), Ok(()), "{wait:?}");
        }
    }

    #[test]
    fn without_a_rate_everybody_is_let_in_and_with_one_a_second_one_a_second() {
        let mut gate = Gate::default();
        assert!((0..10_000).all(|_| gate.admit(NOW, 0, LONGEST).is_ok()));
        assert_eq!(gate.admit(NOW, 1, LONGEST), Ok(()));
        assert!(gate.admit(NOW + Duration::from_millis(999), 1, LONGEST).is_err());
        assert_eq!(gate.admit(NOW + Duration::from_secs(1), 1, LONGEST), Ok(()));
    }

    #[test]
    fn nobody_is_told_to_wait_longer_than_the_longest() {
        let mut gate = Gate::default();
        let waits: Vec<_> = (0..10_000).filter_map(|_| gate.admit(NOW, 10, LONGEST).err()).collect();
        assert!(waits.iter().all(|wait| (Duration::from_secs(1)..=LONGEST).contains(wait)));
    }
}
