//! Ground truth: what the world itself saw each byte do. Nothing here is asked of an engine.

use protocol::id::BlockKey;
use protocol::time::{Duration, Instant};
use swarm::report::Stats;

use crate::mesh::ViewerId;
use crate::scenario::Span;
use crate::stream::Stream;

/// What was spent on the segments, and who was there to watch them.
#[derive(Debug)]
pub struct Books {
    sheets: Vec<Sheet>,
    window: Span,
    /// Seconds behind live, in milliseconds, sampled at every report of a playhead within the window.
    pub behind_ms: Vec<u32>,
}

/// One segment.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Viewers present when it was published; `None` while it is not, or where its publication is not judged.
    pub present: Option<u32>,
    /// Its size.
    pub bytes: u64,
    /// Body bytes that the origin spent on each of its blocks.
    pub spent: Vec<u64>,
    /// Size of each of its blocks.
    pub sizes: Vec<u64>,
}

/// What one viewer did.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// When it came.
    pub joined: Instant,
    /// Verified bodies from the origin.
    pub origin_bytes: u64,
    /// Verified bodies from viewers.
    pub peer_bytes: u64,
    /// Segments that the player loaded by itself.
    pub plain_bytes: u64,
    /// Of those from viewers: from the same network, from the same region, and from the operator's own peers.
    pub network_bytes: u64,
    /// See `network_bytes`.
    pub region_bytes: u64,
    /// See `network_bytes`.
    pub super_peer_bytes: u64,
    /// Bodies that it sent to viewers, counted when handed over.
    pub sent_bytes: u64,
    /// Bodies that it received and that were wrong.
    pub bad_bytes: u64,
    /// Bodies that the origin spent on it.
    pub spent_bytes: u64,
    /// Bodies that the origin spent on it, for judged segments.
    pub judged_bytes: u64,
    /// Messages sent, data included.
    pub messages: u64,
    /// How long it watched within the window.
    pub watched: Duration,
    /// What its engine said of itself when it left.
    pub told: Option<Box<Stats>>,
    /// When it did not watch what was published, because it slept.
    pub asleep: Vec<Span>,
    /// The segments that its player got, a bit each by their places.
    segments: Vec<u64>,
}

impl Account {
    /// All that it downloaded of the stream.
    #[must_use]
    pub const fn got_bytes(&self) -> u64 {
        self.origin_bytes + self.peer_bytes + self.plain_bytes
    }

    /// Its player got the segment at this place.
    pub fn got(&mut self, place: usize) {
        if self.segments.len() <= place / 64 {
            self.segments.resize(place / 64 + 1, 0);
        }
        self.segments[place / 64] |= 1 << (place % 64);
    }

    /// Its player has got the segment at this place.
    #[must_use]
    pub fn has(&self, place: usize) -> bool {
        self.segments.get(place / 64).is_some_and(|bits| bits & (1 << (place % 64)) != 0)
    }
}

impl Books {
    /// Empty books for a stream.
    #[must_use]
    pub fn new(stream: &Stream, window: Span) -> Self {
        let sheets = stream.segments().iter().map(|made| {
            let sizes: Vec<u64> =
                (0..made.blocks()).map(|at| u64::from(made.block_bytes(protocol::id::Block(at)))).collect();
            Sheet { present: None, bytes: u64::from(made.bytes), spent: vec![0; sizes.len()], sizes }
        });
        Self { sheets: sheets.collect(), window, behind_ms: Vec::new() }
    }

    /// The segment at `place` is published while so many viewers are present.
    pub fn publish(&mut self, now: Instant, place: usize, present: u32) {
        if self.window.holds(now)
            && let Some(sheet) = self.sheets.get_mut(place)
        {
            sheet.present = Some(present);
        }
    }

    /// The origin spent `bytes` on one block. Answers how many of them are judged.
    pub fn spend(&mut self, stream: &Stream, block: BlockKey, bytes: u64) -> u64 {
        let Some(place) = stream.place(block.segment) else { return 0 };
        if let Some(spent) = self.sheets[place].spent.get_mut(usize::from(block.block.0)) {
            *spent += bytes;
        }
        if self.judged(stream, place) { bytes } else { 0 }
    }

    /// The origin spent a whole segment. Answers how many of its bytes are judged.
    pub fn spend_segment(&mut self, stream: &Stream, place: usize) -> u64 {
        let sheet = &mut self.sheets[place];
        for (spent, size) in sheet.spent.iter_mut().zip(&sheet.sizes) {
            *spent += size;
        }
        let bytes = sheet.bytes;
        if self.judged(stream, place) { bytes } else { 0 }
    }

    /// The origin spent a segment from this byte on. Answers how many of these bytes are judged.
    pub fn spend_rest(&mut self, stream: &Stream, place: usize, from: u32) -> u64 {
        let sheet = &mut self.sheets[place];
        let (mut skip, mut bytes) = (u64::from(from), 0);
        for (spent, size) in sheet.spent.iter_mut().zip(&sheet.sizes) {
            let rest = size.saturating_sub(skip);
            skip = skip.saturating_sub(*size);
            *spent += rest;
            bytes += rest;
        }
        if self.judged(stream, place) { bytes } else { 0 }
    }

    fn judged(&self, stream: &Stream, place: usize) -> bool {
        self.window.holds(stream.segments()[place].closed)
    }

    /// Segments that were published in the window.
    pub fn judged_sheets(&self) -> impl Iterator<Item = &Sheet> {
        self.sheets.iter().filter(|sheet| sheet.present.is_some())
    }

    /// The segment at `place`.
    #[must_use]
    pub fn sheet(&self, place: usize) -> Option<&Sheet> {
        self.sheets.get(place)
    }

    /// The judged window.
    #[must_use]
    pub fn window(&self) -> Span {
        self.window
    }
}

/// What went wrong in a run: nothing, or the run is worth nothing.
#[derive(Debug, Default)]
pub struct Violations {
    /// The first of them, in words.
    pub first: Vec<String>,
    /// How many there were.
    pub count: u64,
    /// How many of them were wrong blocks played or passed on.
    pub bad_blocks: u64,
}

impl Violations {
    /// Violations told in words; the others are only counted.
    const TOLD_MAX: usize = 20;

    /// Notes a violation.
    pub fn note(&mut self, now: Instant, viewer: ViewerId, what: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < Self::TOLD_MAX {
            self.first.push(format!("{:.3} s, viewer {}: {}", seconds(now), viewer.0, what()));
        }
    }
}

/// A moment in seconds, for people.
#[must_use]
pub fn seconds(at: Instant) -> f64 {
    at.since(Instant::ZERO).as_secs_f64()
}
