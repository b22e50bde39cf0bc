//! The only place that reads clocks.

use std::time::{Instant as Monotonic, SystemTime, UNIX_EPOCH};

use protocol::time::{Instant, StreamTime};

use crate::stream::Now;

/// The process's clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Monotonic,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    pub(crate) fn start() -> Self {
        Self { origin: Monotonic::now() }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    pub(crate) fn now(&self) -> Now {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let elapsed = Monotonic::now().duration_since(self.origin);
        Now {
            instant: Instant(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)),
            date: StreamTime(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}
