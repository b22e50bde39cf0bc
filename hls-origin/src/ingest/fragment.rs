//! A movie fragment: when it starts, how long it lasts, whether a decoder can start there (ISO/IEC 14496-12 §8.8).

use super::boxes::FourCc;
use super::init::{Init, Track};
use super::read::{Fields, child, children};

/// Samples of one track run: ten seconds of 1,000 frames a second.
pub const SAMPLES_MAX: u32 = 10_000;
/// Seconds that one sample may last, and that time may jump between two fragments, before it counts as damage.
pub const GAP_MAX_S: u32 = 10;
/// A fragment's last sample that is longer than this many times the one before, and than half a second, spans a hole in
/// the source: it counts as long as the one before, and what is missing shows in the next fragment's time.
const HOLE_TIMES: u64 = 4;
/// `sample_is_non_sync_sample` (§8.8.3.1).
const NON_SYNC: u32 = 0x0001_0000;

/// What the `moof` says of the reference track; [`None`] in a fragment where that track has no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Decode time of the first sample, in microseconds of the encoder's own clock.
    pub start_us: u64,
    /// Sum of its samples' durations, in microseconds; 0 where the encoder does not know the last one's.
    pub duration_us: u64,
    /// A decoder can start at the first sample.
    pub key: bool,
    /// How many samples.
    pub frames: u32,
}

/// Why a `moof` cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A field is absent or cut short.
    #[error("the fragment's {0:?} box is absent or cut short")]
    Damaged(FourCc),
    /// A track that the `moov` does not have.
    #[error("the fragment names the track {0}, which the moov box does not have")]
    UnknownTrack(u32),
    /// Offsets from the file's start mean nothing in a segment.
    #[error("the fragment's data offsets count from the start of the file; use -movflags default_base_moof")]
    AbsoluteOffsets,
    /// More samples than a fragment can have.
    #[error("the fragment has more than {SAMPLES_MAX} samples of one track; send shorter fragments")]
    TooManySamples,
    /// A sample that lasts no time, or too long.
    #[error(
        "a sample of track {track} lasts {ticks} ticks of 1/{timescale} s; it must be more than 0 and at most {GAP_MAX_S} s: check the source's timestamps (-vsync cfr)"
    )]
    SampleDuration {
        /// The track.
        track: u32,
        /// Its duration.
        ticks: u32,
        /// The track's clock.
        timescale: u32,
    },
    /// Samples that the `mdat` does not hold.
    #[error("the fragment's samples have {samples} bytes, its mdat box {data}")]
    SamplesBeyondData {
        /// What the track runs declare.
        samples: u64,
        /// What came.
        data: u64,
    },
}

/// What a `moof` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movie {
    /// Of the reference track.
    pub timing: Option<Timing>,
    /// Bytes that all its samples have.
    pub sample_bytes: u64,
}

/// Understands a `moof`'s payload.
///
/// # Errors
/// Where it is damaged, names unknown tracks, or carries impossible times.
pub fn parse(moof: &[u8], init: &Init) -> Result<Movie, Error> {
    let mut movie = Movie::default();
    for (kind, traf) in children(moof) {
        if &kind.0 != b"traf" {
            continue;
        }
        let header = child(traf, b"tfhd").and_then(header).ok_or(damaged(*b"tfhd"))?;
        let track = init.track(header.track).ok_or(Error::UnknownTrack(header.track))?;
        if header.absolute {
            return Err(Error::AbsoluteOffsets);
        }
        let run = runs(traf, &header, track)?;
        movie.sample_bytes = movie.sample_bytes.saturating_add(run.bytes);
        if init.reference_id() == Some(header.track) && run.samples > 0 && movie.timing.is_none() {
            let start = child(traf, b"tfdt").and_then(decode_time).ok_or(damaged(*b"tfdt"))?;
            movie.timing = Some(Timing {
                start_us: micros(start, track.timescale),
                duration_us: micros(run.ticks_without_hole(track.timescale), track.timescale),
                key: track.picture.is_none() || run.first_flags & NON_SYNC == 0,
                frames: run.samples,
            });
        }
    }
    Ok(movie)
}

/// Ticks of a track's clock in microseconds.
fn micros(ticks: u64, timescale: u32) -> u64 {
    let micros = u128::from(ticks) * 1_000_000 / u128::from(timescale.max(1));
    u64::try_from(micros).unwrap_or(u64::MAX)
}

