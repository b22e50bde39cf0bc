//! How busy the whole tracker is, and by how much everybody's interval is longer for it.
//!
//! Announces are counted in windows. A window over the maximum stretches all intervals by as much as it was over; one well
//! below it takes a tenth of that back: the interval follows the load up at once and down slowly, and does not swing.

use core::num::NonZeroU32;

use protocol::time::{Duration, Instant};

/// A window.
const WINDOW: Duration = Duration::from_secs(10);
/// Intervals are stretched to four times their length at most: viewers that are silent for longer are forgotten.
const STRETCH_MAX: u64 = 400;
const NONE: u64 = 100;

/// The load.
#[derive(Debug)]
pub struct Load {
    window: Instant,
    announces: u64,
    /// In hundredths.
    stretch: u64,
}

impl Default for Load {
    fn default() -> Self {
        Self { window: Instant::ZERO, announces: 0, stretch: NONE }
    }
}

impl Load {
    /// Somebody announced, where `per_s` announces a second are as many as there should be.
    pub fn count(&mut self, now: Instant, per_s: NonZeroU32) {
        let span = now - self.window;
        if span >= WINDOW {
            let planned = u64::from(per_s.get()) * span.as_millis() / 1_000;
            if self.announces > planned {
                let stretch = self.stretch.saturating_mul(self.announces) / planned.max(1);
                self.stretch = stretch.min(STRETCH_MAX);
            } else if self.announces < planned * 7 / 10 {
                self.stretch -= (self.stretch - NONE).div_ceil(10);
            }
            (self.window, self.announces) = (now, 0);
        }
        self.announces += 1;
    }

    /// An interval, as long as it should be now.
    #[must_use]
    pub fn stretched(&self, seconds: u32) -> u32 {
        u32::try_from(u64::from(seconds) * self.stretch / NONE).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stretch after so many seconds of so many announces each, of 100 that should be.
    fn after(load: &mut Load, from_s: u64, seconds: u64, per_s: u64) -> u32 {
        for second in from_s..from_s + seconds {
            for nth in 0..per_s {
                let now = Instant::from_millis(second * 1_000 + nth * 1_000 / per_s);
                load.count(now, NonZeroU32::new(100).unwrap());
            }
        }
        load.stretched(100)
    }

    #[test]
    fn a_busy_tracker_asks_for_longer_intervals_and_a_calm_one_takes_that_back_slowly() {
        let mut load = Load::default();
        assert_eq!(after(&mut load, 0, 30, 100), 100, "as many as there should be");
        let busy = after(&mut load, 30, 20, 150);
        assert!((145..=230).contains(&busy), "{busy}");
        assert_eq!(after(&mut load, 50, 100, 1_000), 400, "never more than four times");
        let calmer = after(&mut load, 150, 60, 10);
        assert!((200..400).contains(&calmer), "{calmer}");
        assert_eq!(after(&mut load, 210, 900, 10), 100);
    }
}
