//! GETs open at the origin: which, since when, and how long each may take.
//!
//! **Invariant:** every GET is answered, times out or is cancelled; none is forgotten.

use protocol::id::{BlockKey, SegmentKey};
use protocol::time::{Duration, Instant};

use crate::io::FetchId;
use crate::limits::{FETCH_PATIENCE, FETCH_PATIENCE_MAX, FETCH_RETRY, FETCH_RETRY_MAX};

/// What a GET is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Block(BlockKey),
    List(SegmentKey),
}

/// One open GET.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Get {
    pub(crate) fetch: FetchId,
    pub(crate) what: What,
    /// It may wait at the origin for what does not exist yet.
    pub(crate) ahead: bool,
    pub(crate) since: Instant,
    until: Instant,
}

/// The open GETs.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    gets: Vec<Get>,
    next: u32,
}

impl Origin {
    /// Opens a GET; `fails` earlier ones make it more patient, and so does `wait`, the time it may wait at the origin.
    pub(crate) fn open(&mut self, what: What, fails: u8, wait: Option<Duration>, now: Instant) -> FetchId {
        let fetch = FetchId(self.next);
        self.next = self.next.wrapping_add(1);
        let patience = doubled(FETCH_PATIENCE, fails, FETCH_PATIENCE_MAX) + wait.unwrap_or_default();
        self.gets.push(Get { fetch, what, ahead: wait.is_some(), since: now, until: now + patience });
        fetch
    }

    /// Ends a GET.
    pub(crate) fn close(&mut self, fetch: FetchId) -> Option<Get> {
        let place = self.gets.iter().position(|get| get.fetch == fetch)?;
        Some(self.gets.swap_remove(place))
    }

    /// A GET whose patience is used up.
    pub(crate) fn overdue(&self, now: Instant) -> Option<Get> {
        self.gets.iter().find(|get| get.until <= now).copied()
    }

    /// When the next GET's patience ends.
    pub(crate) fn next_deadline(&self) -> Instant {
        self.gets.iter().map(|get| get.until).min().unwrap_or(Instant::NEVER)
    }

    pub(crate) const fn len(&self) -> usize {
        self.gets.len()
    }

    /// GETs of blocks that exist.
    pub(crate) fn downloads(&self) -> usize {
        self.gets.iter().filter(|get| matches!(get.what, What::Block(_)) && !get.ahead).count()
    }

    /// When the oldest GET of what exists was sent.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.gets.iter().filter(|get| !get.ahead).map(|get| get.since).min()
    }

    /// When it was sent.
    pub(crate) fn since(&self, fetch: FetchId) -> Instant {
        self.gets.iter().find(|get| get.fetch == fetch).map_or(Instant::NEVER, |get| get.since)
    }

    /// It was sent longer than so long ago, for a block that exists.
    pub(crate) fn is_late(&self, fetch: FetchId, span: Duration, now: Instant) -> bool {
        self.gets.iter().any(|get| get.fetch == fetch && !get.ahead && get.since + span <= now)
    }

    /// GETs of lists.
    pub(crate) fn lists(&self) -> usize {
        self.gets.iter().filter(|get| matches!(get.what, What::List(_))).count()
    }

    /// GETs that wait for what does not exist yet.
    pub(crate) fn waiting(&self) -> usize {
        self.gets.iter().filter(|get| get.ahead).count()
    }
}

/// The pause before the next try, after `fails` failures.
pub(crate) fn pause(fails: u8) -> Duration {
    doubled(FETCH_RETRY, fails.saturating_sub(1), FETCH_RETRY_MAX)
}

/// The pause after 503: what the origin says, within reason.
pub(crate) fn not_yet(retry_ms: u32) -> Duration {
    Duration::from_millis(u64::from(retry_ms)).clamp(FETCH_RETRY / 4, FETCH_RETRY_MAX)
}

fn doubled(first: Duration, times: u8, most: Duration) -> Duration {
    first.saturating_mul(1 << times.min(8)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_with_failures_up_to_its_maximum() {
        let mut origin = Origin::default();
        let what = What::List(SegmentKey::default());
        let first = origin.open(what, 0, None, Instant::ZERO);
        assert_eq!(origin.next_deadline(), Instant::ZERO + FETCH_PATIENCE);
        assert_eq!(origin.overdue(Instant::ZERO + FETCH_PATIENCE).map(|get| get.fetch), Some(first));
        assert!(origin.close(first).is_some());
        assert!(origin.close(first).is_none());
        origin.open(what, 200, None, Instant::ZERO);
        assert_eq!(origin.next_deadline(), Instant::ZERO + FETCH_PATIENCE_MAX);
    }

    #[test]
    fn the_oldest_get_is_that_of_what_exists() {
        let mut origin = Origin::default();
        let block = What::Block(BlockKey::default());
        origin.open(block, 0, Some(Duration::from_secs(2)), Instant(1));
        assert_eq!((origin.oldest(), origin.lists(), origin.waiting()), (None, 0, 1));
        let first = origin.open(What::List(SegmentKey::default()), 0, None, Instant(2));
        origin.open(block, 0, None, Instant(3));
        assert_eq!((origin.oldest(), origin.lists()), (Some(Instant(2)), 1));
        assert_eq!(origin.since(first), Instant(2));
        origin.close(first);
        assert_eq!((origin.oldest(), origin.since(first)), (Some(Instant(3)), Instant::NEVER));
    }

    #[test]
    fn pauses_double_up_to_their_maximum() {
        assert_eq!(pause(1), FETCH_RETRY);
        assert_eq!(pause(2), FETCH_RETRY * 2);
        assert_eq!(pause(255), FETCH_RETRY_MAX);
    }
}
