//! The clock of a server's shell: everything inside is given the time.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::time::{Duration, Instant};

/// Microseconds since the server started.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: std::time::Instant,
}

impl Clock {
    /// A clock that shows zero now.
    #[expect(clippy::disallowed_methods, reason = "the shell's clock: everything else is given the time")]
    #[must_use]
    pub fn start() -> Self {
        Self { start: std::time::Instant::now() }
    }

    /// The time.
    #[must_use]
    pub fn now(self) -> Instant {
        Instant::ZERO + self.start.elapsed().into()
    }
}

/// Since 1970; zero on a machine whose clock says that it is earlier.
#[expect(clippy::disallowed_methods, reason = "the shell's clock: everything else is given the time")]
#[must_use]
pub fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().into()
}
