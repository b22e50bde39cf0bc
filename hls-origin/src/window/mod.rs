//! What a playlist lists, and how long a segment stays available once it no longer does.
//!
//! RFC 8216 §6.2.2: a segment leaves only while three target durations remain listed; afterwards it stays available
//! for its own duration and that of the longest playlist that held it. The RFC counts from the removal, later drafts
//! from the first appearance; the window counts from the removal, which is the later, and adds a margin.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use protocol::id::Digest;
use protocol::time::{Duration, Instant, StreamTime};

use crate::blocks::Whole;
use crate::ingest::Init;

/// Segments kept beside the listed ones, at most: with the shortest sensible target of one second and the default
/// margin, 54 are due.
const RETIRED_MAX: usize = 128;

/// An initialization segment under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedInit {
    /// The file name: `{session}-init.mp4`.
    pub name: String,
    /// What it holds.
    pub init: Init,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// A segment that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its media sequence number.
    pub msn: u64,
    /// The file name: `{session}-{msn}.m4s`.
    pub name: String,
    /// Stream time of its first sample.
    pub start: StreamTime,
    /// Its duration in microseconds.
    pub duration_us: u64,
    /// It is behind an EXT-X-DISCONTINUITY.
    pub discontinuity: bool,
    /// Its discontinuity sequence number, its own discontinuity counted.
    pub dsn: u64,
    /// What it is decoded with.
    pub init: Arc<NamedInit>,
    /// Its bytes; `None` where the publisher was away and the segment exists only in the other renditions (EXT-X-GAP).
    pub body: Option<Body>,
}

/// The bytes of a segment and the proof of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The bytes.
    pub whole: Whole,
    /// The signed list that closes the segment, encoded.
    pub list: Bytes,
}

/// Listed segments, then retired ones until they may go.
#[derive(Clone, Debug)]
pub struct Window {
    listed: VecDeque<Arc<Segment>>,
    retired: VecDeque<(Arc<Segment>, Instant)>,
    listed_max: usize,
    margin: Duration,
    longest: Duration,
}

impl Window {
    /// A window that lists `listed_max` segments, and keeps what leaves `margin` longer than it must.
    #[must_use]
    pub fn new(listed_max: usize, margin: Duration) -> Self {
        let (listed, retired) = (VecDeque::new(), VecDeque::new());
        Self { listed, retired, listed_max, margin, longest: Duration::ZERO }
    }

    /// Segments that it lists, at most, once there are enough.
    #[must_use]
    pub const fn listed_max(&self) -> usize {
        self.listed_max
    }

    /// Lists a segment; the oldest leave as far as the rules allow.
    pub fn push(&mut self, segment: Arc<Segment>, target: Duration, now: Instant) {
        self.listed.push_back(segment);
        self.longest = self.longest.max(self.duration());
        while self.listed.len() > self.listed_max {
            let first = self.listed.front().map_or(Duration::ZERO, |first| first.duration());
            if self.duration().saturating_sub(first) < target * 3 {
                break;
            }
            self.retire_first(now);
        }
        self.expire(now);
    }

    /// A new playlist begins: everything listed leaves.
    pub fn restart(&mut self, now: Instant) {
        while !self.listed.is_empty() {
            self.retire_first(now);
        }
    }

    /// Drops what need no longer be available.
    pub fn expire(&mut self, now: Instant) {
        let over = |(_, until): &(Arc<Segment>, Instant)| *until <= now;
        while self.retired.front().is_some_and(over) || self.retired.len() > RETIRED_MAX {
            self.retired.pop_front();
        }
    }

    /// The listed segments, oldest first.
    pub fn listed(&self) -> impl DoubleEndedIterator<Item = &Arc<Segment>> + ExactSizeIterator {
        self.listed.iter()
    }

    /// Everything available, oldest first.
    pub fn available(&self) -> impl DoubleEndedIterator<Item = &Arc<Segment>> {
        self.retired.iter().map(|(segment, _)| segment).chain(&self.listed)
    }

    /// How long an ended playlist, and what it lists, stays.
    #[must_use]
    pub fn afterlife(&self) -> Duration {
        self.longest + self.margin
    }

    fn duration(&self) -> Duration {
        self.listed.iter().map(|segment| segment.duration()).sum()
    }

    fn retire_first(&mut self, now: Instant) {
        if let Some(segment) = self.listed.pop_front() {
            let until = now + segment.duration() + self.longest + self.margin;
            self.retired.push_back((segment, until));
        }
    }
}

impl Segment {
    /// Its duration.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        Duration::from_micros(self.duration_us)
    }

    /// Its duration in whole milliseconds, at least one.
    #[must_use]
    pub fn duration_ms(&self) -> u32 {
        u32::try_from(self.duration_us.div_ceil(1_000)).unwrap_or(u32::MAX).max(1)
    }
}

#[cfg(test)]
mod tests;
