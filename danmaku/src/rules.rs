//! What the viewer does not want to read: blocked words and people.
//!
//! Regular expressions are the shell's: a browser has an engine for them, and it would be the half of this module.

use std::collections::BTreeSet;

use crate::limits::{BLOCKED_MAX, WORD_CHARS_MAX};

/// The viewer's lists.
#[derive(Debug, Default)]
pub struct Rules {
    words: BTreeSet<String>,
    people: BTreeSet<u64>,
}

impl Rules {
    /// Blocks a word, wherever it stands in a line; false where it is empty, too long, or one too many.
    pub fn block_word(&mut self, word: &str) -> bool {
        let word = plain(word);
        let fits =
            !word.is_empty() && word.chars().count() <= WORD_CHARS_MAX && self.words.len() < BLOCKED_MAX;
        if fits {
            self.words.insert(word);
        }
        fits
    }

    /// Blocks a person; false where it is one too many.
    pub fn block_person(&mut self, person: u64) -> bool {
        let fits = self.people.len() < BLOCKED_MAX;
        if fits {
            self.people.insert(person);
        }
        fits
    }

    /// Forgets all words and people.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether the viewer wants to read this line of this person.
    #[must_use]
    pub fn allow(&self, text: &str, person: u64) -> bool {
        if self.people.contains(&person) {
            return false;
        }
        if self.words.is_empty() {
            return true;
        }
        let text = plain(text);
        !self.words.iter().any(|word| text.contains(word))
    }
}

/// A text without what is no difference to a reader: case, full width, invisible characters, space around it.
pub(crate) fn plain(text: &str) -> String {
    let seen = text.trim().chars().filter(|char| !is_invisible(*char));
    seen.map(narrow).flat_map(char::to_lowercase).collect()
}

/// The ASCII character of a full-width form (Unicode block U+FF00, FF01 to FF5E), and the space of U+3000.
fn narrow(char: char) -> char {
    match char {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
        '\u{3000}' => ' ',
        other => other,
    }
}

/// Zero-width characters, marks of direction, soft hyphen and variation selectors.
const fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocked_words_are_found_however_they_are_written() {
        let mut rules = Rules::default();
        assert!(rules.block_word("Spoiler") && rules.block_word("剧透"));
        let rows = [
            ("no secrets here", true),
            ("a SPOILER ahead", false),
            ("ｓｐｏｉｌｅｒ", false),
            ("spo\u{200b}iler", false),
            ("前方剧透高能", false),
            ("spoil", true),
            ("", true),
        ];
        for (text, allowed) in rows {
            assert_eq!(rules.allow(text, 0), allowed, "{text}");
        }
    }

    #[test]
    fn blocked_people_are_not_read_until_the_lists_are_cleared() {
        let mut rules = Rules::default();
        assert!(rules.block_person(7));
        assert!(!rules.allow("hello", 7));
        assert!(rules.allow("hello", 8));
        rules.clear();
        assert!(rules.allow("hello", 7));
    }

    #[test]
    fn lists_have_bounds() {
        let mut rules = Rules::default();
        assert!(!rules.block_word(" \u{200b} "));
        assert!(rules.block_word(&"x".repeat(WORD_CHARS_MAX)));
        assert!(!rules.block_word(&"x".repeat(WORD_CHARS_MAX + 1)));
        assert!((1..BLOCKED_MAX).all(|number| rules.block_word(&number.to_string())));
        assert!(!rules.block_word("one more"));
        assert!((0..BLOCKED_MAX as u64).all(|person| rules.block_person(person)));
        assert!(!rules.block_person(u64::MAX));
    }
}
