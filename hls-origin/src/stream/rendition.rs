//! One rendition: its publisher, the segment that is arriving, and what is listed.

use std::sync::Arc;

use bytes::Bytes;
use protocol::hash_list::{Closed, HashList};
use protocol::id::{Digest, Rendition as Index, Segment as Number, SegmentKey};
use protocol::time::{Duration, Instant, StreamTime};
use sha2::{Digest as _, Sha256};

use super::measure::Measure;
use super::view::{GrowingView, RenditionView};
use super::{Error, Now, SEGMENT_BYTES_MAX, Settings, shared};
use crate::blocks::{Growing, Signer};
use crate::ingest::{Fragment, Init, Timing};
use crate::playlist::{Media, Variant, media};
use crate::segment::{Cut, Cutter, Timeline};
use crate::window::{Body, NamedInit, Segment, Window};

/// What a rendition is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was published, or what was is gone.
    Absent,
    /// A publisher is connected.
    Live,
    /// The publisher left; the playlist stays as it was.
    Interrupted {
        /// When it left.
        since: Instant,
    },
    /// The playlist has ended.
    Ended {
        /// When it ended.
        since: Instant,
    },
}

/// What happened, counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Whole segments.
    pub segments: u64,
    /// Cuts without a keyframe.
    pub keyless_cuts: u64,
    /// Fragments left out while waiting for a keyframe or a cut.
    pub skipped: u64,
    /// Jumps of the encoder's clock.
    pub resyncs: u64,
    /// Segments missing here that other renditions have.
    pub gaps: u64,
    /// Bytes taken.
    pub bytes: u64,
}

/// What a rendition acts in.
pub(super) struct Context<'a> {
    pub(super) stream: &'a str,
    pub(super) timeline: &'a mut Timeline,
    pub(super) signer: &'a Signer,
    pub(super) now: Now,
}

#[derive(Debug)]
pub(super) struct Rendition {
    pub(super) name: String,
    pub(super) phase: Phase,
    pub(super) cutter: Option<Cutter>,
    /// Number and discontinuity sequence number of the last whole segment.
    pub(super) last: Option<(u64, u64)>,
    /// Stream time at which it ended, in microseconds.
    pub(super) end_us: i64,
    pub(super) counts: Counts,
    index: Index,
    shared_name: Arc<str>,
    session: String,
    init: Option<Arc<NamedInit>>,
    open: Option<Open>,
    window: Window,
    link: Digest,
    measure: Measure,
    playlist: Option<Arc<str>>,
    lost_before: bool,
}

/// The segment that is arriving.
#[derive(Debug)]
struct Open {
    cut: Cut,
    start_us: i64,
    init: Arc<NamedInit>,
    growing: Growing,
    list: Option<Bytes>,
}

impl Rendition {
    pub(super) fn new(name: &str, index: u8, settings: &Settings) -> Self {
        Self {
            name: name.to_owned(),
            phase: Phase::Absent,
            cutter: None,
            last: None,
            end_us: 0,
            counts: Counts::default(),
            index: Index(index),
            shared_name: Arc::from(name),
            session: String::new(),
            init: None,
            open: None,
            window: Window::new(settings.listed_max, settings.margin),
            link: Digest::ZERO,
            measure: Measure::default(),
            playlist: None,
            lost_before: true,
        }
    }

    /// A publisher comes.
    pub(super) fn begin(&mut self, session: &str) {
        self.phase = Phase::Live;
        session.clone_into(&mut self.session);
        self.cutter = Some(Cutter::default());
    }

    /// What was published before is another presentation's.
    pub(super) fn restart(&mut self, now: Instant) {
        self.window.restart(now);
        self.playlist = None;
    }

    /// Returns the cut to give back, if any.
    pub(super) fn on_init(&mut self, init: Init, session: &str, context: &mut Context<'_>) -> Option<Cut> {
        if self.init.as_ref().is_some_and(|known| known.init.bytes == init.bytes) {
            return None;
        }
        let running = self.cutter.as_ref().is_some_and(Cutter::has_clock);
        let ahead = if running { self.resync(context) } else { None };
        session.clone_into(&mut self.session);
        let digest = Digest(Sha256::digest(&init.bytes).into());
        self.init = Some(Arc::new(NamedInit { name: format!("{session}-init.mp4"), init, digest }));
        self.measure.reset();
        ahead
    }

    /// The encoder's clock jumped: what is open ends, and the next fragment begins with a new clock. Returns the cut to
    /// give back, if any.
    pub(super) fn resync(&mut self, context: &mut Context<'_>) -> Option<Cut> {
        self.counts.resyncs += 1;
        self.close(None, context);
        self.cutter.replace(Cutter::default()).and_then(Cutter::leave)
    }

