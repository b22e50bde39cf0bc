//! The canonical writer: each value in its smallest form.

use super::form::{ARRAY, BIN, FALSE, MAP, NIL, STR, Shape, TRUE, UINT};

/// Writes MessagePack values one after another.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty writer with room for `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity) }
    }

    /// A writer that continues after `bytes`.
    #[must_use]
    pub const fn after(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// nil.
    pub fn nil(&mut self) -> &mut Self {
        self.raw(&[NIL])
    }

    /// true or false.
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.raw(&[if value { TRUE } else { FALSE }])
    }

    /// An unsigned integer.
    pub fn uint(&mut self, value: impl Into<u64>) -> &mut Self {
        self.number(&UINT, value.into())
    }

    /// Bytes.
    pub fn bin(&mut self, value: &[u8]) -> &mut Self {
        self.number(&BIN, value.len() as u64).raw(value)
    }

    /// The header of `length` bytes that the caller sends after what is written here.
    pub fn bin_header(&mut self, length: u32) -> &mut Self {
        self.number(&BIN, length.into())
    }

    /// UTF-8 text.
    pub fn str(&mut self, value: &str) -> &mut Self {
        self.number(&STR, value.len() as u64).raw(value.as_bytes())
    }

    /// The header of an array of `elements`.
    pub fn array(&mut self, elements: usize) -> &mut Self {
        self.number(&ARRAY, elements as u64)
    }

    /// The header of a map of `entries`.
    pub fn map(&mut self, entries: usize) -> &mut Self {
        self.number(&MAP, entries as u64)
    }

    /// One more entry in the map that all of this is, which has at most 15.
    pub(crate) fn one_more(&mut self) -> &mut Self {
        debug_assert!(matches!(self.bytes.first(), Some(0x80..0x8F)), "no short map");
        if let Some(header) = self.bytes.first_mut() {
            *header += 1;
        }
        self
    }

    /// An integer or a length in its narrowest width.
    fn number(&mut self, shape: &Shape, value: u64) -> &mut Self {
        if value < u64::from(shape.shorts) {
            return self.raw(&[shape.short + value as u8]);
        }
        let (mut lead, mut width) = (shape.wide, usize::from(shape.width));
        while width < 8 && value >> (8 * width) > 0 {
            lead += 1;
            width *= 2;
        }
        debug_assert!(lead < shape.wide + shape.widths, "a length past every limit");
        self.raw(&[lead]).raw(&value.to_be_bytes()[8 - width..])
    }

    fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }
}
