//! A stream: its renditions on one timeline. This module only routes; each part decides for itself.
//!
//! **Invariant:** at most one publisher a rendition at a time.
//! **Invariant:** every rendition shows a discontinuity at the same number, whoever caused it.

mod measure;
mod rendition;
#[cfg(test)]
mod tests;
mod view;

use std::sync::Arc;

use protocol::limits::RENDITIONS_MAX;
use protocol::time::{Duration, Instant, StreamTime};

pub use self::rendition::{Counts, Phase};
pub use self::view::{Answer, GrowingView, RenditionView};
use crate::blocks::Signer;
use crate::ingest::{Fragment, Init, Timing};
use crate::playlist::{Variant, multivariant};
use crate::segment::{Cut, Cutter, History, Joining, SHARED_CLOCK_US, Step, Timeline, TooLong};
use rendition::Rendition;

/// The file name of a stream's descriptor, beside its multivariant playlist.
pub const DESCRIPTOR_NAME: &str = "shoal.json";

/// Both clocks, read once for each input: one orders, the other dates.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The monotonic moment.
    pub instant: Instant,
    /// The date.
    pub date: StreamTime,
}

/// What an operator sets for all streams.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a segment should be, in milliseconds.
    pub wanted_ms: u32,
    /// Segments in a live playlist.
    pub listed_max: usize,
    /// How much longer than they must segments stay available.
    pub margin: Duration,
    /// How long a rendition without its publisher is merely interrupted.
    pub grace: Duration,
    /// After how long without a publisher a playlist ends.
    pub end: Duration,
}

/// Why nobody else may publish here; in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody does already.
    #[error(
        "this rendition is being published already; stop the other encoder, or publish another rendition"
    )]
    Busy,
    /// Too many renditions.
    #[error("the stream has {RENDITIONS_MAX} renditions already; publish under one of their names")]
    TooManyRenditions,
}

/// Why a fragment, and with it its publisher, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too long.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// Too many bytes.
    #[error(
        "a segment would have {bytes} bytes, the maximum is {max}; lower the bitrate, or put keyframes closer together"
    )]
    TooLarge {
        /// What it would have.
        bytes: u64,
        /// What is allowed.
        max: u64,
    },
}

/// One stream.
#[derive(Debug)]
pub struct Stream {
    name: String,
    settings: Settings,
    signer: Signer,
    timeline: Timeline,
    renditions: Vec<Rendition>,
}

impl Stream {
    /// A stream that goes on from `history`; `renditions` are those that it had, in their order.
    #[must_use]
    pub fn new(
        name: &str,
        settings: Settings,
        signer: Signer,
        history: History,
        renditions: &[String],
    ) -> Self {
        let timeline = Timeline::new(history, settings.wanted_ms);
        let indexed = (0..RENDITIONS_MAX).zip(renditions);
        let renditions = indexed.map(|(index, name)| Rendition::new(name, index, &settings)).collect();
        Self { name: name.to_owned(), settings, signer, timeline, renditions }
    }

    /// Its name in URLs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a restart would need now, numbers and the renditions' order.
    #[must_use]
    pub fn checkpoint(&self) -> (History, Vec<String>) {
        let mut history = self.timeline.history();
        history.continued |= self.timeline.newest().is_some();
        (history, self.renditions.iter().map(|rendition| rendition.name.clone()).collect())
    }

    /// A publisher comes; returns the rendition's index. `session` begins the names of all its files.
    ///
    /// # Errors
    /// Where it may not publish.
    pub fn on_publish(&mut self, rendition: &str, session: &str, now: Now) -> Result<usize, Refusal> {
        let index = match self.renditions.iter().position(|known| known.name == rendition) {
            Some(index) => index,
            None => self.add(rendition)?,
        };
        let over = |phase| matches!(phase, Phase::Absent | Phase::Ended { .. });
        let all_over = self.renditions.iter().all(|rendition| over(rendition.phase));
        let found = &mut self.renditions[index];
        if found.phase == Phase::Live {
            return Err(Refusal::Busy);
        }
        if matches!(found.phase, Phase::Ended { .. }) {
            found.restart(now.instant);
            if all_over {
                self.timeline.forget_target();
            }
        }
        found.begin(session);
        Ok(index)
    }

    /// The publisher sends an initialization segment; `session` names the files from here on if it is another one.
    pub fn on_init(&mut self, index: usize, init: Init, session: &str, now: Now) {
        let ahead = self.with(index, now, |rendition, context| rendition.on_init(init, session, context));
        self.withdraw(ahead);
    }

    /// The publisher sends a fragment; returns whether anything became visible by it.
    ///
    /// # Errors
    /// Where it cannot be used; the publisher must be turned away.
    pub fn on_fragment(&mut self, index: usize, fragment: &Fragment, now: Now) -> Result<bool, Error> {
        let Some(timing) = fragment.timing else { return self.append(index, fragment, now) };
        // Twice: a fragment whose time does not follow is offered again, with a new clock.
        for _ in 0..2 {
            let Some(step) = self.step(index, &timing, now)? else { return Ok(false) };
            match step {
                Step::Skip => return Ok(self.with(index, now, |rendition, _| rendition.skip())),
                Step::Append => return self.append(index, fragment, now),
                Step::Cut { cut, key } => {
                    self.with(index, now, |rendition, context| rendition.cut(cut, key, &timing, context));
                    return self.append(index, fragment, now);
                }
                Step::Resync => {
                    let ahead = self.with(index, now, Rendition::resync);
                    self.withdraw(ahead);
                }
            }
        }
        Ok(true)
    }

