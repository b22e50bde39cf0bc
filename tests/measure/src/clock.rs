//! The one place of a bench that reads a clock.

use std::time::Duration;

/// Microseconds since the bench started.
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
    pub fn now_us(self) -> u64 {
        us(self.start.elapsed())
    }
}

/// A duration in microseconds.
#[must_use]
pub fn us(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
