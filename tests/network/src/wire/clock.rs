//! The one place of the wires that reads a clock and waits for it.

use std::time::{Duration, Instant};

/// The time.
#[expect(clippy::disallowed_methods, reason = "the wires' clock: everything else is given the time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Returns when it is `moment`.
#[expect(
    clippy::disallowed_methods,
    reason = "a wire's length is time, and nothing else would wake its far end"
)]
pub(crate) fn wait_until(moment: Instant) {
    let left = moment.saturating_duration_since(now());
    if left > Duration::ZERO {
        std::thread::sleep(left);
    }
}
