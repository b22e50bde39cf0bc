//! The one place of a bench that reads a clock, and waits for it.

use std::time::Duration;

/// Time since the bench started.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: std::time::Instant,
}

impl Clock {
    /// A clock that shows zero now.
    #[expect(clippy::disallowed_methods, reason = "the bench's clock: everything else is given the time")]
    #[must_use]
    pub fn start() -> Self {
        Self { start: std::time::Instant::now() }
    }

    /// The time.
    #[must_use]
    pub fn now(self) -> Duration {
        self.start.elapsed()
    }

    /// The time, in microseconds.
    #[must_use]
    pub fn now_us(self) -> u64 {
        us(self.now())
    }

    /// Holds the thread until it is `due`, as exactly as the system wakes one.
    pub fn wait_until(self, due: Duration) {
        loop {
            let left = due.saturating_sub(self.now());
            if left.is_zero() {
                return;
            }
            std::thread::park_timeout(left);
        }
    }

    /// Holds the thread for so long.
    pub fn rest(self, span: Duration) {
        self.wait_until(self.now() + span);
    }
}

/// A duration in microseconds.
#[must_use]
pub fn us(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
