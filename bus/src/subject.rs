//! What a letter is about, and so who gets it.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::limits::SUBJECT_BYTES_MAX;

/// Words of ASCII letters, digits, `-` and `_`, joined by dots; at most [`SUBJECT_BYTES_MAX`] bytes.
#[derive(Clone)]
pub struct Subject(Text);

#[derive(Clone)]
enum Text {
    Literal(&'static str),
    Shared(Arc<str>),
}

impl Subject {
    /// A subject that stands in the program: in a `const` or `static`, one that is none does not compile.
    ///
    /// # Panics
    /// Where the text is no subject.
    #[must_use]
    pub const fn literal(text: &'static str) -> Self {
        assert!(is_sound(text.as_bytes()), "no subject");
        Self(Text::Literal(text))
    }

    /// A subject from its text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_sound(text.as_bytes()).then(|| Self(Text::Shared(text.into())))
    }

    /// A subject below this one, for a name of any bytes: they become one more word (base64url), and different names
    /// different words. `None` where it gets too long.
    #[must_use]
    pub fn under(&self, name: &[u8]) -> Option<Self> {
        // No encoding is one character long, so this stands for the empty name and for no other.
        let word = if name.is_empty() { "_".to_owned() } else { URL_SAFE_NO_PAD.encode(name) };
        let text = [self.as_str(), ".", &word].concat();
        (text.len() <= SUBJECT_BYTES_MAX).then(|| Self(Text::Shared(text.into())))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Literal(text) => text,
            Text::Shared(text) => text,
        }
    }
}

const fn is_sound(text: &[u8]) -> bool {
    let (mut at, mut in_word) = (0, false);
    while at < text.len() {
        let byte = text[at];
        let letter = byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(letter || byte == b'.' && in_word) {
            return false;
        }
        in_word = letter;
        at += 1;
    }
    in_word && text.len() <= SUBJECT_BYTES_MAX
}

impl fmt::Debug for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Subject {}

impl PartialOrd for Subject {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Subject {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_words_joined_by_dots_up_to_a_length() {
        for text in ["a", "chat.room", "a-b_c.D9", &"x".repeat(SUBJECT_BYTES_MAX)] {
            assert_eq!(Subject::parse(text).unwrap().as_str(), text);
        }
        for text in ["", ".", "a.", ".a", "a..b", "a b", "a.*", ">", "ü", &"x".repeat(SUBJECT_BYTES_MAX + 1)]
        {
            assert_eq!(Subject::parse(text), None, "{text}");
        }
    }

    #[test]
    fn any_name_becomes_one_word_and_no_two_names_the_same() {
        let room = Subject::parse("room").unwrap();
        let names: [&[u8]; 5] = [b"", b"_", b"live://1", b"a.b", &[0xff, 0]];
        let subjects: Vec<Subject> = names.iter().map(|name| room.under(name).unwrap()).collect();
        for (place, subject) in subjects.iter().enumerate() {
            assert_eq!(Subject::parse(subject.as_str()).as_ref(), Some(subject));
            assert_eq!(subject.as_str().split('.').count(), 2);
            assert!(!subjects[..place].contains(subject));
        }
        assert_eq!(room.under(&[0; SUBJECT_BYTES_MAX]), None);
    }
}
