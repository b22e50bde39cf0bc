//! One publisher's way along the timeline: what to do with each fragment.

use std::collections::VecDeque;

use super::timeline::{Cut, Timeline};
use super::{ALIGNED_US, SLACK_US, TARGET_MAX_S};
use crate::ingest::Timing;
use crate::ingest::fragment::GAP_MAX_S;

/// Keyframe distances remembered; the longest of them is what the next is expected to be.
const GOPS: usize = 8;

/// What to do with a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Leave it out: no decoder could start here, or no cut is due.
    Skip,
    /// It belongs to the open segment.
    Append,
    /// It begins the segment of this cut; an open one ends where it begins.
    Cut {
        /// The cut.
        cut: Cut,
        /// A decoder can start here.
        key: bool,
    },
    /// Its time does not follow: the open segment ends, and the fragment must be offered again with a new clock.
    Resync,
}

/// A fragment longer than a segment may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a fragment lasts {duration_ms} ms, a segment of this stream at most {limit_ms} ms; put keyframes closer together (-g) or send shorter fragments (-frag_duration 200000)"
)]
pub struct TooLong {
    /// The fragment's duration.
    pub duration_ms: i64,
    /// The segment's limit.
    pub limit_ms: i64,
}

/// What a publisher must know of its rendition and of its neighbours to begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joining {
    /// The rendition's last segment and its discontinuity sequence number; the next must be later, and behind a
    /// discontinuity.
    pub last: Option<(u64, u64)>,
    /// No other rendition is live: nothing to align with.
    pub alone: bool,
}

/// One publisher's state along the timeline.
#[derive(Clone, Debug, Default)]
pub struct Cutter {
    /// Stream time of the encoder's zero, in microseconds; unknown until the first keyframe.
    offset_us: Option<i64>,
    open: Option<Open>,
    /// Where the last fragment began and should have ended, on the encoder's clock.
    last: Option<(i64, i64)>,
    last_key_us: Option<i64>,
    gops_us: VecDeque<i64>,
    waiting_since_us: Option<i64>,
    /// A cut made early, for the next fragment.
    ahead: Option<Cut>,
    fragments: u64,
    keyless: bool,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    msn: u64,
    start_us: i64,
}

impl Cutter {
    /// Whether the clock is known.
    #[must_use]
    pub const fn has_clock(&self) -> bool {
        self.offset_us.is_some()
    }

    /// Sets the clock: stream time of the encoder's zero, in microseconds since 1970.
    pub const fn start_clock(&mut self, offset_us: i64) {
        self.offset_us = Some(offset_us);
    }

    /// The clock, and the latest moment reached on the encoder's own.
    #[must_use]
    pub fn clock(&self) -> Option<(i64, i64)> {
        Some((self.offset_us?, self.last?.1))
    }

    /// Stream time of a moment of the encoder's clock, in microseconds.
    #[must_use]
    pub fn stream_us(&self, timing: &Timing) -> i64 {
        encoder_us(timing).saturating_add(self.offset_us.unwrap_or(0))
    }

    /// Where the open segment ends as far as it has come, in stream time.
    #[must_use]
    pub fn reached_us(&self) -> Option<i64> {
        Some(self.last?.1.saturating_add(self.offset_us?))
    }

    /// The publisher leaves: gives back the cut that was made early and that nothing began at.
    pub fn leave(self) -> Option<Cut> {
        self.ahead
    }

    /// Decides what becomes of a fragment whose reference track has samples; the clock must be set.
    ///
    /// # Errors
    /// Where the fragment is longer than a segment may be.
    pub fn step(
        &mut self,
        timing: &Timing,
        timeline: &mut Timeline,
        joining: Joining,
    ) -> Result<Step, TooLong> {
        let start = encoder_us(timing);
        let duration = self.duration_us(start, timing);
        if self.jumped(start, timeline) {
            return Ok(Step::Resync);
        }
        self.last = Some((start, start.saturating_add(duration)));
        self.fragments += 1;
        self.keyless |= !timing.key;
        let at = self.stream_us(timing);
        if timing.key {
            self.on_key(at, timeline);
        }
        if duration > timeline.limit_us() {
            return Err(TooLong { duration_ms: duration / 1_000, limit_ms: timeline.limit_us() / 1_000 });
        }
        let here = Here { at, duration, key: timing.key };
        let step = match (self.ahead.take(), self.open) {
            (Some(cut), _) => Step::Cut { cut, key: timing.key },
            (None, Some(open)) => self.advance(here, open, timeline, joining),
            (None, None) => self.join(here, timeline, joining),
        };
        if let Step::Cut { cut, .. } = step {
            self.open = Some(Open { msn: cut.msn, start_us: at });
            self.waiting_since_us = None;
        }
        Ok(step)
    }

