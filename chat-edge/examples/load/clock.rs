//! The one place of the load generator that reads a clock.

use std::time::{Duration, Instant};

/// Time since the start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    /// It shows zero now.
    #[expect(clippy::disallowed_methods, reason = "the shell's clock: everything else is given the time")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// The time.
    pub(crate) fn now(self) -> Duration {
        self.0.elapsed()
    }
}
