//! The bounded reader: borrows from its input, allocates nothing, and says at which offset something is wrong.

use rmp::Marker;

use super::error::{DecodeError, Fault, Form};

/// Reads MessagePack values one after another.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the first of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The offset of the next byte.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// An error at the offset `at`.
    #[must_use]
    pub fn error_at(at: usize, fault: Fault) -> DecodeError {
        DecodeError { at: u32::try_from(at).unwrap_or(u32::MAX), fault }
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`Fault::Trailing`].
    pub fn end(&self) -> Result<(), DecodeError> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(Self::error_at(self.at, Fault::Trailing)) }
    }

    /// An unsigned integer up to `max`.
    ///
    /// # Errors
    /// [`Fault::Limit`] past `max`; another form; not the smallest form; truncated.
    pub fn uint_up_to(&mut self, max: u64) -> Result<u64, DecodeError> {
        let at = self.at;
        let value = match self.marker()? {
            Marker::FixPos(value) => u64::from(value),
            Marker::U8 => self.big_endian(1, 0x80, at)?,
            Marker::U16 => self.big_endian(2, 0x100, at)?,
            Marker::U32 => self.big_endian(4, 0x1_0000, at)?,
            Marker::U64 => self.big_endian(8, 0x1_0000_0000, at)?,
            _ => return Err(Self::error_at(at, Fault::Expected(Form::Uint))),
        };
        if value <= max { Ok(value) } else { Err(Self::error_at(at, Fault::Limit)) }
    }

    /// An unsigned integer that fits in 8 bits.
    ///
    /// # Errors
    /// As [`Reader::uint_up_to`].
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.u8_up_to(u8::MAX)
    }

    /// An unsigned integer of 8 bits up to `max`.
    ///
    /// # Errors
    /// As [`Reader::uint_up_to`].
    pub fn u8_up_to(&mut self, max: u8) -> Result<u8, DecodeError> {
        self.uint_up_to(u64::from(max)).map(|value| value.to_be_bytes()[7])
    }

    /// An unsigned integer that fits in 16 bits.
    ///
    /// # Errors
    /// As [`Reader::uint_up_to`].
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.u16_up_to(u16::MAX)
    }

    /// An unsigned integer of 16 bits up to `max`.
    ///
    /// # Errors
    /// As [`Reader::uint_up_to`].
    pub fn u16_up_to(&mut self, max: u16) -> Result<u16, DecodeError> {
        let value = self.uint_up_to(u64::from(max))?.to_be_bytes();
        Ok(u16::from_be_bytes([value[6], value[7]]))
    }

    /// An unsigned integer that fits in 32 bits.
    ///
    /// # Errors
    /// As [`Reader::uint_up_to`].
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        let value = self.uint_up_to(u64::from(u32::MAX))?.to_be_bytes();
        Ok(u32::from_be_bytes([value[4], value[5], value[6], value[7]]))
    }

    /// An unsigned integer.
    ///
    /// # Errors
    /// As [`Reader::uint_up_to`].
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.uint_up_to(u64::MAX)
    }

    /// true or false.
    ///
    /// # Errors
    /// Another form; truncated.
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        let at = self.at;
        match self.marker()? {
            Marker::True => Ok(true),
            Marker::False => Ok(false),
            _ => Err(Self::error_at(at, Fault::Expected(Form::Bool))),
        }
    }

    /// At most `max` bytes.
    ///
    /// # Errors
    /// [`Fault::Limit`] past `max`; another form; not the smallest form; truncated.
    pub fn bin(&mut self, max: usize) -> Result<&'a [u8], DecodeError> {
        let at = self.at;
        let length = self.bin_header(max)?;
        self.take(length, at)
    }

    /// The header of at most `max` bytes: how many follow.
    ///
    /// # Errors
    /// As [`Reader::bin`].
    pub fn bin_header(&mut self, max: usize) -> Result<usize, DecodeError> {
        self.length(Form::Bin, max)
    }

    /// Exactly `N` bytes.
    ///
    /// # Errors
    /// [`Fault::Limit`] for another number; else as [`Reader::bin`].
    pub fn array_of_bytes<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let at = self.at;
        let bytes = self.bin(N)?;
        bytes.try_into().map_err(|_| Self::error_at(at, Fault::Limit))
    }

    /// UTF-8 text of at most `max` bytes.
    ///
    /// # Errors
    /// [`Fault::Limit`] past `max`; [`Fault::NotUtf8`]; another form; not the smallest form; truncated.
    pub fn str(&mut self, max: usize) -> Result<&'a str, DecodeError> {
        let at = self.at;
        let length = self.length(Form::Str, max)?;
        let bytes = self.take(length, at)?;
        core::str::from_utf8(bytes).map_err(|_| Self::error_at(at, Fault::NotUtf8))
    }

    /// The header of an array of at most `max` elements: how many follow.
    ///
    /// # Errors
    /// [`Fault::Limit`] past `max`; another form; not the smallest form; truncated.
    pub fn array(&mut self, max: usize) -> Result<usize, DecodeError> {
        self.length(Form::Array, max)
    }

    /// The header of an array of exactly `elements`.
    ///
    /// # Errors
    /// [`Fault::Length`] for another number; else as [`Reader::array`].
    pub fn array_exactly(&mut self, elements: usize) -> Result<(), DecodeError> {
        let at = self.at;
        if self.array(usize::MAX)? == elements { Ok(()) } else { Err(Self::error_at(at, Fault::Length)) }
    }

    /// As many values as a header has said, each by `read`. Nothing is reserved for what may not be there.
    ///
    /// # Errors
    /// The first of `read`'s.
    pub fn values<T>(
        &mut self,
        count: usize,
        read: fn(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(read(self)?);
        }
        Ok(values)
    }

    /// The header of a map of at most `max` entries: how many follow.
    ///
    /// # Errors
    /// As [`Reader::array`].
    pub fn map(&mut self, max: usize) -> Result<usize, DecodeError> {
        self.length(Form::Map, max)
    }

    /// The next value is nil: passes it.
    pub fn is_nil(&mut self) -> bool {
        let nil = self.bytes.get(self.at) == Some(&Marker::Null.to_u8());
        self.at += usize::from(nil);
        nil
    }

    /// Passes one value of any form, with all that it holds.
    ///
    /// # Errors
    /// Truncated; the reserved form.
    pub fn skip(&mut self) -> Result<(), DecodeError> {
        let mut pending = 1_u64;
        while pending > 0 {
            let at = self.at;
            let (bytes, values) = self.skim(at)?;
            self.take(usize::try_from(bytes).unwrap_or(usize::MAX), at)?;
            pending = (pending - 1).saturating_add(values);
        }
        Ok(())
    }

    /// Passes a value's header: the bytes and the values that belong to it.
    fn skim(&mut self, at: usize) -> Result<(u64, u64), DecodeError> {
        Ok(match self.marker()? {
            Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::True | Marker::False => (0, 0),
            Marker::U8 | Marker::I8 => (1, 0),
            Marker::U16 | Marker::I16 | Marker::FixExt1 => (2, 0),
            Marker::FixExt2 => (3, 0),
            Marker::U32 | Marker::I32 | Marker::F32 => (4, 0),
            Marker::FixExt4 => (5, 0),
            Marker::U64 | Marker::I64 | Marker::F64 => (8, 0),
            Marker::FixExt8 => (9, 0),
            Marker::FixExt16 => (17, 0),
            Marker::FixStr(length) => (u64::from(length), 0),
            Marker::Str8 | Marker::Bin8 => (self.big_endian(1, 0, at)?, 0),
            Marker::Str16 | Marker::Bin16 => (self.big_endian(2, 0, at)?, 0),
            Marker::Str32 | Marker::Bin32 => (self.big_endian(4, 0, at)?, 0),
            Marker::Ext8 => (self.big_endian(1, 0, at)? + 1, 0),
            Marker::Ext16 => (self.big_endian(2, 0, at)? + 1, 0),
            Marker::Ext32 => (self.big_endian(4, 0, at)? + 1, 0),
            Marker::FixArray(length) => (0, u64::from(length)),
            Marker::Array16 => (0, self.big_endian(2, 0, at)?),
            Marker::Array32 => (0, self.big_endian(4, 0, at)?),
            Marker::FixMap(length) => (0, u64::from(length) * 2),
            Marker::Map16 => (0, self.big_endian(2, 0, at)? * 2),
            Marker::Map32 => (0, self.big_endian(4, 0, at)? * 2),
            Marker::Reserved => return Err(Self::error_at(at, Fault::Kind)),
        })
    }

    /// The header of a value of this form: how many bytes, elements or entries follow.
    fn length(&mut self, form: Form, max: usize) -> Result<usize, DecodeError> {
        let at = self.at;
        let length = match (form, self.marker()?) {
            (Form::Str, Marker::FixStr(length))
            | (Form::Array, Marker::FixArray(length))
            | (Form::Map, Marker::FixMap(length)) => u64::from(length),
            (Form::Bin, Marker::Bin8) => self.big_endian(1, 0, at)?,
            (Form::Str, Marker::Str8) => self.big_endian(1, 32, at)?,
            (Form::Array, Marker::Array16) | (Form::Map, Marker::Map16) => self.big_endian(2, 16, at)?,
            (Form::Bin, Marker::Bin16) | (Form::Str, Marker::Str16) => self.big_endian(2, 0x100, at)?,
            (Form::Bin, Marker::Bin32)
            | (Form::Str, Marker::Str32)
            | (Form::Array, Marker::Array32)
            | (Form::Map, Marker::Map32) => self.big_endian(4, 0x1_0000, at)?,
            _ => return Err(Self::error_at(at, Fault::Expected(form))),
        };
        match usize::try_from(length) {
            Ok(length) if length <= max => Ok(length),
            _ => Err(Self::error_at(at, Fault::Limit)),
        }
    }

    fn marker(&mut self) -> Result<Marker, DecodeError> {
        let byte = *self.bytes.get(self.at).ok_or(Self::error_at(self.at, Fault::Truncated))?;
        self.at += 1;
        Ok(Marker::from_u8(byte))
    }

    /// A big-endian integer of `width` bytes whose smallest form it is from `least` on; `at` is its value's offset.
    fn big_endian(&mut self, width: usize, least: u64, at: usize) -> Result<u64, DecodeError> {
        let value = self.take(width, at)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        if value >= least { Ok(value) } else { Err(Self::error_at(at, Fault::NotSmallest)) }
    }

    fn take(&mut self, length: usize, at: usize) -> Result<&'a [u8], DecodeError> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let taken = rest.get(..length).ok_or(Self::error_at(at, Fault::Truncated))?;
        self.at += length;
        Ok(taken)
    }
}