    /// The publisher is gone.
    pub fn on_leave(&mut self, index: usize, now: Now) {
        let ahead = self.with(index, now, Rendition::leave);
        self.withdraw(ahead);
    }

    /// Time passes: what need not be kept goes, what is abandoned ends. Returns whether anything changed visibly.
    pub fn on_tick(&mut self, now: Now) -> bool {
        let Self { renditions, settings, timeline, .. } = self;
        let changed = renditions.iter_mut().map(|rendition| rendition.on_tick(settings, timeline, now));
        changed.fold(false, |any, one| any | one)
    }

    /// What can be served of each rendition now, by index.
    #[must_use]
    pub fn views(&self) -> Vec<RenditionView> {
        self.renditions.iter().map(|rendition| rendition.view(&self.timeline)).collect()
    }

    /// The multivariant playlist; `None` while no rendition is playable.
    #[must_use]
    pub fn multivariant(&self, now: Now) -> Option<String> {
        let live = self.renditions.iter().any(|rendition| rendition.phase == Phase::Live);
        let listed = |rendition: &&Rendition| !(live && rendition.lost(&self.settings, now));
        let variants =
            self.renditions.iter().filter(listed).filter_map(Rendition::variant).collect::<Vec<Variant>>();
        (!variants.is_empty()).then(|| multivariant(variants.iter(), DESCRIPTOR_NAME))
    }

    fn add(&mut self, rendition: &str) -> Result<usize, Refusal> {
        let at = self.renditions.len();
        let index = u8::try_from(at)
            .ok()
            .filter(|index| *index < RENDITIONS_MAX)
            .ok_or(Refusal::TooManyRenditions)?;
        self.renditions.push(Rendition::new(rendition, index, &self.settings));
        Ok(at)
    }

    /// What to do with a timed fragment; `None` where it cannot begin anything.
    fn step(&mut self, index: usize, timing: &Timing, now: Now) -> Result<Option<Step>, Error> {
        let offset = self.offset_us(index, timing, now);
        let alone = self.others(index).next().is_none();
        let Self { renditions, timeline, .. } = self;
        let Some(rendition) = renditions.get_mut(index) else { return Ok(None) };
        let joining = Joining { last: rendition.last, alone };
        let Some(cutter) = &mut rendition.cutter else { return Ok(None) };
        if !cutter.has_clock() {
            if !timing.key {
                return Ok(Some(Step::Skip));
            }
            cutter.start_clock(offset);
        }
        Ok(Some(cutter.step(timing, timeline, joining)?))
    }

    /// Stream time of this encoder's zero: that of a live rendition with the same clock, else by arrival, and never
    /// before what is on the timeline already.
    fn offset_us(&self, index: usize, timing: &Timing, now: Now) -> i64 {
        let start = timing.start_us.cast_signed();
        let shared = self.others(index).find(|(_, latest)| (start - latest).abs() <= SHARED_CLOCK_US);
        if let Some((offset, _)) = shared {
            return offset;
        }
        let arrived = now.date.0.saturating_mul(1_000).cast_signed() - timing.duration_us.cast_signed();
        let newest = self.timeline.newest().map_or(0, |cut| cut.at_us + 1_000);
        let ended = self.renditions.get(index).map_or(0, |rendition| rendition.end_us);
        arrived.max(newest).max(ended).saturating_sub(start)
    }

    /// Clocks of the other live renditions.
    fn others(&self, index: usize) -> impl Iterator<Item = (i64, i64)> {
        let others = self.renditions.iter().enumerate().filter(move |(other, _)| *other != index);
        others.filter_map(|(_, other)| other.cutter.as_ref().and_then(Cutter::clock))
    }

    fn append(&mut self, index: usize, fragment: &Fragment, now: Now) -> Result<bool, Error> {
        let done = self.with(index, now, |rendition, context| Some(rendition.append(fragment, context)));
        done.unwrap_or(Ok(false))
    }

    /// Gives back a cut that was made early, unless another rendition has begun at it.
    fn withdraw(&mut self, cut: Option<Cut>) {
        let Some(cut) = cut else { return };
        if self.renditions.iter().all(|rendition| rendition.newest_msn().is_none_or(|msn| msn < cut.msn)) {
            self.timeline.withdraw(cut);
        }
    }

    fn with<T: Default>(
        &mut self,
        index: usize,
        now: Now,
        act: impl FnOnce(&mut Rendition, &mut rendition::Context<'_>) -> T,
    ) -> T {
        let Self { name, renditions, timeline, signer, .. } = self;
        match renditions.get_mut(index) {
            Some(rendition) => {
                act(rendition, &mut rendition::Context { stream: name, timeline, signer, now })
            }
            None => T::default(),
        }
    }

    /// What happened so far in the rendition of that index.
    #[must_use]
    pub fn counts_of(&self, index: usize) -> Counts {
        self.renditions.get(index).map_or_else(Counts::default, |rendition| rendition.counts)
    }

    /// What happened so far, by rendition.
    pub fn counts(&self) -> impl Iterator<Item = (&str, Counts)> {
        self.renditions.iter().map(|rendition| (rendition.name.as_str(), rendition.counts))
    }
}

/// Bytes of one segment, at most.
pub const SEGMENT_BYTES_MAX: u64 = 52 << 20;

/// Shares a name.
fn shared(text: String) -> Arc<str> {
    Arc::from(text)
}
