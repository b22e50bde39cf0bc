//! Reading a recording: bytes from outside, entry by entry.

use protocol::id::{KeyId, PeerId};
use protocol::limits::{KEYS_MAX, STREAM_NAME_BYTES_MAX, TRACKER_FRAME_BYTES_MAX};
use protocol::pack::{DecodeError, Fault, Reader};
use protocol::time::{Duration, Instant};
use swarm::Config;
use swarm::io::Links;

use crate::mask::SWARM;
use crate::recorder::{END_ELEMENTS, ENTRY_ELEMENTS, HEAD_ELEMENTS};
use crate::{MAGIC, RECORDING_BYTES_MAX, Row, VERSION};

/// Numbers of one row: a playlist of as many segments as a day has at two seconds each.
pub(crate) const NUMBERS_MAX: usize = 1 + 4 * 43_200;
/// Bytes of one row: the longest message there is.
pub(crate) const BYTES_MAX: usize = TRACKER_FRAME_BYTES_MAX;
/// Bytes of the magic word and of an engine's version.
const WORD_BYTES_MAX: usize = 64;

/// Why a file is no recording that can be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Not a recording at all.
    Foreign,
    /// Of another version of the format.
    Version(u8),
    /// Longer than any recording.
    TooLong,
    /// Broken at this place.
    Broken(DecodeError),
}

impl core::fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Foreign => formatter.write_str("this file is no recording"),
            Self::Version(version) => {
                write!(formatter, "a recording of version {version}; this program reads {VERSION}")
            }
            Self::TooLong => write!(formatter, "longer than {RECORDING_BYTES_MAX} bytes, as no recording is"),
            Self::Broken(error) => write!(formatter, "broken at byte {}: {:?}", error.at, error.fault),
        }
    }
}

impl core::error::Error for ReadError {}

/// One input, and what the outputs' hash was when they were out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Since the entry before, or since the engine was made.
    pub elapsed: Duration,
    /// The input.
    pub row: Row,
    /// The lower half of the running hash after its outputs.
    pub outputs: u32,
}

/// A file's head, and the entries that follow.
#[derive(Clone, Debug)]
pub struct Recording<'a> {
    /// The engine that was recorded.
    pub engine: &'a str,
    /// When it was made.
    pub started: Instant,
    /// What it was made of.
    pub config: Config,
    bytes: &'a [u8],
    entries_at: usize,
}

/// What follows an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Entry(Entry),
    /// The end, as the recorder wrote it: whether the recording was full.
    End {
        full: bool,
    },
    /// The file ends without one: the tab was gone before.
    Cut,
}

impl<'a> Recording<'a> {
    /// Reads the head.
    ///
    /// # Errors
    /// [`ReadError`] where this is no recording, or a broken one.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ReadError> {
        if bytes.len() > RECORDING_BYTES_MAX {
            return Err(ReadError::TooLong);
        }
        let mut reader = Reader::new(bytes);
        reader.array_exactly(HEAD_ELEMENTS);
        if reader.str(WORD_BYTES_MAX) != MAGIC {
            return Err(ReadError::Foreign);
        }
        let version = reader.u8();
        if version != VERSION {
            return Err(ReadError::Version(version));
        }
        let engine = reader.str(WORD_BYTES_MAX);
        let started = Instant(reader.u64());
        let config = read_config(&mut reader);
        let entries_at = reader.at();
        if reader.is_sound() {
            Ok(Self { engine, started, config, bytes, entries_at })
        } else {
            Err(ReadError::Broken(reader.error(entries_at, Fault::Truncated)))
        }
    }

    /// The entries, one after the other.
    pub(crate) fn entries(&self) -> Entries<'a> {
        let mut reader = Reader::new(self.bytes);
        reader.go_to(self.entries_at);
        Entries { reader, bytes: self.bytes.len(), count: 0 }
    }
}

/// Reads entries.
#[derive(Clone, Debug)]
pub(crate) struct Entries<'a> {
    reader: Reader<'a>,
    bytes: usize,
    count: u64,
}

impl Entries<'_> {
    /// The next entry, or how the file ends.
    pub(crate) fn next(&mut self) -> Result<Next, ReadError> {
        let at = self.reader.at();
        if at == self.bytes {
            return Ok(Next::Cut);
        }
        let next = match self.reader.array(ENTRY_ELEMENTS) {
            ENTRY_ELEMENTS => Next::Entry(self.entry()),
            END_ELEMENTS => {
                let counted = self.reader.u64() == self.count;
                self.reader.check(counted, at, Fault::Length);
                let full = self.reader.bool();
                let last = self.reader.at() == self.bytes;
                self.reader.check(last, at, Fault::Trailing);
                Next::End { full }
            }
            _ => {
                self.reader.fail(at, Fault::Length);
                Next::Cut
            }
        };
        self.count += 1;
        match self.reader.is_sound() {
            true => Ok(next),
            false => Err(ReadError::Broken(self.reader.error(at, Fault::Truncated))),
        }
    }

    fn entry(&mut self) -> Entry {
        let reader = &mut self.reader;
        let kind = reader.u8();
        let elapsed = Duration::from_micros(reader.u64());
        let count = reader.array(NUMBERS_MAX);
        let numbers = reader.values(count, Reader::u64);
        let bytes = reader.bin(BYTES_MAX).to_vec();
        Entry { elapsed, row: Row { kind, numbers, bytes }, outputs: reader.u32() }
    }
}

fn read_config(reader: &mut Reader<'_>) -> Config {
    let seed = reader.u64();
    let peer_id = PeerId(reader.array_of_bytes());
    let stream = reader.str(STREAM_NAME_BYTES_MAX).to_owned();
    let count = reader.array(KEYS_MAX);
    let keys = reader.values(count, |reader| KeyId(reader.u32()));
    let target_duration_ms = reader.u32();
    let trackers = reader.u8();
    reader.array_exactly(3);
    let [p2p, upload, super_peer] = core::array::from_fn(|_| reader.bool());
    let links = Links { aim: reader.u16(), max: reader.u16() };
    let cache_bytes_max = reader.u64();
    let at = reader.at();
    let reserved = reader.is_nil();
    reader.check(reserved, at, Fault::Kind);
    Config {
        seed,
        peer_id,
        info_hash: SWARM,
        stream,
        keys,
        target_duration_ms,
        trackers,
        p2p,
        upload,
        super_peer,
        links,
        cache_bytes_max,
    }
}
