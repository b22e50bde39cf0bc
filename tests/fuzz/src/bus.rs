//! Room events and heartbeats.

use protocol::chat::Event;
use protocol::presence::Beat;

use crate::hold;

/// A letter's body, read as each of the two.
pub(crate) fn letter(bytes: &[u8]) {
    if let Ok(event) = Event::decode(bytes) {
        hold(event.encode() == bytes, "an event has one encoding");
    }
    if let Ok(beat) = Beat::decode(bytes) {
        hold(beat.encode() == bytes, "a beat has one encoding");
    }
}
