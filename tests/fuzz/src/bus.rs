//! Room events, heartbeats, and what chat nodes tell each other; and what an edge makes of whom others hold.

use chat_edge::router::interest::There;
use protocol::chat::Event;
use protocol::chat::node::{Facts, Letter};
use protocol::presence::Beat;

use crate::hold;

/// A letter's body, read as each of them.
pub(crate) fn letter(bytes: &[u8]) {
    if let Ok(event) = Event::decode(bytes) {
        hold(event.encode() == bytes, "an event has one encoding");
    }
    if let Ok(beat) = Beat::decode(bytes) {
        hold(beat.encode() == bytes, "a beat has one encoding");
    }
    if let Ok(facts) = Facts::decode(bytes) {
        hold(facts.encode() == bytes, "facts have one encoding");
    }
    if let Ok(letter) = Letter::decode(bytes) {
        // Of a past that is too long only a part goes on.
        hold(matches!(letter, Letter::Past(..)) || letter.encode() == bytes, "a letter has one encoding");
        if let Letter::Holders(holders) = letter {
            let mut there = There::default();
            there.on_told(&holders);
            hold(
                holders.came.iter().all(|holder| there.may_have(*holder) || holders.went.contains(holder)),
                "whoever came may be there",
            );
        }
    }
}
