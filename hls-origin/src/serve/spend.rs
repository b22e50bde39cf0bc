//! What the origin spent: body bytes by object class for `/metrics`, and by segment for `/ops/spend`.
//!
//! A byte counts when the connection takes it, not when the response is made, so an aborted response counts only as
//! far as it went.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use protocol::time::{Duration, Instant, StreamTime};
use serde::Serialize;

/// How long a segment's account is kept once the segment is made.
const KEPT: Duration = Duration::from_secs(600);
/// Accounts kept of one stream, at most: ten minutes of 2 s segments in eight renditions.
const ACCOUNTS_MAX: usize = 2_400;

/// What kind of object a body is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Playlist,
    Init,
    Segment,
    Block,
    List,
    Other,
}

impl Class {
    pub(super) const ALL: [Self; 6] =
        [Self::Playlist, Self::Init, Self::Segment, Self::Block, Self::List, Self::Other];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Playlist => "playlist",
            Self::Init => "init",
            Self::Segment => "segment",
            Self::Block => "block",
            Self::List => "list",
            Self::Other => "other",
        }
    }
}

/// Body bytes and responses of the process, by class.
#[derive(Debug, Default)]
pub(super) struct Totals([(AtomicU64, AtomicU64); 6]);

impl Totals {
    fn of(&self, class: Class) -> &(AtomicU64, AtomicU64) {
        &self.0[class as usize]
    }

    pub(super) fn add_bytes(&self, class: Class, bytes: u64) {
        self.of(class).0.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn add_response(&self, class: Class) {
        self.of(class).1.fetch_add(1, Ordering::Relaxed);
    }

    /// Body bytes and responses.
    pub(super) fn read(&self, class: Class) -> (u64, u64) {
        let (bytes, responses) = self.of(class);
        (bytes.load(Ordering::Relaxed), responses.load(Ordering::Relaxed))
    }
}

/// What one segment cost.
#[derive(Debug)]
pub(super) struct Account {
    rendition: Arc<str>,
    msn: u64,
    start: StreamTime,
    made: Instant,
    bytes: AtomicU64,
    block_bytes: AtomicU64,
    segment_bytes: AtomicU64,
    requests: AtomicU64,
    block_requests: Mutex<Vec<u32>>,
}

/// An account as `/ops/spend` shows it.
#[derive(Debug, Serialize)]
pub(super) struct Spent {
    stream: String,
    rendition: String,
    msn: u64,
    start_ms: u64,
    /// The segment's size; 0 while it grows.
    bytes: u64,
    sent_bytes: u64,
    sent_block_bytes: u64,
    sent_segment_bytes: u64,
    requests: u64,
    block_requests: Vec<u32>,
}

impl Account {
    pub(super) fn set_size(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    pub(super) fn add_bytes(&self, class: Class, bytes: u64) {
        let counter = if class == Class::Block { &self.block_bytes } else { &self.segment_bytes };
        counter.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn on_request(&self, block: Option<usize>) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let Some(block) =
            block.filter(|block| *block < usize::from(protocol::limits::BLOCKS_PER_SEGMENT_MAX))
        else {
            return;
        };
        let mut counts = self.block_requests.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() <= block {
            counts.resize(block + 1, 0);
        }
        counts[block] += 1;
    }

    fn spent(&self, stream: &str) -> Spent {
        let (block, segment) =
            (self.block_bytes.load(Ordering::Relaxed), self.segment_bytes.load(Ordering::Relaxed));
        Spent {
            stream: stream.to_owned(),
            rendition: self.rendition.to_string(),
            msn: self.msn,
            start_ms: self.start.0,
            bytes: self.bytes.load(Ordering::Relaxed),
            sent_bytes: block + segment,
            sent_block_bytes: block,
            sent_segment_bytes: segment,
            requests: self.requests.load(Ordering::Relaxed),
            block_requests: self.block_requests.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

/// The accounts of one stream.
#[derive(Debug, Default)]
pub(super) struct Accounts(Mutex<BTreeMap<(u64, usize), Arc<Account>>>);

impl Accounts {
    /// The account of a segment, opened where there is none.
    pub(super) fn open(
        &self,
        rendition: (usize, &Arc<str>),
        msn: u64,
        start: StreamTime,
        now: Instant,
    ) -> Arc<Account> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let old = |account: &Account| now.since(account.made) > KEPT;
        while accounts.len() >= ACCOUNTS_MAX
            || accounts.first_key_value().is_some_and(|(_, first)| old(first))
        {
            accounts.pop_first();
        }
        let (index, name) = rendition;
        let account = accounts.entry((msn, index)).or_insert_with(|| {
            Arc::new(Account {
                rendition: Arc::clone(name),
                msn,
                start,
                made: now,
                bytes: AtomicU64::new(0),
                block_bytes: AtomicU64::new(0),
                segment_bytes: AtomicU64::new(0),
                requests: AtomicU64::new(0),
                block_requests: Mutex::default(),
            })
        });
        Arc::clone(account)
    }

    pub(super) fn find(&self, rendition: usize, msn: u64) -> Option<Arc<Account>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(msn, rendition)).cloned()
    }

    pub(super) fn spent(&self, stream: &str) -> Vec<Spent> {
        let accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.values().map(|account| account.spent(stream)).collect()
    }
}
