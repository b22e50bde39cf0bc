//! The one place of the tracker that reads a clock.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::time::Instant;

/// Microseconds since the tracker started.
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

    /// Seconds since 1970, as tokens say when they end.
    #[expect(clippy::disallowed_methods, reason = "the shell's clock: everything else is given the time")]
    pub(super) fn unix_s() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}