    pub(super) const fn skip(&mut self) -> bool {
        self.counts.skipped += 1;
        false
    }

    /// The open segment ends where another begins.
    pub(super) fn cut(&mut self, cut: Cut, key: bool, timing: &Timing, context: &mut Context<'_>) {
        let Some(init) = self.init.clone() else { return };
        let start_us = self.cutter.as_ref().map_or(0, |cutter| cutter.stream_us(timing));
        self.close(Some(start_us), context);
        self.fill_gaps(cut, &init, context);
        self.counts.keyless_cuts += u64::from(!key);
        self.open = Some(Open { cut, start_us, init, growing: Growing::default(), list: None });
    }

    /// Adds a fragment to the open segment; returns whether anything became visible.
    pub(super) fn append(&mut self, fragment: &Fragment, context: &mut Context<'_>) -> Result<bool, Error> {
        let Some(open) = &mut self.open else { return Ok(self.skip()) };
        let bytes = open.growing.len() + fragment.len();
        if bytes > SEGMENT_BYTES_MAX {
            return Err(Error::TooLarge { bytes, max: SEGMENT_BYTES_MAX });
        }
        self.counts.bytes += fragment.len();
        let first = open.growing.is_empty();
        let sealed = fragment.bytes.iter().map(|bytes| open.growing.push(bytes)).sum::<usize>();
        if sealed > 0 {
            self.sign_open(context);
        }
        let Some(timing) = &fragment.timing else { return Ok(sealed > 0) };
        self.measure.on_fragment(timing);
        let ended = self.cutter.as_mut().is_some_and(|cutter| cutter.ends_early(context.timeline));
        if ended {
            self.close(None, context);
        }
        Ok(first || sealed > 0 || ended)
    }

    /// The publisher is gone: what came of the open segment is whole fragments, so it is listed as a short one.
    pub(super) fn leave(&mut self, context: &mut Context<'_>) -> Option<Cut> {
        self.close(None, context);
        self.phase = Phase::Interrupted { since: context.now.instant };
        self.cutter.take().and_then(Cutter::leave)
    }

    pub(super) fn newest_msn(&self) -> Option<u64> {
        self.open.as_ref().map(|open| open.cut.msn).or(self.last.map(|(msn, _)| msn))
    }

    /// Away for longer than an interruption.
    pub(super) fn lost(&self, settings: &Settings, now: Now) -> bool {
        match self.phase {
            Phase::Live => false,
            Phase::Interrupted { since } => now.instant.since(since) > settings.grace,
            Phase::Absent | Phase::Ended { .. } => true,
        }
    }

    pub(super) fn on_tick(&mut self, settings: &Settings, timeline: &Timeline, now: Now) -> bool {
        self.window.expire(now.instant);
        let lost = self.lost(settings, now);
        let fell = lost != core::mem::replace(&mut self.lost_before, lost);
        let ended = self.end_or_vanish(settings, timeline, now);
        fell || ended
    }

    fn end_or_vanish(&mut self, settings: &Settings, timeline: &Timeline, now: Now) -> bool {
        match self.phase {
            Phase::Interrupted { since } if now.instant.since(since) >= settings.end => {
                self.phase = Phase::Ended { since: now.instant };
                self.render(timeline);
                true
            }
            Phase::Ended { since } if now.instant.since(since) >= self.window.afterlife() => {
                self.phase = Phase::Absent;
                self.restart(now.instant);
                true
            }
            Phase::Absent | Phase::Live | Phase::Interrupted { .. } | Phase::Ended { .. } => false,
        }
    }

    pub(super) fn view(&self, timeline: &Timeline) -> RenditionView {
        let growing = self.open.as_ref().map(|open| GrowingView {
            msn: open.cut.msn,
            start: stream_time(open.start_us),
            blocks: open.growing.blocks().to_vec(),
            hashes: open.growing.hashes().to_vec(),
            list: open.list.clone(),
            arrived: open.growing.len(),
        });
        RenditionView {
            name: Arc::clone(&self.shared_name),
            phase: self.phase,
            playlist: self.playlist.clone(),
            segments: self.window.available().cloned().collect(),
            growing,
            init: self.init.clone(),
            next_msn: self.newest_msn().map_or(timeline.history().next_msn, |msn| msn + 1),
        }
    }

    pub(super) fn variant(&self) -> Option<Variant> {
        self.playlist.as_ref()?;
        let init = &self.init.as_ref()?.init;
        Some(Variant {
            uri: format!("{}/index.m3u8", self.name),
            peak_bits: self.measure.peak_bits(),
            average_bits: self.measure.average_bits(),
            codecs: init.tracks.iter().map(|track| track.codec.clone()).collect(),
            picture: init.tracks.iter().find_map(|track| track.picture),
            frame_rate_milli: init
                .tracks
                .iter()
                .any(|track| track.picture.is_some())
                .then(|| self.measure.frame_rate_milli())
                .flatten(),
        })
    }

