//! Where in a text the first word of a list may begin: looks at how words begin, and nearly always says nowhere.
//!
//! A Bloom filter of how the listed words begin, of their first six bytes or all of a shorter one: small enough to stay
//! near the processor, while the automaton of ten thousand words is not. Words that begin only where no letter is before
//! them are asked for only there, short ones that end only where no letter is behind them only there, and those that begin
//! with ASCII only where ASCII is. In front of it stands a smaller one of their first four bytes, which fits beside a text
//! in the processor's nearest memory and says most of the noes.
//!
//! **Invariant:** no word matches before the place that it names.

/// Bytes of a word that are looked at: two Han characters, or six letters.
const PREFIX_BYTES_MAX: usize = 6;
/// 64 KB: ten thousand words set two bits each, a twenty-fifth of all, and one in seven hundred other beginnings has both.
const BITS_LOG2: u32 = 19;
/// Bytes that are looked at first, of words that have so many.
const GATE_BYTES: usize = 4;
/// 16 KB: ten thousand words set one bit each, a thirteenth of all.
const GATE_BITS_LOG2: u32 = 17;

/// What is known of all words of a list.
pub(super) struct Sieve {
    bits: Box<[u64]>,
    gate: Box<[u64]>,
    /// Where a character begins, by [`kind`] and by whether no letter of ASCII is before it.
    places: [[Place; 2]; 2],
}

/// What is looked for at places of one kind.
#[derive(Debug, Default)]
struct Place {
    looks: Vec<Look>,
    /// Some are shorter than what the gate knows.
    short: bool,
}

/// A word of the list, and where it may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed<'a> {
    pub(super) text: &'a str,
    /// No letter may be before it.
    pub(super) closed_before: bool,
    /// No letter may be behind it.
    pub(super) closed_behind: bool,
}

/// Words of which so many bytes are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    length: usize,
    /// They all end there, and no letter may be behind them.
    closed_behind: bool,
}

impl Sieve {
    /// Of these words.
    pub(super) fn new<'a>(words: impl Iterator<Item = Listed<'a>>) -> Self {
        let empty = |bits_log2: u32| vec![0_u64; 1 << (bits_log2 - u64::BITS.ilog2())].into_boxed_slice();
        let (bits, gate) = (empty(BITS_LOG2), empty(GATE_BITS_LOG2));
        let mut sieve = Self { bits, gate, places: Default::default() };
        for Listed { text, closed_before, closed_behind } in words {
            let length = text.len().min(PREFIX_BYTES_MAX);
            hashes(prefix(text.as_bytes(), 0, length), length)
                .into_iter()
                .for_each(|bit| set(&mut sieve.bits, bit));
            if length >= GATE_BYTES {
                set(&mut sieve.gate, gate_hash(prefix(text.as_bytes(), 0, GATE_BYTES)));
            }
            let look = Look { length, closed_behind: closed_behind && text.len() == length };
            let places = sieve.places.get_mut(kind(text.as_bytes(), 0)).into_iter().flatten();
            places.skip(usize::from(closed_before)).for_each(|place| place.add(look));
        }
        sieve
    }

    /// Where the first word may begin; `None` where there is none.
    pub(super) fn first(&self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut fresh = true;
        for (at, byte) in bytes.iter().enumerate() {
            // Not inside a character.
            if byte & 0xC0 != 0x80 && self.may_begin(bytes, at, fresh) {
                return Some(at);
            }
            fresh = !byte.is_ascii_alphanumeric();
        }
        None
    }

    fn may_begin(&self, bytes: &[u8], at: usize, fresh: bool) -> bool {
        let place = self.places.get(kind(bytes, at)).and_then(|places| places.get(usize::from(fresh)));
        let Some(Place { looks, short }) = place.filter(|place| !place.looks.is_empty()) else {
            return false;
        };
        let passes = is_set(&self.gate, gate_hash(prefix(bytes, at, GATE_BYTES)));
        if !passes && !short {
            return false;
        }
        looks.iter().any(|look| (passes || look.length < GATE_BYTES) && self.may_be(*look, bytes, at))
    }

    fn may_be(&self, look: Look, bytes: &[u8], at: usize) -> bool {
        let end = at + look.length;
        let behind = bytes.get(end);
        if end > bytes.len() || look.closed_behind && behind.is_some_and(u8::is_ascii_alphanumeric) {
            return false;
        }
        let hashes = hashes(prefix(bytes, at, look.length), look.length);
        hashes.into_iter().all(|bit| is_set(&self.bits, bit))
    }
}

