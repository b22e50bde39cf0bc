//! The tracker's binary frames without serde: what the browser's module can afford.
//!
//! Writes the keys in the order of `docs/spec/tracker.md`, byte for byte what [`super::binary`] writes; reads them in
//! any order, passes unknown ones, and takes nil for absent.

mod client;
mod fields;
mod server;

use crate::id::InfoHash;
use crate::pack::Writer;

const ANNOUNCE: &str = "announce";
const SCRAPE: &str = "scrape";

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
