//! A text as a reader sees it.
//!
//! Each character is folded by itself (`fold`); what depends on its neighbours is here: spaces become one, a letter that
//! comes three times or more comes twice ([`Normal::text`]) or once ([`Normal::squeeze`]), a digit or a sign between
//! letters is the letter that it stands for, a foreign capital in a Latin word is the Latin one, and halfwidth voice marks
//! join their kana.

use unicode_normalization::char::compose;

pub use super::fold::is_unseen;
use super::fold::{Form, fold};

/// A folded text; kept from one text to the next, so that folding allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Normal {
    text: Vec<u8>,
    /// The second of each pair that stands for three or more: where it begins, and its bytes.
    pairs: Vec<(usize, usize)>,
    squeezed: Vec<u8>,
    /// For each byte of the text, where in the source its character begins; only where it is asked for.
    sources: Vec<usize>,
    last: Form,
    run: usize,
    /// Where digits and signs are that may stand for letters.
    signs: Vec<usize>,
}

/// Digits that stand between letters for one: more of them are a number.
const LEET_RUN_MAX: usize = 2;
/// How kana and their marks begin in UTF-8.
const KANA: &[u8] = b"\xE3\x82";
/// Letters that are looked at for a Latin one after a capital that may be one.
const WORD_AHEAD_MAX: usize = 8;

impl Normal {
    /// Folds a text.
    pub fn read(&mut self, source: &str) {
        self.fold::<false>(source);
    }

    /// Folds a text, and remembers where its parts were.
    pub(super) fn read_with_sources(&mut self, source: &str) {
        self.fold::<true>(source);
    }

    /// The folded text: what came three times or more, twice.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// The folded text with what came three times or more once; `None` where nothing did.
    pub fn squeeze(&mut self) -> Option<&str> {
        if self.pairs.is_empty() {
            return None;
        }
        self.squeezed.clear();
        let mut from = 0;
        for (start, length) in &self.pairs {
            self.squeezed.extend_from_slice(self.text.get(from..*start).unwrap_or_default());
            from = start + length;
        }
        self.squeezed.extend_from_slice(self.text.get(from..).unwrap_or_default());
        std::str::from_utf8(&self.squeezed).ok()
    }

    /// The part of the source that this part of the folded text came from. Bytes of the squeezed text are given as they
    /// are there.
    pub(super) fn source(&self, squeezed: bool, start: usize, end: usize, source: &str) -> (usize, usize) {
        let (mut start, mut end) = (start, end);
        if squeezed {
            for (at, length) in &self.pairs {
                start += if *at <= start { *length } else { 0 };
                end += if *at < end { *length } else { 0 };
            }
        }
        let first = self.sources.get(start).copied().unwrap_or(source.len());
        // Up to where the next character that is seen begins: repeated and unseen ones go with what they follow.
        let last = self.sources.get(end).copied().unwrap_or(source.len());
        (first, last)
    }

    fn fold<const SOURCES: bool>(&mut self, source: &str) {
        self.text.clear();
        self.pairs.clear();
        self.sources.clear();
        (self.last, self.run) = (Form::default(), 0);
        self.signs.clear();
        self.text.reserve(source.len());
        let mut at = 0;
        while let Some(&byte) = source.as_bytes().get(at) {
            let start = at;
            if byte.is_ascii() {
                self.push_ascii(byte);
                at += 1;
            } else {
                let character = source.get(at..).and_then(|rest| rest.chars().next()).unwrap_or_default();
                self.fold_one(source, at, character);
                at += character.len_utf8();
            }
            if SOURCES {
                self.sources.resize(self.text.len(), start);
            }
        }
        if !self.signs.is_empty() {
            self.spell();
        }
    }

    /// One byte of ASCII: most of most texts.
    fn push_ascii(&mut self, byte: u8) {
        let (byte, letter) = FOLDED.get(usize::from(byte)).copied().unwrap_or_default();
        if byte == 0 {
            return;
        }
        if letter != 0 {
            self.signs.push(self.text.len());
        }
        let form = Form::ascii(byte);
        if form == self.last {
            self.repeat(form);
        } else {
            (self.last, self.run) = (form, 1);
            self.text.push(byte);
        }
    }

    fn fold_one(&mut self, source: &str, at: usize, character: char) {
        let mut form = fold(character);
        if form.latin != 0 {
            form = self.latin(form, source.get(at + character.len_utf8()..).unwrap_or_default());
        }
        if form.as_bytes().first().is_some_and(|byte| leet(*byte) != 0) {
            self.signs.push(self.text.len());
        }
        self.push(form);
    }

