//! What can be served of a rendition at one moment: an immutable picture, made anew at each change, shared by all.

use std::sync::Arc;

use bytes::Bytes;
use protocol::id::Digest;
use protocol::limits::BLOCKS_PER_SEGMENT_MAX;
use protocol::time::StreamTime;

use super::Phase;
use crate::window::{NamedInit, Segment};

/// One rendition at one moment.
#[derive(Clone, Debug)]
pub struct RenditionView {
    /// Its name in URLs.
    pub name: Arc<str>,
    /// What it is doing.
    pub phase: Phase,
    /// Its media playlist; `None` until a segment is whole, and once the presentation is gone.
    pub playlist: Option<Arc<str>>,
    /// Every segment that is available, oldest first; listed or not.
    pub segments: Vec<Arc<Segment>>,
    /// The segment that is arriving.
    pub growing: Option<GrowingView>,
    /// The initialization segment of what is arriving.
    pub init: Option<Arc<NamedInit>>,
    /// The number of the segment after all of these.
    pub next_msn: u64,
}

/// A segment that is arriving.
#[derive(Clone, Debug)]
pub struct GrowingView {
    /// Its media sequence number.
    pub msn: u64,
    /// Stream time of its first sample.
    pub start: StreamTime,
    /// Its final blocks.
    pub blocks: Vec<Bytes>,
    /// Their hashes.
    pub hashes: Vec<Digest>,
    /// The signed list of them, encoded; `None` until there is one.
    pub list: Option<Bytes>,
    /// Bytes that have arrived, those of the unfinished block too.
    pub arrived: u64,
}

/// The answer to a request for something of a segment; in order of precedence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// Here it is.
    Ready(T),
    /// It was here, or the segment was given up: it will not come back.
    Gone,
    /// There is no such thing, and will not be.
    Never,
    /// It is being made: wait.
    Due,
    /// Its time has not come.
    NotYet,
}

impl<T> Answer<T> {
    /// The same answer with another thing in it.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Ready(value) => Answer::Ready(change(value)),
            Self::Gone => Answer::Gone,
            Self::Never => Answer::Never,
            Self::Due => Answer::Due,
            Self::NotYet => Answer::NotYet,
        }
    }
}

impl RenditionView {
    /// The whole segment with that number.
    #[must_use]
    pub fn segment(&self, msn: u64) -> Option<&Arc<Segment>> {
        self.segments
            .binary_search_by_key(&msn, |segment| segment.msn)
            .ok()
            .and_then(|at| self.segments.get(at))
    }

    /// The initialization segment of that name.
    #[must_use]
    pub fn init(&self, name: &str) -> Option<&Arc<NamedInit>> {
        let listed = self.segments.iter().rev().map(|segment| &segment.init);
        self.init.iter().chain(listed).find(|init| init.name == name)
    }

    /// A block with its hash.
    #[must_use]
    pub fn block(&self, msn: u64, block: usize) -> Answer<(Bytes, Digest)> {
        if let Some(segment) = self.segment(msn) {
            let Some(body) = &segment.body else { return Answer::Gone };
            let found = body.whole.blocks.get(block).zip(body.whole.hashes.get(block));
            return found.map_or(Answer::Never, |(bytes, hash)| Answer::Ready((bytes.clone(), *hash)));
        }
        let growing = self.growing.as_ref().filter(|growing| growing.msn == msn);
        match growing.and_then(|growing| growing.blocks.get(block).zip(growing.hashes.get(block))) {
            Some((bytes, hash)) => Answer::Ready((bytes.clone(), *hash)),
            // Nobody waits for what cannot come.
            None if block >= usize::from(BLOCKS_PER_SEGMENT_MAX) => Answer::Never,
            None => self.absent(msn),
        }
    }

    /// The signed list that covers at least `blocks` blocks; a closing list covers any number.
    #[must_use]
    pub fn list(&self, msn: u64, blocks: usize) -> Answer<Bytes> {
        if let Some(segment) = self.segment(msn) {
            return segment.body.as_ref().map_or(Answer::Gone, |body| Answer::Ready(body.list.clone()));
        }
        let growing = self.growing.as_ref().filter(|growing| growing.msn == msn);
        match growing
            .filter(|growing| growing.blocks.len() >= blocks)
            .and_then(|growing| growing.list.clone())
        {
            Some(list) => Answer::Ready(list),
            None if blocks > usize::from(BLOCKS_PER_SEGMENT_MAX) => Answer::Never,
            None => self.absent(msn),
        }
    }

    /// What to say of a segment that is not, or not far enough, here.
    #[must_use]
    pub fn absent<T>(&self, msn: u64) -> Answer<T> {
        let due = self.growing.as_ref().map_or(self.next_msn, |growing| growing.msn);
        match self.phase {
            _ if msn < due => Answer::Gone,
            Phase::Absent | Phase::Ended { .. } => Answer::Never,
            // The growing one, and the one after it: whoever asks ahead of time waits for it.
            Phase::Live | Phase::Interrupted { .. } if msn <= due + 1 => Answer::Due,
            Phase::Live | Phase::Interrupted { .. } => Answer::NotYet,
        }
    }
}
