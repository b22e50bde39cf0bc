//! The one place that reads the clock.

use protocol::time::Instant;

/// A monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(std::time::Instant);

impl Clock {
    /// Begins at zero, now.
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock.rs")]
    pub(crate) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// The moment, since the start.
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock.rs")]
    pub(crate) fn now(&self) -> Instant {
        let elapsed = std::time::Instant::now().saturating_duration_since(self.0);
        Instant(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX))
    }
}
