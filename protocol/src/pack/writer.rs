//! The canonical writer: each value in its smallest form.

use rmp::Marker;

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
        self.marker(Marker::Null)
    }

    /// true or false.
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.marker(if value { Marker::True } else { Marker::False })
    }

    /// An unsigned integer.
    pub fn uint(&mut self, value: impl Into<u64>) -> &mut Self {
        self.uint64(value.into())
    }

    /// Bytes.
    pub fn bin(&mut self, value: &[u8]) -> &mut Self {
        self.bin_header(length(value.len()));
        self.raw(value)
    }

    /// The header of `length` bytes that the caller sends after what is written here.
    pub fn bin_header(&mut self, length: u32) -> &mut Self {
        self.header(None, Some(Marker::Bin8), [Marker::Bin16, Marker::Bin32], length)
    }

    /// UTF-8 text.
    pub fn str(&mut self, value: &str) -> &mut Self {
        let bytes = value.as_bytes();
        let fixed = (bytes.len() < 32).then(|| Marker::FixStr(low(bytes.len())));
        self.header(fixed, Some(Marker::Str8), [Marker::Str16, Marker::Str32], length(bytes.len()));
        self.raw(bytes)
    }

    /// The header of an array of `elements`.
    pub fn array(&mut self, elements: usize) -> &mut Self {
        let fixed = (elements < 16).then(|| Marker::FixArray(low(elements)));
        self.header(fixed, None, [Marker::Array16, Marker::Array32], length(elements))
    }

    /// The header of a map of `entries`.
    pub fn map(&mut self, entries: usize) -> &mut Self {
        let fixed = (entries < 16).then(|| Marker::FixMap(low(entries)));
        self.header(fixed, None, [Marker::Map16, Marker::Map32], length(entries))
    }

    fn uint64(&mut self, value: u64) -> &mut Self {
        let be = value.to_be_bytes();
        let (marker, from) = match value {
            0..0x80 => (Marker::FixPos(be[7]), 8),
            0x80..0x100 => (Marker::U8, 7),
            0x100..0x1_0000 => (Marker::U16, 6),
            0x1_0000..0x1_0000_0000 => (Marker::U32, 4),
            _ => (Marker::U64, 0),
        };
        self.marker(marker).raw(&be[from..])
    }

    fn header(
        &mut self,
        fixed: Option<Marker>,
        narrow: Option<Marker>,
        wide: [Marker; 2],
        length: u32,
    ) -> &mut Self {
        if let Some(fixed) = fixed {
            return self.marker(fixed);
        }
        let be = length.to_be_bytes();
        let (marker, from) = match (narrow, length) {
            (Some(narrow), 0..0x100) => (narrow, 3),
            (_, 0..0x1_0000) => (wide[0], 2),
            _ => (wide[1], 0),
        };
        self.marker(marker).raw(&be[from..])
    }

    fn marker(&mut self, marker: Marker) -> &mut Self {
        self.bytes.push(marker.to_u8());
        self
    }

    fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }
}

/// Lengths are bounded by the limits of each message, far below 2³².
fn length(length: usize) -> u32 {
    debug_assert!(u32::try_from(length).is_ok(), "a length past every limit");
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn low(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}
