//! What a rendition turned out to need: rates for BANDWIDTH, frames for FRAME-RATE.

use crate::ingest::Timing;

/// Running measurements of one rendition.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Measure {
    peak_bits: u64,
    bytes: u64,
    micros: u64,
    frame_rate_milli: Option<u64>,
}

impl Measure {
    /// Another encoder, perhaps at another rate: what was measured no longer describes what comes.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// The rate of the latest fragment: an average over all would keep every irregular start for ever.
    pub(super) fn on_fragment(&mut self, timing: &Timing) {
        let frames = u64::from(timing.frames) * 1_000_000_000 + timing.duration_us / 2;
        self.frame_rate_milli = frames.checked_div(timing.duration_us).or(self.frame_rate_milli);
    }

    /// A segment is whole. Segments of half to one and a half target durations are exactly the stretches over which
    /// RFC 8216 §4.3.4.2 measures the peak; shorter ones count only towards the average.
    pub(super) fn on_segment(&mut self, bytes: u64, duration_us: u64, target_s: u32) {
        if duration_us == 0 {
            return;
        }
        self.bytes += bytes;
        self.micros += duration_us;
        if duration_us >= u64::from(target_s) * 500_000 || self.peak_bits == 0 {
            self.peak_bits = self.peak_bits.max(rate(bytes, duration_us));
        }
    }

    pub(super) const fn peak_bits(&self) -> u64 {
        self.peak_bits
    }

    pub(super) fn average_bits(&self) -> u64 {
        if self.micros == 0 { 0 } else { rate(self.bytes, self.micros) }
    }

    /// Frames a second, in thousandths, to the nearest.
    pub(super) const fn frame_rate_milli(&self) -> Option<u64> {
        self.frame_rate_milli
    }
}

/// Bits a second, rounded up: BANDWIDTH is a bound.
const fn rate(bytes: u64, micros: u64) -> u64 {
    bytes.saturating_mul(8_000_000).div_ceil(micros)
}
