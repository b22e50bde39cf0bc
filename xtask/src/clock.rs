//! The only place of this package that reads a clock or waits for one.

use std::time::{Duration, Instant, SystemTime};

/// Now, on the clock that never goes back.
#[expect(clippy::disallowed_methods, reason = "this is the package's clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Now, in milliseconds since 1970 (UTC): what the test picture's clock shows.
#[expect(clippy::disallowed_methods, reason = "this is the package's clock")]
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Waits: the test source paces its frames so, and supervision its polls.
#[expect(
    clippy::disallowed_methods,
    reason = "pacing a picture, and polling processes, is waiting for the clock"
)]
pub(crate) fn wait(duration: Duration) {
    std::thread::sleep(duration);
}

/// `12 s` or `3 min 05 s`, since `start`.
pub(crate) fn elapsed(start: Instant) -> String {
    let seconds = now().duration_since(start).as_secs();
    match seconds / 60 {
        0 => format!("{seconds} s"),
        minutes => format!("{minutes} min {:02} s", seconds % 60),
    }
}