impl Place {
    /// Adds a look where it is not there; words that may run on make it look there too.
    fn add(&mut self, look: Look) {
        self.short |= look.length < GATE_BYTES;
        match self.looks.iter_mut().find(|known| known.length == look.length) {
            Some(known) => known.closed_behind &= look.closed_behind,
            None => self.looks.push(look),
        }
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
const fn hashes(prefix: u64, length: usize) -> [usize; 2] {
    let salted = prefix ^ ((length as u64) << 56);
    let one = (salted ^ (salted >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let two = (one ^ (one >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    [(one >> (64 - BITS_LOG2)) as usize, (two >> (64 - BITS_LOG2)) as usize]
}

/// One bit, of four bytes.
const fn gate_hash(prefix: u64) -> usize {
    (prefix.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - GATE_BITS_LOG2)) as usize
}

fn set(bits: &mut [u64], bit: usize) {
    if let Some(bits) = bits.get_mut(bit / 64) {
        *bits |= 1 << (bit % 64);
    }
}

fn is_set(bits: &[u64], bit: usize) -> bool {
    bits.get(bit / 64).is_some_and(|bits| (bits >> (bit % 64)) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn most_texts_have_nothing_that_begins_as_a_word() {
        let words = (0..5_000).map(|index| format!("w{index:x}ord"));
        let words: Vec<String> = words.collect();
        let sieve = Sieve::new(words.iter().map(|word| listed(word, true, true)));
        assert!(words.iter().all(|word| sieve.first(word).is_some()));
        let passed =
            (0..1_000).filter(|index| sieve.first(&format!("some other text {index}")).is_some()).count();
        assert!(passed < 100, "{passed}");
        assert_eq!(Sieve::new([].into_iter()).first("anything"), None);
    }

    #[test]
    fn a_closed_word_is_not_looked_for_behind_a_letter() {
        let sieve = Sieve::new([listed("spam", true, false)].into_iter());
        let rows = [("spam", true), ("a spam", true), ("加spam", true), ("aspam", false), ("spa", false)];
        for (text, wanted) in rows {
            assert_eq!(sieve.first(text).is_some(), wanted, "{text}");
        }
        assert_eq!(Sieve::new([listed("spam", false, false)].into_iter()).first("aspam"), Some(1));
    }

    #[test]
    fn a_short_closed_word_is_not_looked_for_before_a_letter() {
        let closed = listed("spam", true, true);
        let rows = [
            (vec![closed], "spams", false),
            (vec![closed], "spam加", true),
            (vec![closed, listed("hams", true, false)], "spams", true),
            (vec![listed("spammy", true, true)], "spammys", false),
            (vec![listed("spammer", true, true)], "spammers", true),
        ];
        for (words, text, wanted) in rows {
            assert_eq!(Sieve::new(words.into_iter()).first(text).is_some(), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_word_is_before_the_place_that_it_names(
            words in prop::collection::vec(("[ab加é ]{1,8}", any::<bool>(), any::<bool>()), 1..8),
            before in "[ab加é ]{0,9}",
            behind in "[ab加é ]{0,9}",
            which in any::<prop::sample::Index>(),
        ) {
            let list = words.iter().map(|(word, before, behind)| listed(word, *before, *behind));
            let sieve = Sieve::new(list);
            let (word, closed_before, closed_behind) = &words[which.index(words.len())];
            let hidden = *closed_before && before.ends_with(|last: char| last.is_ascii_alphanumeric())
                || *closed_behind && behind.starts_with(|first: char| first.is_ascii_alphanumeric());
            let text = [&before, word.as_str(), &behind].concat();
            prop_assert!(hidden || sieve.first(&text).is_some_and(|first| first <= before.len()));
        }
    }

    const fn listed(text: &str, closed_before: bool, closed_behind: bool) -> Listed<'_> {
        Listed { text, closed_before, closed_behind }
    }
}