    /// After a fragment was taken: whether the open segment is already over, because this encoder's fragments all
    /// begin with a keyframe and the next would be a cut. One fragment a keyframe would otherwise be listed a whole
    /// fragment late.
    pub fn ends_early(&mut self, timeline: &mut Timeline) -> bool {
        let (Some(open), Some(reached), None) = (self.open, self.reached_us(), self.ahead) else {
            return false;
        };
        if self.keyless || self.fragments < 2 || timeline.target_s().is_none() {
            return false;
        }
        let next = Here { at: reached, duration: self.gop_us(), key: true };
        let single = reached - open.start_us <= self.gop_us() + SLACK_US;
        if !single || timeline.cut(open.msn + 2).is_some() {
            return false;
        }
        let Some(cut) = cut_at(next, open, timeline, self.gop_us()) else { return false };
        self.ahead = Some(cut);
        self.open = None;
        true
    }

    /// How long the fragment lasts; of one that does not know, as long as it is since the one before.
    fn duration_us(&self, start: i64, timing: &Timing) -> i64 {
        match (timing.duration_us.cast_signed(), self.last) {
            (0, Some((last, _))) => (start - last).max(0),
            (duration, _) => duration,
        }
    }

    /// Time stands still or steps back, or so much of it is missing that the open segment would be too long with it.
    fn jumped(&self, start: i64, timeline: &Timeline) -> bool {
        let Some((last, expected)) = self.last else { return false };
        let missing = start - expected;
        let overlong = self.open.zip(self.offset_us).is_some_and(|(open, offset)| {
            missing > 0 && start.saturating_add(offset) - open.start_us > timeline.limit_us()
        });
        start <= last || overlong || missing > i64::from(GAP_MAX_S) * 1_000_000
    }

    fn on_key(&mut self, at: i64, timeline: &mut Timeline) {
        if let Some(last) = self.last_key_us.replace(at) {
            if self.gops_us.len() == GOPS {
                self.gops_us.pop_front();
            }
            self.gops_us.push_back(at - last);
            timeline.learn(self.gop_us());
        }
    }

    fn gop_us(&self) -> i64 {
        self.gops_us.iter().copied().max().unwrap_or(0)
    }

    fn advance(&mut self, here: Here, open: Open, timeline: &mut Timeline, joining: Joining) -> Step {
        let missed = timeline.cut(open.msn + 2).is_some_and(|later| here.at + ALIGNED_US >= later.at_us);
        if missed && here.key {
            let last = timeline.cut(open.msn).map_or(joining.last, |cut| Some((cut.msn, cut.dsn)));
            if let Some(cut) =
                aligned(here.at, timeline).filter(|cut| last.is_none_or(|last| cut.msn > last.0))
            {
                return Step::Cut { cut, key: true };
            }
        }
        match cut_at(here, open, timeline, self.gop_us()) {
            Some(cut) => Step::Cut { cut, key: here.key },
            None => Step::Append,
        }
    }

    /// The first segment of a publisher: at a keyframe, at a cut that others made or that is due.
    fn join(&mut self, here: Here, timeline: &mut Timeline, joining: Joining) -> Step {
        if !here.key {
            return Step::Skip;
        }
        let since = *self.waiting_since_us.get_or_insert(here.at);
        let suits = |cut: &Cut| joining.last.is_none_or(|(msn, dsn)| cut.msn > msn && cut.dsn > dsn);
        if let Some(cut) = aligned(here.at, timeline).filter(|_| !joining.alone).filter(suits) {
            return Step::Cut { cut, key: true };
        }
        let broken = |(_, dsn)| timeline.newest().is_some_and(|newest| newest.dsn > dsn);
        if joining.last.is_some_and(|last| !broken(last)) {
            timeline.break_next();
        }
        let due =
            timeline.newest().is_none_or(|newest| here.at - newest.at_us + SLACK_US >= timeline.wanted_us());
        if joining.alone || due {
            return Step::Cut { cut: timeline.push(here.at), key: true };
        }
        // Keyframes that never meet the others' cuts: rather a little out of step than never.
        let patience = 2 * timeline.limit_us().min(i64::from(TARGET_MAX_S) * 1_000_000);
        match timeline.last_until(here.at).filter(suits) {
            Some(cut) if here.at - since > patience => Step::Cut { cut, key: true },
            _ => Step::Skip,
        }
    }
}

/// Where a fragment stands in stream time.
#[derive(Clone, Copy)]
struct Here {
    at: i64,
    duration: i64,
    key: bool,
}

fn encoder_us(timing: &Timing) -> i64 {
    i64::try_from(timing.start_us).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

/// The cut that another rendition made at this time.
fn aligned(at: i64, timeline: &Timeline) -> Option<Cut> {
    timeline.last_until(at + ALIGNED_US).filter(|cut| at - cut.at_us <= ALIGNED_US)
}

/// The cut at which the open segment ends here, if it does.
fn cut_at(here: Here, open: Open, timeline: &mut Timeline, gop: i64) -> Option<Cut> {
    let elapsed = here.at - open.start_us;
    if elapsed <= 0 {
        return None;
    }
    let overflows = elapsed + here.duration > timeline.limit_us();
    if let Some(next) = timeline.cut(open.msn + 1) {
        let reached = here.at + ALIGNED_US >= next.at_us;
        return (overflows || (here.key && reached)).then_some(next);
    }
    let next_overflows = elapsed + gop.max(here.duration) > timeline.limit_us();
    let due = here.key && (elapsed + SLACK_US >= timeline.wanted_us() || next_overflows);
    (due || overflows).then(|| timeline.push(here.at))
}
