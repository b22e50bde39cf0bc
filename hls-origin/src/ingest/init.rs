//! The initialization segment: which tracks there are, their clocks and codecs (ISO/IEC 14496-12 §8, RFC 6381).

use bytes::Bytes;

use super::boxes::FourCc;
use super::read::{Fields, child, children};

/// Tracks of one body: one video and a few languages of audio.
pub const TRACKS_MAX: usize = 8;

/// An initialization segment, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    /// `ftyp` and `moov` as they came: what EXT-X-MAP names.
    pub bytes: Bytes,
    /// Its tracks, at least one and at most [`TRACKS_MAX`].
    pub tracks: Vec<Track>,
    /// Which track's clock the segments follow: the video, else the first.
    pub reference: usize,
}

/// One track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its id, which fragments name.
    pub id: u32,
    /// Its clock, in ticks per second; never 0.
    pub timescale: u32,
    /// Its RFC 6381 name.
    pub codec: String,
    /// Picture size in pixels, of a video.
    pub picture: Option<Picture>,
    /// What fragments may leave unsaid.
    pub defaults: Defaults,
}

/// A picture's size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

/// `trex`: values of samples that their fragment does not state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Duration in ticks.
    pub duration: u32,
    /// Size in bytes.
    pub size: u32,
    /// Flags (§8.8.3.1).
    pub flags: u32,
}

/// Why a `moov` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No track in it.
    #[error("the moov box has no track; publish H.264 video, AAC audio, or both")]
    NoTracks,
    /// Too many.
    #[error("the moov box has more than {TRACKS_MAX} tracks; map fewer (-map 0:v:0 -map 0:a:0)")]
    TooManyTracks,
    /// A field that every track has is absent or cut short.
    #[error("a track's {0:?} box is absent or cut short; the moov box is damaged")]
    Damaged(FourCc),
    /// A codec that players of plain HLS do not share.
    #[error("the codec {0:?} is not carried; publish H.264 (-c:v libx264) and AAC (-c:a aac)")]
    Codec(FourCc),
}

impl Init {
    /// Understands a `moov`'s payload; `bytes` are `ftyp` and `moov` whole.
    ///
    /// # Errors
    /// Where it is damaged or carries what cannot be served.
    pub fn parse(bytes: Bytes, moov: &[u8]) -> Result<Self, Error> {
        let mut tracks = Vec::new();
        for (kind, payload) in children(moov) {
            if &kind.0 != b"trak" {
                continue;
            }
            if tracks.len() == TRACKS_MAX {
                return Err(Error::TooManyTracks);
            }
            tracks.push(track(payload, moov)?);
        }
        if tracks.is_empty() {
            return Err(Error::NoTracks);
        }
        let reference = tracks.iter().position(|track| track.picture.is_some()).unwrap_or(0);
        Ok(Self { bytes, tracks, reference })
    }

    /// The track with that id.
    #[must_use]
    pub fn track(&self, id: u32) -> Option<&Track> {
        self.tracks.iter().find(|track| track.id == id)
    }

    /// The id of the track whose clock the segments follow.
    #[must_use]
    pub fn reference_id(&self) -> Option<u32> {
        self.tracks.get(self.reference).map(|track| track.id)
    }
}

fn track(trak: &[u8], moov: &[u8]) -> Result<Track, Error> {
    let id = child(trak, b"tkhd").and_then(track_id).ok_or(damaged(*b"tkhd"))?;
    let media = child(trak, b"mdia").ok_or(damaged(*b"mdia"))?;
    let timescale = child(media, b"mdhd").and_then(timescale).ok_or(damaged(*b"mdhd"))?;
    let table = child(media, b"minf").and_then(|minf| child(minf, b"stbl")).ok_or(damaged(*b"stbl"))?;
    let descriptions = child(table, b"stsd").and_then(|stsd| stsd.get(8..)).ok_or(damaged(*b"stsd"))?;
    let (kind, entry) = children(descriptions).next().ok_or(damaged(*b"stsd"))?;
    let (codec, picture) = match &kind.0 {
        b"avc1" | b"avc3" => {
            let (codec, picture) = video(kind, entry).ok_or(damaged(*b"avcC"))?;
            (codec, Some(picture))
        }
        b"mp4a" => (audio(entry).ok_or(damaged(*b"esds"))?, None),
        _ => return Err(Error::Codec(kind)),
    };
    Ok(Track { id, timescale, codec, picture, defaults: defaults(moov, id) })
}

