//! What one character is to a reader: its folded form, made once for each block of 256 that a text ever touches.

use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;
use unicode_security::confusable_detection::skeleton;

/// Bytes of a folded form at most; what would be longer stays what it is.
const FORM_BYTES_MAX: usize = 6;
/// The mark that makes が of か.
const VOICED: char = '\u{3099}';
/// The mark that makes ぱ of は.
const HALF_VOICED: char = '\u{309A}';
const PAGE: usize = 256;
const PAGES: usize = 0x11_0000 / PAGE;

/// A folded form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    bytes: [u8; FORM_BYTES_MAX],
    length: u8,
    /// The small Latin letter that this capital looks like, where its own small letter does not; 0 where there is none.
    pub(super) latin: u8,
}

impl Form {
    /// The form's text; nothing where nobody sees the character.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// One byte of ASCII.
    pub(super) const fn ascii(byte: u8) -> Self {
        Self { bytes: [byte, 0, 0, 0, 0, 0], length: 1, latin: 0 }
    }

    fn of(text: &str) -> Option<Self> {
        let mut bytes = [0; FORM_BYTES_MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length: u8::try_from(text.len()).ok()?, latin: 0 })
    }
}

/// The folded form of a character.
pub(super) fn fold(character: char) -> Form {
    static TABLE: [OnceLock<Box<[Form; PAGE]>>; PAGES] = [const { OnceLock::new() }; PAGES];
    let code = character as usize;
    let Some(page) = TABLE.get(code / PAGE) else { return Form::default() };
    let page =
        page.get_or_init(|| Box::new(std::array::from_fn(|low| fold_slowly(code / PAGE * PAGE + low))));
    page.get(code % PAGE).copied().unwrap_or_default()
}

fn fold_slowly(code: usize) -> Form {
    let Some(character) = u32::try_from(code).ok().and_then(char::from_u32) else { return Form::default() };
    if character.is_whitespace() {
        return Form::ascii(b' ');
    }
    if character.is_control() || is_unseen(character) {
        return Form::default();
    }
    let kept: String = std::iter::once(character).nfkd().filter(|part| !is_mark(*part)).collect();
    let small: String = kept.chars().flat_map(char::to_lowercase).collect();
    // Whole again before it is compared: parts of Hangul look like others.
    let alike: String = small.nfc().map(look_alike).nfc().collect();
    let mut form =
        Form::of(&alike).or_else(|| Form::of(character.encode_utf8(&mut [0; 4]))).unwrap_or_default();
    form.latin = latin(&kept, &form);
    form
}

/// The character that readers take this one for (UTS #39, skeleton), where it is one and not ASCII already: ASCII is what
/// everything else folds to, and `m` is not `rn`. Kana that can be voiced stay kana, or their voice marks would have
/// nothing to join.
fn look_alike(character: char) -> char {
    if character.is_ascii()
        || matches!(character, VOICED | HALF_VOICED)
        || compose(character, VOICED).is_some()
    {
        return character;
    }
    let mut text = [0; 4];
    let mut alike = skeleton(character.encode_utf8(&mut text)).flat_map(char::to_lowercase);
    match (alike.next(), alike.next()) {
        (Some(alike), None) => alike,
        _ => character,
    }
}

/// A capital such as Cyrillic В or Greek Ν looks like a Latin one; its small letter does not, or like another.
fn latin(kept: &str, form: &Form) -> u8 {
    let mut capitals = kept.chars();
    let (Some(capital), None) = (capitals.next(), capitals.next()) else { return 0 };
    if capital.is_ascii() || !capital.is_uppercase() {
        return 0;
    }
    let mut text = [0; 4];
    let mut alike = skeleton(capital.encode_utf8(&mut text));
    match (alike.next(), alike.next()) {
        (Some(alike), None) if alike.is_ascii_alphabetic() => {
            let small = u8::try_from(alike.to_ascii_lowercase()).unwrap_or(0);
            if form.as_bytes() == [small] { 0 } else { small }
        }
        _ => 0,
    }
}

/// Marks that decorate a letter (or, stacked, deface it) and do not change which it is. Vowel signs of the scripts of
/// India and the voice marks of kana do change it, and stay.
const fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{652}' | '\u{670}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Characters without a shape of their own: the default ignorable code points of Unicode (DerivedCoreProperties), and
/// the tatweel that only stretches a word.
#[must_use]
pub const fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{640}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
        || is_mark(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_what_its_readers_see() {
        let rows = [
            ('A', "a"),
            ('Ａ', "a"),
            ('𝓐', "a"),
            ('é', "e"),
            ('Å', "a"),
            ('ß', "ß"),
            ('о', "o"),
            ('ѕ', "s"),
            ('ﬁ', "fi"),
            ('①', "1"),
            ('１', "1"),
            ('加', "加"),
            ('⼀', "ー"),
            ('一', "ー"),
            ('ガ', "ガ"),
            ('한', "한"),
            ('\u{200D}', ""),
            ('\u{301}', ""),
            ('\u{7}', ""),
            ('\u{3000}', " "),
            ('😀', "😀"),
            ('m', "m"),
        ];
        for (character, form) in rows {
            let folded = fold(character);
            assert_eq!(std::str::from_utf8(folded.as_bytes()), Ok(form), "{character:?}");
        }
        assert_eq!((fold('В').latin, fold('Ν').latin), (b'b', b'n'));
        assert_eq!(fold('Д').latin, 0);
    }
}
