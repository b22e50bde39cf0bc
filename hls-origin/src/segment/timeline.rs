//! The cuts that all renditions of a stream share.

use std::collections::VecDeque;

use super::TARGET_MAX_S;

/// Cuts remembered: twice the longest playlist that is sensible; older ones nobody joins.
const CUTS_MAX: usize = 256;

/// Where a segment begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The media sequence number of the segment that begins here.
    pub msn: u64,
    /// Stream time in microseconds since 1970.
    pub at_us: i64,
    /// Timestamps or tracks may change here: EXT-X-DISCONTINUITY.
    pub discontinuity: bool,
    /// How many discontinuities there were up to and with this cut: its discontinuity sequence number.
    pub dsn: u64,
}

/// What survives a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The number of the next segment.
    pub next_msn: u64,
    /// Discontinuities so far.
    pub dsn: u64,
    /// The target duration in seconds, once learnt.
    pub target_s: Option<u32>,
    /// Segments were published before: the next cut is a discontinuity.
    pub continued: bool,
}

/// The cuts of a stream, newest last.
#[derive(Clone, Debug)]
pub struct Timeline {
    cuts: VecDeque<Cut>,
    history: History,
    wanted_ms: u32,
}

impl Timeline {
    /// A timeline that goes on from `history`, with segments of `wanted_ms` where keyframes allow it.
    #[must_use]
    pub fn new(history: History, wanted_ms: u32) -> Self {
        Self { cuts: VecDeque::new(), history, wanted_ms }
    }

    /// What a restart would need now.
    #[must_use]
    pub const fn history(&self) -> History {
        self.history
    }

    /// The target duration in seconds, once learnt.
    #[must_use]
    pub const fn target_s(&self) -> Option<u32> {
        self.history.target_s
    }

    /// Fixes the target duration, the first time: as configured, unless keyframes are `gop_us` apart and that is more.
    pub fn learn(&mut self, gop_us: i64) {
        if self.history.target_s.is_some() {
            return;
        }
        let wanted = (self.wanted_ms.saturating_add(500) / 1_000).clamp(1, TARGET_MAX_S);
        let fits = gop_us <= limit_us(wanted);
        let gop_s = u32::try_from(gop_us.max(0).cast_unsigned().div_ceil(1_000_000)).unwrap_or(TARGET_MAX_S);
        self.history.target_s = Some(if fits { wanted } else { gop_s.min(TARGET_MAX_S) });
    }

    /// A playlist's life is over: the next may learn another target duration.
    pub fn forget_target(&mut self) {
        self.history.target_s = None;
    }

    /// How long a segment should be, in microseconds.
    pub(super) fn wanted_us(&self) -> i64 {
        let wanted = i64::from(self.wanted_ms) * 1_000;
        self.history.target_s.map_or(wanted, |target| wanted.min(i64::from(target) * 1_000_000))
    }

    /// How long a segment may be, in microseconds: past this its EXTINF would round above the target duration.
    #[must_use]
    pub fn limit_us(&self) -> i64 {
        limit_us(self.history.target_s.unwrap_or(TARGET_MAX_S))
    }

    /// The cut with that number, while remembered.
    #[must_use]
    pub fn cut(&self, msn: u64) -> Option<Cut> {
        let first = self.cuts.front()?.msn;
        let at = usize::try_from(msn.checked_sub(first)?).ok()?;
        self.cuts.get(at).copied()
    }

    /// The newest cut.
    #[must_use]
    pub fn newest(&self) -> Option<Cut> {
        self.cuts.back().copied()
    }

    /// The last cut at or before that moment.
    pub(super) fn last_until(&self, at_us: i64) -> Option<Cut> {
        self.cuts.iter().rev().find(|cut| cut.at_us <= at_us).copied()
    }

    /// Takes back the newest cut, at which no segment began.
    pub fn withdraw(&mut self, cut: Cut) {
        if self.newest() == Some(cut) {
            self.cuts.pop_back();
            self.history.next_msn = cut.msn;
            self.history.continued |= cut.discontinuity;
            self.history.dsn -= u64::from(cut.discontinuity);
        }
    }

    /// Makes the next cut a discontinuity, in every rendition.
    pub fn break_next(&mut self) {
        self.history.continued = true;
    }

    /// Whether the next cut will be a discontinuity.
    #[must_use]
    pub const fn breaks_next(&self) -> bool {
        self.history.continued
    }

    /// Makes a cut.
    pub(super) fn push(&mut self, at_us: i64) -> Cut {
        let discontinuity = core::mem::take(&mut self.history.continued);
        self.history.dsn += u64::from(discontinuity);
        let cut = Cut { msn: self.history.next_msn, at_us, discontinuity, dsn: self.history.dsn };
        self.history.next_msn += 1;
        if self.cuts.len() == CUTS_MAX {
            self.cuts.pop_front();
        }
        self.cuts.push_back(cut);
        cut
    }
}

/// Rounded to the nearest second, a duration up to this is at most `target_s`; a millisecond is kept for the rounding.
fn limit_us(target_s: u32) -> i64 {
    i64::from(target_s) * 1_000_000 + 499_000
}
