//! Numbers and arrays of JavaScript as the engine's types, and back.

use protocol::id::{Digest, InfoHash, PeerId, Rendition, Segment, SegmentKey};
use protocol::time::{Instant, StreamTime};
use swarm::io::Listed;

/// The fields of an input; one that is missing, negative or no number is 0, one that is too large the largest.
#[derive(Clone, Copy)]
pub(crate) struct Numbers<'a>(pub(crate) &'a [f64]);

impl Numbers<'_> {
    pub(crate) fn u64(self, at: usize) -> u64 {
        self.0.get(at).map_or(0, |value| *value as u64)
    }

    pub(crate) fn u32(self, at: usize) -> u32 {
        self.0.get(at).map_or(0, |value| *value as u32)
    }

    pub(crate) fn flag(self, at: usize) -> bool {
        self.u32(at) == 1
    }

    pub(crate) fn stream_time(self, at: usize) -> StreamTime {
        StreamTime(self.u64(at))
    }

    /// Rendition at this place, segment at the next.
    pub(crate) fn segment(self, at: usize) -> SegmentKey {
        SegmentKey::new(Rendition(self.u32(at) as u8), Segment(self.u64(at + 1)))
    }
}

/// `performance.now()` as the engine's time.
pub(crate) fn instant(now_ms: f64) -> Instant {
    Instant((now_ms * 1_000.0) as u64)
}

/// The engine's time as `performance.now()`; never is infinite.
pub(crate) fn millis(at: Instant) -> f64 {
    if at == Instant::NEVER { f64::INFINITY } else { at.0 as f64 / 1_000.0 }
}

/// Twenty bytes.
pub(crate) fn peer_id(bytes: &[u8]) -> Option<PeerId> {
    bytes.try_into().ok().map(PeerId)
}

/// Twenty bytes.
pub(crate) fn info_hash(bytes: &[u8]) -> Option<InfoHash> {
    bytes.try_into().ok().map(InfoHash)
}

/// Thirty-two bytes; an array of another length matches no block.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest(bytes.try_into().unwrap_or([0; 32]))
}

/// UTF-8, as `TextEncoder` writes it.
pub(crate) fn text(bytes: &[u8]) -> &str {
    protocol::pack::text(bytes).unwrap_or_default()
}

/// Rows of four: rendition, segment, start in milliseconds of stream time, duration in milliseconds. What is left of an
/// incomplete row is ignored.
pub(crate) fn listed(rows: &[f64]) -> Vec<Listed> {
    let row = |row: &[f64; 4]| {
        let fields = Numbers(row);
        Listed { segment: fields.segment(0), start: fields.stream_time(2), duration_ms: fields.u32(3) }
    };
    rows.as_chunks::<4>().0.iter().map(row).collect()
}
