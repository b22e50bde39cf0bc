//! Offers and answers on their way to a viewer: nearly all that a tracker sends, and a session description each.
//!
//! The same bytes as serde writes. It looks at every byte of a string by itself; here eight are looked at in one step, for
//! one in forty of a session description is to be escaped.

use super::AROUND_BYTES;
use crate::tracker::Forwarded;

/// The message as JSON; `kind` is `offer` or `answer`.
pub(super) fn write(forwarded: &Forwarded, kind: &str) -> String {
    let Forwarded { info_hash, peer_id, offer_id, sdp } = forwarded;
    let mut text = String::with_capacity(AROUND_BYTES + sdp.len() + sdp.len() / 8);
    text.push_str(r#"{"action":"announce""#);
    for (key, id) in [("info_hash", &info_hash.0), ("peer_id", &peer_id.0), ("offer_id", &offer_id.0)] {
        push_key(&mut text, key);
        text.push('"');
        id.iter().for_each(|byte| push_byte(&mut text, *byte));
        text.push('"');
    }
    push_key(&mut text, kind);
    text.push_str(r#"{"type":""#);
    text.push_str(kind);
    text.push_str(r#"","sdp":""#);
    push_escaped(&mut text, sdp);
    text.push_str(r#""}}"#);
    text
}

fn push_key(text: &mut String, key: &str) {
    text.push_str(",\"");
    text.push_str(key);
    text.push_str("\":");
}

/// The character of U+0000 to U+00FF that stands for a byte of an id.
fn push_byte(text: &mut String, byte: u8) {
    if is_special(byte) { push_special(text, byte) } else { text.push(char::from(byte)) }
}

fn push_escaped(text: &mut String, mut rest: &str) {
    loop {
        let plain = plain_bytes(rest.as_bytes());
        // What ends it is ASCII, or the end: a boundary of characters.
        let (before, after) = rest.split_at(plain);
        text.push_str(before);
        let Some(special) = after.bytes().next() else { return };
        push_special(text, special);
        rest = &after[1..];
    }
}

/// JSON escapes these (RFC 8259 §7).
const fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn push_special(text: &mut String, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' => '"',
        b'\\' => '\\',
        0x08 => 'b',
        b'\t' => 't',
        b'\n' => 'n',
        0x0C => 'f',
        b'\r' => 'r',
        _ => {
            text.push_str("\\u00");
            text.push(char::from(HEX[usize::from(byte >> 4)]));
            text.push(char::from(HEX[usize::from(byte & 0x0F)]));
            return;
        }
    };
    text.push('\\');
    text.push(short);
}

/// How many bytes there are before the first one to escape.
fn plain_bytes(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return place * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let before_tail = words.len() * 8;
    before_tail + tail.iter().position(|byte| is_special(*byte)).unwrap_or(tail.len())
}

/// The highest bit of each byte to escape, up to the first; what is above that one means nothing. (A byte is below n where
/// taking n from it borrows its highest bit, unless it had it before: Warren, "Hacker's Delight", 2nd edition, §6-1.)
const fn special(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    const fn below(word: u64, n: u64) -> u64 {
        word.wrapping_sub(ONES * n) & !word & HIGH
    }
    below(word, 0x20) | below(word ^ (ONES * b'"' as u64), 1) | below(word ^ (ONES * b'\\' as u64), 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::ServerOut;
    use super::*;
    use crate::id::{InfoHash, OfferId, PeerId};
    use crate::tracker::{Hints, ServerMessage};

    fn as_serde_writes(message: &ServerMessage) -> String {
        serde_json::to_string(&ServerOut::new(message, Hints::default())).unwrap_or_default()
    }

    fn holds(forwarded: Forwarded) {
        let (offer, answer) = (write(&forwarded, "offer"), write(&forwarded, "answer"));
        assert_eq!(offer, as_serde_writes(&ServerMessage::Offer(forwarded.clone())));
        assert_eq!(answer, as_serde_writes(&ServerMessage::Answer(forwarded)));
    }

    #[test]
    fn every_byte_is_written_as_serde_does_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for place in 0..20 {
                let mut id = [b'x'; 20];
                id[place] = byte;
                let sdp = format!("{}{}{}", "v".repeat(place), char::from(byte), "w".repeat(20 - place));
                let (info_hash, peer_id, offer_id) = (InfoHash(id), PeerId(id), OfferId(id));
                holds(Forwarded { info_hash, peer_id, offer_id, sdp });
            }
        }
    }

    proptest! {
        #[test]
        fn any_description_is_written_as_serde_does(
            sdp in prop_oneof![any::<String>(), "[\\x00-\\x7f]{0,200}", "(a=x[ -~é]{0,60}\r\n){0,20}"],
            id in any::<[u8; 20]>(),
        ) {
            holds(Forwarded { info_hash: InfoHash(id), peer_id: PeerId(id), offer_id: OfferId(id), sdp });
        }
    }
}
