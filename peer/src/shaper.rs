//! The cap on what a process sends: whoever sends next waits until what was sent before has had its time.

use std::sync::{Arc, Mutex, PoisonError};

use protocol::time::{Duration, Instant};

/// Shared by all links of a process.
#[derive(Clone, Debug)]
pub(crate) struct Shaper {
    kbit: u32,
    free: Arc<Mutex<Instant>>,
}

impl Shaper {
    /// A cap in kbit/s; 0 is none.
    pub(crate) fn new(kbit: u32) -> Self {
        Self { kbit, free: Arc::new(Mutex::new(Instant::ZERO)) }
    }

    /// When so many bytes may go out that are there now; their time is taken.
    pub(crate) fn reserve(&self, bytes: usize, now: Instant) -> Instant {
        if self.kbit == 0 {
            return now;
        }
        let micros = (bytes as u64).saturating_mul(8_000) / u64::from(self.kbit);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let start = now.max(*free);
        *free = start + Duration::from_micros(micros);
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_out_at_the_cap_and_no_time_is_saved_up() {
        let shaper = Shaper::new(800);
        let at = Instant::from_millis;
        assert_eq!(shaper.reserve(10_000, at(1_000)), at(1_000));
        assert_eq!(shaper.reserve(10_000, at(1_000)), at(1_100));
        assert_eq!(shaper.reserve(10_000, at(5_000)), at(5_000));
        assert_eq!(Shaper::new(0).reserve(usize::MAX, at(7)), at(7));
    }
}
