//! The bounded reader: borrows from its input, allocates nothing, and remembers the first thing that is wrong.
//!
//! Values are read plainly, one after another, and what the bytes say is judged once, at the end
//! ([`Reader::finish`]): after the first fault nothing is left to read, so every further value is empty, zero or false.
//! A result for each value would be a branch for each value, in the code and in the browser's module.

use super::error::{DecodeError, Fault, Form};
use super::form::{ARRAY, BIN, FALSE, MAP, NIL, RESERVED, STR, Shape, TRUE, UINT};

/// Of the leading bytes 0xC4 to 0xDF: how wide the length is, how many bytes there are beside what it counts, and how many
/// values each that it counts is; it counts bytes where that is none.
const LONG: [(u8, u8, u8); 28] = [
    // bin, ext
    (1, 0, 0),
    (2, 0, 0),
    (4, 0, 0),
    (1, 1, 0),
    (2, 1, 0),
    (4, 1, 0),
    // float, uint, int
    (0, 4, 0),
    (0, 8, 0),
    (0, 1, 0),
    (0, 2, 0),
    (0, 4, 0),
    (0, 8, 0),
    (0, 1, 0),
    (0, 2, 0),
    (0, 4, 0),
    (0, 8, 0),
    // fixext
    (0, 2, 0),
    (0, 3, 0),
    (0, 5, 0),
    (0, 9, 0),
    (0, 17, 0),
    // str
    (1, 0, 0),
    (2, 0, 0),
    (4, 0, 0),
    // array, map
    (2, 0, 1),
    (4, 0, 1),
    (2, 0, 2),
    (4, 0, 2),
];

/// Reads MessagePack values one after another.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    fault: Option<DecodeError>,
}

