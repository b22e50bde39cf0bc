//! The one place of the chat edge that reads a clock.

use protocol::time::Instant;

/// Microseconds since the chat edge started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    start: std::time::Instant,
}

impl Clock {
    /// A clock that shows zero now.
    #[expect(clippy::disallowed_methods, reason = "the shell's clock: everything else is given the time")]
    pub(super) fn start() -> Self {
        Self { start: std::time::Instant::now() }
    }

    /// The time.
    pub(super) fn now(self) -> Instant {
        Instant::ZERO + self.start.elapsed().into()
    }
}