const fn damaged(kind: [u8; 4]) -> Error {
    Error::Damaged(FourCc(kind))
}

fn track_id(tkhd: &[u8]) -> Option<u32> {
    let mut fields = Fields(tkhd);
    let (version, _) = fields.version_and_flags()?;
    fields.take(if version == 1 { 16 } else { 8 })?;
    fields.word()
}

fn timescale(mdhd: &[u8]) -> Option<u32> {
    let mut fields = Fields(mdhd);
    let (version, _) = fields.version_and_flags()?;
    fields.take(if version == 1 { 16 } else { 8 })?;
    fields.word().filter(|timescale| *timescale > 0)
}

/// VisualSampleEntry (§12.1.3) and AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3).
fn video(kind: FourCc, entry: &[u8]) -> Option<(String, Picture)> {
    let mut fields = Fields(entry);
    fields.take(24)?;
    let picture = Picture { width: fields.half()?, height: fields.half()? };
    fields.take(50)?;
    let config = child(fields.0, b"avcC")?;
    let [profile, constraints, level] = *config.get(1..4)?.first_chunk()?;
    Some((format!("{kind}.{profile:02x}{constraints:02x}{level:02x}"), picture))
}

/// AudioSampleEntry (§12.2.3) and the elementary stream descriptor (ISO/IEC 14496-1 §7.2.6).
fn audio(entry: &[u8]) -> Option<String> {
    let esds = child(entry.get(28..)?, b"esds")?;
    let mut fields = Fields(esds.get(4..)?);
    descriptor(&mut fields, 0x03)?;
    fields.take(2)?;
    let flags = fields.byte()?;
    fields.take(if flags & 0x80 != 0 { 2 } else { 0 })?;
    if flags & 0x40 != 0 {
        let url = fields.byte()?;
        fields.take(usize::from(url))?;
    }
    fields.take(if flags & 0x20 != 0 { 2 } else { 0 })?;
    descriptor(&mut fields, 0x04)?;
    let object = fields.byte()?;
    fields.take(12)?;
    if object != 0x40 {
        return Some(format!("mp4a.{object:02x}"));
    }
    descriptor(&mut fields, 0x05)?;
    let config = fields.half()?;
    let kind = match config >> 11 {
        31 => 32 + ((config >> 5) & 0x3f),
        kind => kind,
    };
    Some(format!("mp4a.40.{kind}"))
}

/// Enters a descriptor with that tag: its length, in base 128, is not needed.
fn descriptor(fields: &mut Fields<'_>, tag: u8) -> Option<()> {
    if fields.byte()? != tag {
        return None;
    }
    for _ in 0..4 {
        if fields.byte()? & 0x80 == 0 {
            return Some(());
        }
    }
    None
}

fn defaults(moov: &[u8], id: u32) -> Defaults {
    let Some(extends) = child(moov, b"mvex") else { return Defaults::default() };
    children(extends)
        .filter(|(kind, _)| &kind.0 == b"trex")
        .find_map(|(_, trex)| {
            let mut fields = Fields(trex);
            fields.version_and_flags()?;
            let found = fields.word()?;
            fields.word()?;
            let defaults = Defaults { duration: fields.word()?, size: fields.word()?, flags: fields.word()? };
            (found == id).then_some(defaults)
        })
        .unwrap_or_default()
}