    /// Digits and signs between letters become the letters that they stand for.
    fn spell(&mut self) {
        let mut done = 0;
        let signs = std::mem::take(&mut self.signs);
        for &at in &signs {
            if at < done {
                continue;
            }
            let digit = |byte: &&u8| byte.is_ascii_digit();
            let (before, from) = self.text.split_at_checked(at).unwrap_or_default();
            let number = from.first().is_some_and(u8::is_ascii_digit);
            let start = if number { at - before.iter().rev().take_while(digit).count() } else { at };
            done = if number { at + from.iter().take_while(digit).count() } else { at + 1 };
            let letter = |at: usize| self.text.get(at).is_some_and(u8::is_ascii_alphabetic);
            let between = letter(done) || number && start.checked_sub(1).is_some_and(letter);
            if between && done - start <= LEET_RUN_MAX {
                let run = self.text.get_mut(start..done).unwrap_or_default();
                run.iter_mut().filter(|byte| leet(**byte) != 0).for_each(|byte| *byte = leet(*byte));
            }
        }
        self.signs = signs;
    }

    /// A capital in a word that has Latin letters is the Latin one.
    fn latin(&self, form: Form, rest: &str) -> Form {
        let before = self.text.last().is_some_and(u8::is_ascii_alphabetic);
        let mut word = rest
            .chars()
            .take(WORD_AHEAD_MAX)
            .take_while(|letter| letter.is_alphabetic() || is_unseen(*letter));
        if before || word.any(|letter| letter.is_ascii()) { Form::ascii(form.latin) } else { form }
    }

    fn push(&mut self, form: Form) {
        let bytes = form.as_bytes();
        if bytes.is_empty() || bytes.starts_with(KANA) && self.joins_kana(bytes) {
            return;
        }
        if form != self.last {
            (self.last, self.run) = (form, 1);
            self.text.extend_from_slice(bytes);
        } else {
            self.repeat(form);
        }
    }

    /// The same once more.
    fn repeat(&mut self, form: Form) {
        self.run += 1;
        let bytes = form.as_bytes();
        match bytes {
            b" " => {}
            [digit] if digit.is_ascii_digit() => self.text.push(*digit),
            _ if self.run == 2 => {
                // What is no letter says the same once: an emoji, an exclamation mark.
                if self.last_character().is_some_and(char::is_alphanumeric) {
                    self.text.extend_from_slice(bytes);
                } else {
                    self.run = 1;
                }
            }
            _ if self.run == 3 => self.pairs.push((self.text.len() - bytes.len(), bytes.len())),
            _ => {}
        }
    }

    /// The last character so far, without a look at all the others.
    fn last_character(&self) -> Option<char> {
        let start = self.text.iter().rposition(|byte| byte & 0xC0 != 0x80)?;
        std::str::from_utf8(self.text.get(start..)?).ok()?.chars().next()
    }

    /// A voice mark that follows its kana becomes a part of it.
    fn joins_kana(&mut self, bytes: &[u8]) -> bool {
        let mark = match std::str::from_utf8(bytes) {
            Ok("\u{3099}") => '\u{3099}',
            Ok("\u{309A}") => '\u{309A}',
            _ => return false,
        };
        let Some(kana) = self.last_character() else { return false };
        let Some(voiced) = compose(kana, mark) else { return false };
        self.text.truncate(self.text.len() - kana.len_utf8());
        self.text.extend_from_slice(voiced.encode_utf8(&mut [0; 4]).as_bytes());
        (self.last, self.run) = (fold(voiced), 1);
        true
    }
}

/// What each byte of ASCII folds to, and the letter that it may be written for.
static FOLDED: [(u8, u8); 128] = {
    let mut table = [(0, 0); 128];
    let mut byte = 0;
    while byte < 128 {
        let folded = folded(byte as u8);
        table[byte] = (folded, leet(folded));
        byte += 1;
    }
    table
};

/// ASCII as it folds: capitals small, white space a space, and zero for what nobody sees.
const fn folded(byte: u8) -> u8 {
    match byte {
        b'\t'..=b'\r' | b' ' => b' ',
        b'!'..=b'~' => byte.to_ascii_lowercase(),
        _ => 0,
    }
}

/// The letter that a digit or a sign is written for.
const fn leet(byte: u8) -> u8 {
    match byte {
        b'0' => b'o',
        b'1' | b'!' | b'|' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        _ => 0,
    }
}
