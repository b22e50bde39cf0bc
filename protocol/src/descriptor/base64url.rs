//! 32 bytes as 43 characters of base64url without padding (RFC 4648 §5).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const KEY_CHARACTERS: usize = 43;

/// The characters of `bytes`.
pub(super) fn encode(bytes: &[u8]) -> String {
    let group = |chunk: &[u8]| {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        let characters = chunk.len() + 1;
        (0..4).take(characters).map(move |i| char::from(ALPHABET[(bits >> (18 - 6 * i) & 63) as usize]))
    };
    bytes.chunks(3).flat_map(group).collect()
}

/// A key of 32 bytes; `None` for another length, another alphabet, padding, or bits left over that are not zero.
pub(super) fn decode_key(text: &str) -> Option<[u8; 32]> {
    if text.len() != KEY_CHARACTERS {
        return None;
    }
    let mut key = [0; 32];
    let (mut bits, mut held, mut at) = (0_u32, 0, 0);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|other| *other == character)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            *key.get_mut(at)? = u8::try_from(bits >> held & 0xFF).ok()?;
            at += 1;
        }
    }
    (bits & 3 == 0).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_vectors_of_rfc_4648_hold_without_padding() {
        let rows =
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")];
        for (bytes, text) in rows {
            assert_eq!(encode(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_key_survives_and_what_is_no_key_does_not() {
        let mut key = [0; 32];
        for (byte, value) in key.iter_mut().zip((0_u8..=255).step_by(8)) {
            *byte = value.wrapping_mul(37);
        }
        let text = encode(&key);
        assert_eq!(decode_key(&text), Some(key));
        assert_eq!(decode_key(&text[1..]), None, "a character too few");
        assert_eq!(decode_key(&[&text, "A"].concat()), None, "a character too many");
        assert_eq!(decode_key(&["=", &text[1..]].concat()), None, "padding");
        assert_eq!(decode_key(&["+", &text[1..]].concat()), None, "the other alphabet");
        assert_eq!(decode_key(&"_".repeat(KEY_CHARACTERS)), None, "bits left over");
    }
}
