//! The tracker's binary frames without serde: what the browser's module can afford.
//!
//! Writes the keys in the order of `docs/spec/tracker.md`, byte for byte what [`super::binary`] writes; reads them in
//! any order, passes unknown ones, and takes nil for absent.

mod client;
mod server;

use crate::id::InfoHash;
use crate::limits::{SDP_BYTES_MAX, TRACKER_FRAME_BYTES_MAX};
use crate::pack::{DecodeError, Fault, Reader, Writer};

/// Entries of one map, unknown keys among them.
const ENTRIES_MAX: usize = 32;
/// Bytes of a key, and of a word such as an action or an event.
const WORD_BYTES_MAX: usize = 32;

const ANNOUNCE: &str = "announce";
const SCRAPE: &str = "scrape";

/// Reads one value by its key; false where the key is unknown.
type ReadField<'f, 'a> = &'f mut dyn FnMut(&mut Reader<'a>, &'a str) -> bool;

/// Reads a frame: one map.
fn read_frame<'a>(bytes: &'a [u8], read: ReadField<'_, 'a>) -> Result<(), DecodeError> {
    let mut reader = Reader::limited(bytes, TRACKER_FRAME_BYTES_MAX);
    read_map(&mut reader, read);
    reader.finish(())
}

/// Has every value of a map read that is not nil, and passes those of unknown keys.
fn read_map<'a>(reader: &mut Reader<'a>, read: ReadField<'_, 'a>) {
    for _ in 0..reader.map(ENTRIES_MAX) {
        let key = reader.str(WORD_BYTES_MAX);
        if !reader.is_nil() && !read(reader, key) {
            reader.skip();
        }
    }
}

/// `{type, sdp}`: the session description.
fn read_sdp<'a>(reader: &mut Reader<'a>) -> Option<&'a str> {
    let mut sdp = None;
    read_map(reader, &mut |reader, key| {
        if key == "sdp" {
            sdp = Some(reader.str(SDP_BYTES_MAX));
        }
        key == "sdp"
    });
    reader.check(sdp.is_some(), 0, Fault::Key);
    sdp
}

fn write_sdp(writer: &mut Writer, kind: &str, sdp: &str) {
    writer.str(kind).map(2).str("type").str(kind).str("sdp").str(sdp);
}

/// The first keys of every message but a scrape or a failure without a swarm.
fn write_head(writer: &mut Writer, entries: usize, action: &str, info_hash: Option<InfoHash>) {
    writer.map(entries).str("action").str(action);
    if let Some(info_hash) = info_hash {
        writer.str("info_hash").bin(&info_hash.0);
    }
}

/// The value of a key that must be there. Which one is missing is not told: the map's offset is.
fn required<T>(value: Option<T>) -> Result<T, DecodeError> {
    value.ok_or(DecodeError { at: 0, fault: Fault::Key })
}
