//! The encoder's clock: when the next blocks will exist, as far as the past tells.
//!
//! Every proof that a stream time exists (a playlist that lists a segment, a closing list) bounds the time between
//! that stream time and our clock from above; the least of the last few is the estimate. Sizes of whole segments give
//! the number of blocks to expect.

use protocol::id::Block;
use protocol::limits::BLOCK_BYTES;
use protocol::time::{Duration, Instant, StreamTime};

/// Proofs remembered: 16 segments of 2 s span half a minute, in which a viewer's clock drifts by under 2 ms.
const PROOFS: usize = 16;

/// What is known of the encoder's pace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Encoder {
    /// Our clock less the stream's, in microseconds.
    offsets: Vec<i64>,
    /// The least of them.
    offset: Option<i64>,
    next: usize,
    /// Bytes of a whole segment, a moving mean; 0 while unknown.
    segment_bytes: u32,
    /// Duration of a whole segment in milliseconds, as the last one had it.
    duration_ms: u32,
}

impl Encoder {
    /// Media up to `end` exists at `now`.
    pub(crate) fn prove(&mut self, end: StreamTime, now: Instant) {
        let offset = now.0.cast_signed().wrapping_sub(end.0.cast_signed().wrapping_mul(1_000));
        if self.offsets.len() < PROOFS {
            self.offsets.push(offset);
        } else if let Some(slot) = self.offsets.get_mut(self.next) {
            *slot = offset;
        }
        self.offset = self.offsets.iter().min().copied();
        self.next = (self.next + 1) % PROOFS;
    }

    /// A whole segment had this size and duration.
    pub(crate) const fn measure(&mut self, bytes: u32, duration_ms: u32) {
        self.segment_bytes = match self.segment_bytes {
            0 => bytes,
            // A quarter of the news: segments of one encoder differ by some tens of percent.
            mean => mean - mean / 4 + bytes / 4,
        };
        self.duration_ms = duration_ms;
    }

    /// Another rendition has other sizes.
    pub(crate) const fn forget_sizes(&mut self) {
        self.segment_bytes = 0;
    }

    /// How long the next segment will be, in milliseconds.
    pub(crate) const fn duration_ms(&self, target_ms: u32) -> u32 {
        if self.duration_ms == 0 { target_ms } else { self.duration_ms }
    }

    /// Blocks to expect of a segment; 0 while unknown.
    pub(crate) const fn blocks(&self) -> u32 {
        self.segment_bytes.div_ceil(BLOCK_BYTES)
    }

    /// The bitrate of whole segments in kbit/s; 0 while unknown.
    pub(crate) fn rate_kbit(&self) -> u32 {
        self.segment_bytes.saturating_mul(8).checked_div(self.duration_ms).unwrap_or(0)
    }

    /// When the media at this stream time exists at the origin; `None` while nothing is known.
    pub(crate) fn time_of(&self, at: StreamTime) -> Option<Instant> {
        let micros = at.0.cast_signed().wrapping_mul(1_000).wrapping_add(self.offset?);
        Some(Instant(u64::try_from(micros).unwrap_or(0)))
    }

    /// When a block of the segment that starts at `start` becomes final, at the pace of the segments before.
    pub(crate) fn time_of_block(&self, start: StreamTime, block: Block) -> Option<Instant> {
        let begun = self.time_of(start)?;
        let duration = Duration::from_millis(self.duration_ms.into());
        let share = duration * ((u32::from(block.0) + 1) * BLOCK_BYTES) / self.segment_bytes;
        Some(begun + share.min(duration))
    }

    /// The stream time that the encoder has reached.
    pub(crate) fn live_at(&self, now: Instant) -> Option<StreamTime> {
        let at = now.0.cast_signed().wrapping_sub(self.offset?);
        Some(StreamTime(u64::try_from(at).unwrap_or(0) / 1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_proof_sets_the_clock() {
        let mut encoder = Encoder::default();
        assert_eq!(encoder.time_of(StreamTime(5)), None);
        encoder.prove(StreamTime(2_000), Instant::from_millis(900));
        encoder.prove(StreamTime(4_000), Instant::from_millis(2_100));
        assert_eq!(encoder.time_of(StreamTime(6_000)), Some(Instant::from_millis(4_100)));
        assert_eq!(encoder.live_at(Instant::from_millis(4_100)), Some(StreamTime(6_000)));
    }

    #[test]
    fn an_old_proof_is_forgotten() {
        let mut encoder = Encoder::default();
        encoder.prove(StreamTime(2_000), Instant::from_millis(0));
        for _ in 0..PROOFS {
            encoder.prove(StreamTime(4_000), Instant::from_millis(3_000));
        }
        assert_eq!(encoder.time_of(StreamTime(4_000)), Some(Instant::from_millis(3_000)));
    }

    #[test]
    fn blocks_come_at_the_pace_of_the_segments_before() {
        let mut encoder = Encoder::default();
        encoder.prove(StreamTime(2_000), Instant::from_millis(2_000));
        encoder.measure(BLOCK_BYTES * 3 + BLOCK_BYTES / 2, 2_000);
        assert_eq!(encoder.blocks(), 4);
        let at = |block| encoder.time_of_block(StreamTime(2_000), Block(block)).map(|at| at.0 / 1_000);
        assert_eq!((at(0), at(2), at(3), at(9)), (Some(2_571), Some(3_714), Some(4_000), Some(4_000)));
    }
}
