//! fMP4 at the origin.

use hls_origin::ingest::{Event, Ingest};

use crate::hold;

/// Events of one body; so few bytes hold no more.
const EVENTS_MAX: usize = 10_000;

/// A body's bytes, whole and in small pieces: what comes out is the same.
pub(crate) fn body(bytes: &[u8]) {
    let piece = usize::from(bytes.first().copied().unwrap_or(0) % 64) + 1;
    let (whole, in_pieces) = (run(bytes, bytes.len().max(1)), run(bytes, piece));
    hold(whole == in_pieces, "how the bytes arrive changes nothing");
}

/// What came out, and how it ended.
fn run(bytes: &[u8], piece: usize) -> (Vec<Event>, Option<String>) {
    let (mut ingest, mut events) = (Ingest::default(), Vec::new());
    for piece in bytes.chunks(piece) {
        ingest.push(piece);
        loop {
            match ingest.poll_event() {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(error) => return (events, Some(error.to_string())),
            }
            hold(events.len() <= EVENTS_MAX, "events end");
        }
    }
    (events, ingest.finish().err().map(|error| error.to_string()))
}
