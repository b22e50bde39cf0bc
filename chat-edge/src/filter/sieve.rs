//! Whether any word of a list may be in a text: looks at how words begin, and nearly always says no.
//!
//! A Bloom filter of how the listed words begin, of their first six bytes or all of a shorter one: small enough to stay
//! near the processor, while the automaton of ten thousand words is not. Words that begin only where no letter is before
//! them are asked for only there, and those that begin with ASCII only where ASCII is.
//!
//! **Invariant:** where a word matches, the answer is yes.

/// Bytes of a word that are looked at: two Han characters, or six letters.
const PREFIX_BYTES_MAX: usize = 6;
/// 64 KB: ten thousand words set two bits each, a twenty-fifth of all, and one in seven hundred other beginnings has both.
const BITS: usize = 1 << 19;

/// What is known of all words of a list.
pub(super) struct Sieve {
    bits: Box<[u64]>,
    /// By how many bytes are looked at: of words that begin with ASCII, and of others.
    lengths: [[Beginnings; PREFIX_BYTES_MAX + 1]; 2],
}

/// Where words begin of which so many bytes are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Beginnings {
    /// There are no such words.
    Nowhere,
    /// Where no letter or digit of ASCII is before them, and perhaps fewer places.
    Fresh,
    Anywhere,
}

impl Sieve {
    /// Of these words, each with whether no letter may be before it.
    pub(super) fn new<'a>(words: impl Iterator<Item = (&'a str, bool)>) -> Self {
        let mut sieve = Self {
            bits: vec![0; BITS / 64].into(),
            lengths: [[Beginnings::Nowhere; PREFIX_BYTES_MAX + 1]; 2],
        };
        for (word, closed_before) in words {
            let length = word.len().min(PREFIX_BYTES_MAX);
            for bit in bits(prefix(word.as_bytes(), 0, length), length) {
                if let Some(bits) = sieve.bits.get_mut(bit / 64) {
                    *bits |= 1 << (bit % 64);
                }
            }
            let beginnings = if closed_before { Beginnings::Fresh } else { Beginnings::Anywhere };
            let lengths = sieve.lengths.get_mut(kind(word.as_bytes(), 0));
            if let Some(slot) = lengths.and_then(|lengths| lengths.get_mut(length)) {
                *slot = beginnings.max(*slot);
            }
        }
        sieve
    }

    /// Whether a word may be in the text.
    pub(super) fn may_match(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let mut fresh = true;
        for (at, byte) in bytes.iter().enumerate() {
            // Not inside a character.
            if byte & 0xC0 != 0x80 && self.may_begin(bytes, at, fresh) {
                return true;
            }
            fresh = !byte.is_ascii_alphanumeric();
        }
        false
    }

    fn may_begin(&self, bytes: &[u8], at: usize, fresh: bool) -> bool {
        let least = if fresh { Beginnings::Fresh } else { Beginnings::Anywhere };
        let Some(lengths) = self.lengths.get(kind(bytes, at)) else { return false };
        for (length, beginnings) in lengths.iter().enumerate() {
            if *beginnings < least || at + length > bytes.len() {
                continue;
            }
            let set = |bit: usize| self.bits.get(bit / 64).is_some_and(|bits| (bits >> (bit % 64)) & 1 == 1);
            if bits(prefix(bytes, at, length), length).into_iter().all(set) {
                return true;
            }
        }
        false
    }
}

/// Whether what begins here is not ASCII, as an index.
fn kind(bytes: &[u8], at: usize) -> usize {
    usize::from(bytes.get(at).is_some_and(|byte| !byte.is_ascii()))
}

/// So many bytes from here on, as a number.
fn prefix(bytes: &[u8], at: usize, length: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    let eight = rest.first_chunk::<8>().copied().unwrap_or_else(|| {
        let mut eight = [0; 8];
        eight.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
        eight
    });
    u64::from_le_bytes(eight) & !(u64::MAX << (8 * length))
}

/// Two bits of a product with 2^64 divided by the golden ratio (Fibonacci hashing: Knuth), the higher ones the better.
const fn bits(prefix: u64, length: usize) -> [usize; 2] {
    let salted = prefix ^ ((length as u64) << 56);
    let one = (salted ^ (salted >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let two = (one ^ (one >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    [(one >> 45) as usize, (two >> 45) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn most_texts_have_nothing_that_begins_as_a_word() {
        let words = (0..5_000).map(|index| format!("w{index:x}ord"));
        let words: Vec<String> = words.collect();
        let sieve = Sieve::new(words.iter().map(|word| (word.as_str(), true)));
        assert!(words.iter().all(|word| sieve.may_match(word)));
        let passed = (0..1_000).filter(|index| sieve.may_match(&format!("some other text {index}"))).count();
        assert!(passed < 100, "{passed}");
        assert!(!Sieve::new([].into_iter()).may_match("anything"));
    }

    #[test]
    fn a_closed_word_is_not_looked_for_behind_a_letter() {
        let sieve = Sieve::new([("spam", true)].into_iter());
        let rows = [("spam", true), ("a spam", true), ("加spam", true), ("aspam", false), ("spa", false)];
        for (text, wanted) in rows {
            assert_eq!(sieve.may_match(text), wanted, "{text}");
        }
        assert!(Sieve::new([("spam", false)].into_iter()).may_match("aspam"));
    }

    proptest! {
        #[test]
        fn where_a_word_is_the_answer_is_yes(
            words in prop::collection::vec(("[ab加é ]{1,8}", any::<bool>()), 1..8),
            before in "[ab加é ]{0,9}",
            behind in "[ab加é ]{0,9}",
            which in any::<prop::sample::Index>(),
        ) {
            let sieve = Sieve::new(words.iter().map(|(word, closed)| (word.as_str(), *closed)));
            let (word, closed) = &words[which.index(words.len())];
            let hidden = *closed && before.ends_with(|last: char| last.is_ascii_alphanumeric());
            prop_assert!(hidden || sieve.may_match(&[&before, word.as_str(), &behind].concat()));
        }
    }
}
