//! Numbers and arrays of JavaScript as the engine's types, and back.

use protocol::id::{Digest, InfoHash, PeerId, Rendition, Segment, SegmentKey};
use protocol::time::{Instant, StreamTime};
use swarm::io::Listed;

/// `performance.now()` as the engine's time.
pub(crate) fn instant(now_ms: f64) -> Instant {
    Instant(unsigned(now_ms * 1_000.0))
}

/// The engine's time as `performance.now()`; never is infinite.
pub(crate) fn millis(at: Instant) -> f64 {
    if at == Instant::NEVER { f64::INFINITY } else { at.0 as f64 / 1_000.0 }
}

/// A double as an unsigned integer: what is negative or no number is 0.
pub(crate) fn unsigned(value: f64) -> u64 {
    value as u64
}

/// Milliseconds of stream time.
pub(crate) fn stream_time(ms: f64) -> StreamTime {
    StreamTime(unsigned(ms))
}

/// A segment of a rendition.
pub(crate) fn segment_key(rendition: u8, segment: f64) -> SegmentKey {
    SegmentKey::new(Rendition(rendition), Segment(unsigned(segment)))
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

/// Rows of four: rendition, segment, start in milliseconds of stream time, duration in milliseconds. What is left of an
/// incomplete row is ignored.
pub(crate) fn listed(rows: &[f64]) -> Vec<Listed> {
    let (rows, _) = rows.as_chunks::<4>();
    rows.iter()
        .map(|[rendition, segment, start, duration]| Listed {
            segment: segment_key(*rendition as u8, *segment),
            start: stream_time(*start),
            duration_ms: *duration as u32,
        })
        .collect()
}
