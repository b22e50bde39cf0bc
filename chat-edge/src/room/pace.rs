//! How long a room's messages gather before they go out together.
//!
//! A room has a few ticks in hand and gets one more every interval: somebody who speaks into silence is heard at once,
//! and so are the first answers. A room that speaks all the time has none in hand and ticks once an interval; the
//! interval grows with how many messages a tick had, up to its maximum.

use protocol::time::{Duration, Instant};

/// Ticks in hand at most: a remark and two answers.
const CREDIT_MAX: u32 = 3;
/// Messages in a tick from which the interval is the longest: at 20 messages a write, writing costs a twentieth.
const BUSY_MESSAGES: u32 = 20;

/// The shortest and the longest interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Of a room that has just become busy.
    pub tick_min: Duration,
    /// Of the busiest room.
    pub tick_max: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self { tick_min: Duration::from_millis(100), tick_max: Duration::from_millis(250) }
    }
}

/// The pace of one room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) config: Config,
    interval: Duration,
    /// When all the credit is there again; each tick moves it by an interval.
    full: Instant,
}

impl Pace {
    pub(super) const fn new(config: Config, now: Instant) -> Self {
        Self { config, interval: config.tick_min, full: now }
    }

    /// When the next tick may be.
    pub(super) const fn next(&self) -> Instant {
        let micros = self.interval.as_micros();
        // `full` less the credit that may be missing for one more tick.
        Instant(self.full.0.saturating_sub(micros.saturating_mul(CREDIT_MAX as u64 - 1)))
    }

    /// A tick went out with so many messages.
    pub(super) fn on_tick(&mut self, now: Instant, messages: usize) {
        let busy = u32::try_from(messages).unwrap_or(u32::MAX).min(BUSY_MESSAGES) - u32::from(messages > 0);
        let spread = self.config.tick_max.saturating_sub(self.config.tick_min);
        let before = self.interval.as_micros().max(1);
        self.interval = self.config.tick_min + spread * busy / (BUSY_MESSAGES - 1);
        let one = self.interval.as_micros();
        // Credit that is spent stays spent when the interval changes, down to fractions of a tick.
        let missing = self.full.since(now).as_micros().saturating_mul(one) / before;
        self.full = Instant(now.0 + (missing + one).min(one * u64::from(CREDIT_MAX)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Instant {
        Instant::from_millis(ms)
    }

    #[test]
    fn in_a_quiet_room_everything_goes_at_once() {
        let mut pace = Pace::new(Config::default(), ms(0));
        for second in 1..100 {
            for answer in 0..CREDIT_MAX {
                let now = ms(second * 1_000 + u64::from(answer));
                assert!(pace.next() <= now);
                pace.on_tick(now, 1);
            }
        }
    }

    #[test]
    fn a_busy_room_ticks_once_an_interval_which_grows_with_its_messages() {
        for (messages, interval) in [(1, 100), (20, 250), (1_000, 250)] {
            let mut pace = Pace::new(Config::default(), ms(0));
            let mut now = ms(1_000);
            for _ in 0..CREDIT_MAX + 2 {
                pace.on_tick(now, messages);
                now = now.max(pace.next());
            }
            let before = now;
            pace.on_tick(now, messages);
            assert_eq!(pace.next().since(before), Duration::from_millis(interval), "{messages}");
        }
    }

    #[test]
    fn messages_that_come_faster_than_the_interval_gather() {
        for (gap_ms, ticks) in [(25, 70..=90), (5, 40..=50), (1_000, 10..=10)] {
            let mut pace = Pace::new(Config::default(), ms(0));
            let (mut waiting, mut count) = (0, 0);
            for at in (gap_ms..=10_000).step_by(gap_ms) {
                waiting += 1;
                if pace.next() <= ms(at as u64) {
                    pace.on_tick(ms(at as u64), waiting);
                    (waiting, count) = (0, count + 1);
                }
            }
            assert!(ticks.contains(&count), "{gap_ms}: {count}");
        }
    }
}