impl<'a> Reader<'a> {
    /// A reader at the first of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, fault: None }
    }

    /// A reader of a whole message, which has at most `max` bytes.
    #[must_use]
    pub fn limited(bytes: &'a [u8], max: usize) -> Self {
        let mut reader = Self::new(bytes);
        reader.check(bytes.len() <= max, max, Fault::Limit);
        reader
    }

    /// The offset of the next byte.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Goes on at this offset.
    pub const fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Everything read so far was as it should be.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.fault.is_none()
    }

    /// The first fault; where there was none, this one.
    #[must_use]
    pub fn error(&self, at: usize, fault: Fault) -> DecodeError {
        self.fault.unwrap_or(DecodeError { at: u32::try_from(at).unwrap_or(u32::MAX), fault })
    }

    /// Remembers what is wrong at the offset `at`, if it is the first; nothing is left to read then.
    pub fn fail(&mut self, at: usize, fault: Fault) {
        self.fault = Some(self.error(at, fault));
        self.bytes = &[];
    }

    /// What was read at the offset `at` must keep a rule; `holds` says whether it does.
    pub fn check(&mut self, holds: bool, at: usize, fault: Fault) {
        if !holds {
            self.fail(at, fault);
        }
    }

    /// What was read, if all of it was as it should be and nothing is left.
    ///
    /// # Errors
    /// The first fault; [`Fault::Trailing`].
    pub fn finish<T>(mut self, value: T) -> Result<T, DecodeError> {
        self.check(self.at >= self.bytes.len(), self.at, Fault::Trailing);
        self.fault.map_or(Ok(value), Err)
    }

    /// An unsigned integer up to `max`: past it [`Fault::Limit`].
    pub fn uint_up_to(&mut self, max: u64) -> u64 {
        self.number(&UINT, max)
    }

    /// An unsigned integer that fits in 8 bits.
    pub fn u8(&mut self) -> u8 {
        self.u8_up_to(u8::MAX)
    }

    /// An unsigned integer of 8 bits up to `max`.
    pub fn u8_up_to(&mut self, max: u8) -> u8 {
        self.uint_up_to(max.into()) as u8
    }

    /// An unsigned integer that fits in 16 bits.
    pub fn u16(&mut self) -> u16 {
        self.u16_up_to(u16::MAX)
    }

    /// An unsigned integer of 16 bits up to `max`.
    pub fn u16_up_to(&mut self, max: u16) -> u16 {
        self.uint_up_to(max.into()) as u16
    }

    /// An unsigned integer that fits in 32 bits.
    pub fn u32(&mut self) -> u32 {
        self.uint_up_to(u32::MAX.into()) as u32
    }

    /// An unsigned integer.
    pub fn u64(&mut self) -> u64 {
        self.uint_up_to(u64::MAX)
    }

    /// true or false.
    pub fn bool(&mut self) -> bool {
        let at = self.at;
        let lead = self.lead();
        self.check(matches!(lead, FALSE | TRUE), at, Fault::Expected(Form::Bool));
        lead == TRUE
    }

    /// At most `max` bytes: past it [`Fault::Limit`].
    pub fn bin(&mut self, max: usize) -> &'a [u8] {
        let at = self.at;
        let length = self.bin_header(max);
        self.take(length, at)
    }

    /// The header of at most `max` bytes: how many follow.
    pub fn bin_header(&mut self, max: usize) -> usize {
        self.length(&BIN, max)
    }

    /// Exactly `N` bytes: another number is [`Fault::Limit`].
    pub fn array_of_bytes<const N: usize>(&mut self) -> [u8; N] {
        let at = self.at;
        let bytes = self.bin(N).try_into();
        self.check(bytes.is_ok(), at, Fault::Limit);
        bytes.unwrap_or([0; N])
    }

    /// UTF-8 text of at most `max` bytes: past it [`Fault::Limit`], other bytes [`Fault::NotUtf8`].
    pub fn str(&mut self, max: usize) -> &'a str {
        let at = self.at;
        let length = self.length(&STR, max);
        let text = super::text(self.take(length, at));
        self.check(text.is_some(), at, Fault::NotUtf8);
        text.unwrap_or_default()
    }

    /// The header of an array of at most `max` elements: how many follow. Past it [`Fault::Limit`].
    pub fn array(&mut self, max: usize) -> usize {
        self.length(&ARRAY, max)
    }

    /// The header of an array of exactly `elements`: another number is [`Fault::Length`].
    pub fn array_exactly(&mut self, elements: usize) {
        let at = self.at;
        let found = self.array(usize::MAX);
        self.check(found == elements, at, Fault::Length);
    }

    /// As many values as a header has said, each by `read`. Nothing is reserved for what may not be there.
    pub fn values<T>(&mut self, count: usize, read: impl Fn(&mut Self) -> T) -> Vec<T> {
        let mut values = Vec::new();
        while values.len() < count && self.is_sound() {
            values.push(read(self));
        }
        values
    }

    /// The header of a map of at most `max` entries: how many follow. Past it [`Fault::Limit`].
    pub fn map(&mut self, max: usize) -> usize {
        self.length(&MAP, max)
    }

    /// The next value is nil: passes it.
    pub fn is_nil(&mut self) -> bool {
        let nil = self.bytes.get(self.at) == Some(&NIL);
        self.at += usize::from(nil);
        nil
    }

    /// Passes one value of any form, with all that it holds; the reserved form is [`Fault::Kind`].
    pub fn skip(&mut self) {
        let mut pending = 1_u64;
        while pending > 0 && self.is_sound() {
            let at = self.at;
            let (bytes, values) = self.skim(at);
            self.take(usize::try_from(bytes).unwrap_or(usize::MAX), at);
            pending = (pending - 1).saturating_add(values);
        }
    }

    /// Passes a value's header: the bytes and the values that belong to it.
    fn skim(&mut self, at: usize) -> (u64, u64) {
        let lead = self.lead();
        let short = u64::from(lead % 16);
        match lead {
            0x80..=0x8F => (0, short * 2),
            0x90..=0x9F => (0, short),
            0xA0..=0xBF => (u64::from(lead % 32), 0),
            0xC4..=0xDF => {
                let (width, bytes, values) = LONG[usize::from(lead - 0xC4)];
                let count = self.big_endian(width, at);
                (u64::from(bytes) + if values == 0 { count } else { 0 }, count * u64::from(values))
            }
            // Small integers, nil, false and true are their leading byte.
            _ => {
                self.check(lead != RESERVED, at, Fault::Kind);
                (0, 0)
            }
        }
    }

    /// The header of a value of this shape: how many bytes, elements or entries follow.
    fn length(&mut self, shape: &Shape, max: usize) -> usize {
        self.number(shape, max as u64) as usize
    }

    /// An integer or a length up to `max`, in its narrowest width.
    fn number(&mut self, shape: &Shape, max: u64) -> u64 {
        let at = self.at;
        let lead = self.lead();
        let (short, step) = (lead.wrapping_sub(shape.short), lead.wrapping_sub(shape.wide));
        let mut value = u64::from(short);
        if short >= shape.shorts {
            if step >= shape.widths {
                self.fail(at, Fault::Expected(shape.form));
                return 0;
            }
            let width = shape.width << step;
            value = self.big_endian(width, at);
            let least = if step == 0 { u64::from(shape.shorts) } else { 1 << (4 * width) };
            self.check(value >= least, at, Fault::NotSmallest);
        }
        self.check(value <= max, at, Fault::Limit);
        if self.is_sound() { value } else { 0 }
    }

    /// The next value's first byte.
    fn lead(&mut self) -> u8 {
        let at = self.at;
        self.take(1, at).first().copied().unwrap_or(RESERVED)
    }

    /// A big-endian integer of `width` bytes; `at` is its value's offset.
    fn big_endian(&mut self, width: u8, at: usize) -> u64 {
        self.take(width.into(), at).iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
    }

    fn take(&mut self, length: usize, at: usize) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        match rest.get(..length) {
            Some(taken) => {
                self.at += length;
                taken
            }
            None => {
                self.fail(at, Fault::Truncated);
                &[]
            }
        }
    }
}