    /// Ends the open segment at `end_us`, or where its samples end.
    fn close(&mut self, end_us: Option<i64>, context: &mut Context<'_>) {
        let Some(open) = self.open.take() else { return };
        let reached = self.cutter.as_ref().and_then(Cutter::reached_us);
        let end_us = end_us.or(reached).unwrap_or(open.start_us);
        let duration_us = u64::try_from(end_us - open.start_us).unwrap_or(0);
        if duration_us == 0 || open.growing.is_empty() {
            return;
        }
        context.timeline.learn(duration_us.cast_signed());
        let target_s = context.timeline.target_s().unwrap_or(1);
        let whole = open.growing.finish();
        let mut segment = Segment {
            msn: open.cut.msn,
            name: format!("{}-{}.m4s", self.session, open.cut.msn),
            start: stream_time(open.start_us),
            duration_us,
            discontinuity: open.cut.discontinuity,
            dsn: open.cut.dsn,
            init: open.init,
            body: None,
        };
        let closed = Closed { bytes: whole.bytes, duration_ms: segment.duration_ms() };
        let list = self.list(&open.cut, segment.start, Some(closed), &whole.hashes, context);
        let signed = context.signer.sign(list);
        self.link = signed.link;
        self.measure.on_segment(u64::from(whole.bytes), duration_us, target_s);
        segment.body = Some(Body { whole, list: Bytes::from(signed.encoded) });
        self.counts.segments += 1;
        self.end_us = end_us;
        self.push(segment, context);
    }

    /// Lists what the other renditions have and this one has not, so that numbers stay in step.
    fn fill_gaps(&mut self, until: Cut, init: &Arc<NamedInit>, context: &mut Context<'_>) {
        let Some((last, _)) = self.last else { return };
        let missing =
            (last + 1..until.msn).map(|msn| context.timeline.cut(msn)).collect::<Option<Vec<Cut>>>();
        let Some(missing) = missing.filter(|missing| missing.len() < self.window.listed_max()) else {
            return self.restart(context.now.instant);
        };
        for cut in missing {
            let end = context.timeline.cut(cut.msn + 1).map_or(cut.at_us, |next| next.at_us);
            let duration = (end - cut.at_us).clamp(1_000, context.timeline.limit_us());
            self.counts.gaps += 1;
            let segment = Segment {
                msn: cut.msn,
                name: format!("{}-{}.m4s", self.session, cut.msn),
                start: stream_time(cut.at_us),
                duration_us: duration.cast_unsigned(),
                discontinuity: cut.discontinuity,
                dsn: cut.dsn,
                init: Arc::clone(init),
                body: None,
            };
            self.push(segment, context);
        }
    }

    fn push(&mut self, segment: Segment, context: &mut Context<'_>) {
        self.last = Some((segment.msn, segment.dsn));
        let target = Duration::from_secs(u64::from(context.timeline.target_s().unwrap_or(1)));
        self.window.push(Arc::new(segment), target, context.now.instant);
        self.render(context.timeline);
    }

    fn render(&mut self, timeline: &Timeline) {
        let Some(target_s) = timeline.target_s().filter(|_| self.window.listed().len() > 0) else { return };
        let ended = matches!(self.phase, Phase::Ended { .. });
        let segments = self.window.listed().map(Arc::as_ref);
        self.playlist = Some(shared(media(Media { target_s, segments, next_msn: 0, ended })));
    }

    fn sign_open(&mut self, context: &mut Context<'_>) {
        let Some(open) = &self.open else { return };
        let list = self.list(&open.cut, stream_time(open.start_us), None, open.growing.hashes(), context);
        let list = Bytes::from(context.signer.sign(list).encoded);
        if let Some(open) = &mut self.open {
            open.list = Some(list);
        }
    }

    fn list(
        &self,
        cut: &Cut,
        start: StreamTime,
        closed: Option<Closed>,
        hashes: &[Digest],
        context: &Context<'_>,
    ) -> HashList {
        HashList {
            stream: context.stream.to_owned(),
            segment: SegmentKey::new(self.index, Number(cut.msn)),
            start,
            closed,
            hashes: hashes.to_vec(),
            previous: self.link,
            key: context.signer.id(),
        }
    }
}

/// Stream time in milliseconds, of one in microseconds.
fn stream_time(micros: i64) -> StreamTime {
    StreamTime(micros.max(0).cast_unsigned() / 1_000)
}