const fn damaged(kind: [u8; 4]) -> Error {
    Error::Damaged(FourCc(kind))
}

struct Header {
    track: u32,
    absolute: bool,
    duration: Option<u32>,
    size: Option<u32>,
    flags: Option<u32>,
}

/// `tfhd` (§8.8.7).
fn header(tfhd: &[u8]) -> Option<Header> {
    let mut fields = Fields(tfhd);
    let (_, flags) = fields.version_and_flags()?;
    let track = fields.word()?;
    let absolute = flags & 0x01 != 0;
    fields.take(if absolute { 8 } else { 0 })?;
    fields.word_if(flags & 0x02 != 0)?;
    let duration = fields.word_if(flags & 0x08 != 0)?;
    let size = fields.word_if(flags & 0x10 != 0)?;
    Some(Header { track, absolute, duration, size, flags: fields.word_if(flags & 0x20 != 0)? })
}

/// `tfdt` (§8.8.12).
fn decode_time(tfdt: &[u8]) -> Option<u64> {
    let mut fields = Fields(tfdt);
    match fields.version_and_flags()?.0 {
        0 => fields.word().map(u64::from),
        _ => fields.long(),
    }
}

#[derive(Default)]
struct Run {
    samples: u32,
    ticks: u64,
    bytes: u64,
    first_flags: u32,
    /// Durations of the last sample and of the one before.
    last_ticks: (u64, u64),
}

impl Run {
    fn ticks_without_hole(&self, timescale: u32) -> u64 {
        let (last, before) = self.last_ticks;
        let hole = before > 0 && last > before * HOLE_TIMES && last > u64::from(timescale) / 2;
        if hole { self.ticks - last + before } else { self.ticks }
    }
}

/// All of a track's `trun` boxes (§8.8.8) together.
fn runs(traf: &[u8], header: &Header, track: &Track) -> Result<Run, Error> {
    let mut run = Run::default();
    // A zero duration is tolerated only in the fragment's last sample: there some encoders do not know it yet.
    let mut unknown_before = false;
    for (_, trun) in children(traf).filter(|(kind, _)| &kind.0 == b"trun") {
        let mut fields = Fields(trun);
        let (layout, count, first) = layout(&mut fields).ok_or(damaged(*b"trun"))?;
        if count.saturating_add(run.samples) > SAMPLES_MAX {
            return Err(Error::TooManySamples);
        }
        for _ in 0..count {
            let sample = layout.sample(&mut fields, header, track).ok_or(damaged(*b"trun"))?;
            if unknown_before
                || u64::from(sample.duration) > u64::from(GAP_MAX_S) * u64::from(track.timescale)
            {
                let ticks = if unknown_before { 0 } else { sample.duration };
                return Err(Error::SampleDuration { track: track.id, ticks, timescale: track.timescale });
            }
            unknown_before = sample.duration == 0;
            if run.samples == 0 {
                run.first_flags = first.unwrap_or(sample.flags);
            }
            run.samples += 1;
            run.ticks += u64::from(sample.duration);
            run.last_ticks = (u64::from(sample.duration), run.last_ticks.0);
            run.bytes += u64::from(sample.size);
        }
    }
    Ok(run)
}

struct Layout(u32);

struct Sample {
    duration: u32,
    size: u32,
    flags: u32,
}

fn layout(fields: &mut Fields<'_>) -> Option<(Layout, u32, Option<u32>)> {
    let (_, flags) = fields.version_and_flags()?;
    let count = fields.word()?;
    fields.word_if(flags & 0x01 != 0)?;
    let first = fields.word_if(flags & 0x04 != 0)?;
    Some((Layout(flags), count, first))
}

impl Layout {
    /// One sample: what the run states, else the track fragment's defaults, else the movie's.
    fn sample(&self, fields: &mut Fields<'_>, header: &Header, track: &Track) -> Option<Sample> {
        let duration = fields.word_if(self.0 & 0x100 != 0)?.or(header.duration);
        let size = fields.word_if(self.0 & 0x200 != 0)?.or(header.size);
        let flags = fields.word_if(self.0 & 0x400 != 0)?.or(header.flags);
        fields.word_if(self.0 & 0x800 != 0)?;
        Some(Sample {
            duration: duration.unwrap_or(track.defaults.duration),
            size: size.unwrap_or(track.defaults.size),
            flags: flags.unwrap_or(track.defaults.flags),
        })
    }
}
