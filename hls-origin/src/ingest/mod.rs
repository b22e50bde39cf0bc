//! Ingest: a body's bytes become initialization segments and fragments, or a named error.
//!
//! Accepts fragmented MP4 as encoders write it (ISO/IEC 14496-12, with CMAF as the clean case): `ftyp` `moov`, then
//! `moof` `mdat` pairs, audio and video together. Bytes pass through unchanged: boxes that would be wrong inside a
//! segment (`sidx`, `styp`, `mfra`, `free`) are left out, event messages (`emsg`) are kept before their fragment.
//!
//! **Invariant:** no bytes panic; memory is bounded by [`boxes::MEDIA_BYTES_MAX`] and a few headers.

pub mod boxes;
pub mod fragment;
pub mod init;
mod read;
#[cfg(test)]
mod tests;

use bytes::Bytes;

pub use self::fragment::Timing;
pub use self::init::{Init, Picture, Track};

/// Event messages kept for one fragment.
const EVENTS_MAX: usize = 16;

/// What a body turned out to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An initialization segment: the first of every body, again where an encoder repeats or changes it.
    Init(Init),
    /// One fragment.
    Fragment(Fragment),
}

/// A `moof` with its `mdat`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// When and how long, by the reference track; `None` where that track has no sample here.
    pub timing: Option<Timing>,
    /// The boxes, in order, as they came.
    pub bytes: Vec<Bytes>,
}

impl Fragment {
    /// Bytes of all its boxes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.bytes.iter().map(|bytes| bytes.len() as u64).sum()
    }

    /// Never: a fragment has at least two boxes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Why a body is refused; the text says what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not a sequence of boxes.
    #[error(transparent)]
    Boxes(#[from] boxes::Error),
    /// An unusable `moov`.
    #[error(transparent)]
    Init(#[from] init::Error),
    /// An unusable `moof`.
    #[error(transparent)]
    Fragment(#[from] fragment::Error),
    /// Media before the `moov`.
    #[error("media came before the moov box; use -movflags empty_moov")]
    NoInit,
    /// A `moof` that something else than its `mdat` follows.
    #[error("a moof box is followed by {0:?} instead of its mdat box")]
    NoData(boxes::FourCc),
    /// An `mdat` of its own: a plain MP4 file, not a fragmented one.
    #[error("an mdat box came without a moof box; use -movflags frag_keyframe+empty_moov+default_base_moof")]
    NoMovie,
    /// The body ended between a `moof` and its `mdat`.
    #[error("the body ended between a moof box and its mdat box")]
    Truncated,
}

/// The machine: push bytes, then poll events until `None`.
#[derive(Debug, Default)]
pub struct Ingest {
    splitter: boxes::Splitter,
    file_type: Option<Bytes>,
    init: Option<Init>,
    events: Vec<Bytes>,
    movie: Option<(fragment::Movie, Bytes)>,
}

impl Ingest {
    /// Takes the next bytes of the body.
    pub fn push(&mut self, bytes: &[u8]) {
        self.splitter.push(bytes);
    }

    /// The next event, or `None` where more bytes are needed.
    ///
    /// # Errors
    /// Where the body cannot be used; the machine is then of no further use.
    pub fn poll_event(&mut self) -> Result<Option<Event>, Error> {
        while let Some(found) = self.splitter.poll_box()? {
            if let Some(event) = self.on_box(found)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// Says whether the body may end here.
    ///
    /// # Errors
    /// Where it would end inside a box or a fragment.
    pub fn finish(&self) -> Result<(), Error> {
        self.splitter.finish()?;
        if self.movie.is_some() { Err(Error::Truncated) } else { Ok(()) }
    }

    fn on_box(&mut self, found: boxes::TopBox) -> Result<Option<Event>, Error> {
        if self.movie.is_some() && &found.kind.0 != b"mdat" {
            return Err(Error::NoData(found.kind));
        }
        match &found.kind.0 {
            b"ftyp" => self.file_type = Some(found.bytes),
            b"moov" => return self.on_init(&found).map(Some),
            b"emsg" if self.events.len() < EVENTS_MAX => self.events.push(found.bytes),
            b"moof" => {
                let init = self.init.as_ref().ok_or(Error::NoInit)?;
                self.movie = Some((fragment::parse(found.payload(), init)?, found.bytes));
            }
            b"mdat" => return self.on_data(found).map(Some),
            _ => {}
        }
        Ok(None)
    }

    fn on_init(&mut self, moov: &boxes::TopBox) -> Result<Event, Error> {
        let bytes = match &self.file_type {
            Some(file_type) => Bytes::from([&file_type[..], &moov.bytes[..]].concat()),
            None => moov.bytes.clone(),
        };
        let init = Init::parse(bytes, moov.payload())?;
        self.init = Some(init.clone());
        Ok(Event::Init(init))
    }

    fn on_data(&mut self, data: boxes::TopBox) -> Result<Event, Error> {
        if self.init.is_none() {
            return Err(Error::NoInit);
        }
        let (movie, movie_bytes) = self.movie.take().ok_or(Error::NoMovie)?;
        let held = data.payload().len() as u64;
        if movie.sample_bytes > held {
            let samples = movie.sample_bytes;
            return Err(fragment::Error::SamplesBeyondData { samples, data: held }.into());
        }
        let mut bytes = core::mem::take(&mut self.events);
        bytes.extend([movie_bytes, data.bytes]);
        Ok(Event::Fragment(Fragment { timing: movie.timing, bytes }))
    }
}
