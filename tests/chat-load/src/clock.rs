//! The one place of the bench that reads a clock and waits for it.

use std::time::{Duration, Instant};

/// Time since the start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    /// It shows zero now.
    #[expect(clippy::disallowed_methods, reason = "the bench's clock: everything else is given the time")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// The time.
    pub(crate) fn now(self) -> Duration {
        self.0.elapsed()
    }

    /// Waits until it is `due`, as exactly as the system wakes a thread.
    pub(crate) fn wait_until(self, due: Duration) {
        loop {
            let left = due.saturating_sub(self.now());
            if left.is_zero() {
                return;
            }
            std::thread::park_timeout(left);
        }
    }

    /// Waits.
    pub(crate) fn rest(self, span: Duration) {
        self.wait_until(self.now() + span);
    }
}
