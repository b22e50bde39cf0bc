//! The splitter: a stream of bytes becomes whole top-level boxes (ISO/IEC 14496-12 §4.2), wherever the network cut it.
//!
//! **Invariant:** what is buffered never exceeds the size that the current box declares, and no declared size passes
//! its kind's maximum.

use core::fmt;

use bytes::{Bytes, BytesMut};

/// Bytes of one `mdat`: the cap of a whole segment (a fragment longer than that could never be listed).
pub const MEDIA_BYTES_MAX: u64 = 50 << 20;
/// Bytes of any other top-level box; real `moov` and `moof` boxes have a few kilobytes.
pub const HEADER_BYTES_MAX: u64 = 1 << 20;

/// A box's four-character code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FourCc(pub [u8; 4]);

impl fmt::Display for FourCc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.escape_ascii())
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "'{self}'")
    }
}

/// One whole box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopBox {
    /// What it is.
    pub kind: FourCc,
    /// Header and payload, as they came.
    pub bytes: Bytes,
    /// Where the payload begins in `bytes`: 8, or 16 with a 64-bit size.
    pub payload_at: usize,
}

impl TopBox {
    /// What follows the header.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.bytes[self.payload_at..]
    }
}

/// Why bytes are no sequence of boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A size below its own header's.
    #[error("the box {kind:?} declares {size} bytes, fewer than its header has; the body is not MP4")]
    TooSmall {
        /// The box.
        kind: FourCc,
        /// What it declares.
        size: u64,
    },
    /// A size past the kind's maximum.
    #[error("the box {kind:?} declares {size} bytes, the maximum is {max}; send shorter fragments")]
    TooLarge {
        /// The box.
        kind: FourCc,
        /// What it declares.
        size: u64,
        /// What is allowed.
        max: u64,
    },
    /// Size 0: "to the end of the file", which a live body does not have.
    #[error("the box {kind:?} has no size; a live body needs fragments (-movflags frag_keyframe+empty_moov)")]
    Endless {
        /// The box.
        kind: FourCc,
    },
    /// The body ended inside a box.
    #[error("the body ended inside a box, {missing} bytes before its end")]
    Truncated {
        /// How many bytes did not come; at least one.
        missing: u64,
    },
}

/// Splits pushed bytes into boxes: push, then poll until `None`.
#[derive(Debug, Default)]
pub struct Splitter {
    buffer: BytesMut,
}

impl Splitter {
    /// Takes the next bytes of the body.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole box, or `None` where more bytes are needed.
    ///
    /// # Errors
    /// Where the bytes cannot be boxes; the splitter is then of no further use.
    pub fn poll_box(&mut self) -> Result<Option<TopBox>, Error> {
        let Some(header) = header(&self.buffer)? else { return Ok(None) };
        if self.buffer.len() < header.size {
            return Ok(None);
        }
        let bytes = self.buffer.split_to(header.size).freeze();
        Ok(Some(TopBox { kind: header.kind, bytes, payload_at: header.payload_at }))
    }

    /// Says whether the body may end here.
    ///
    /// # Errors
    /// Where it would end inside a box.
    pub fn finish(&self) -> Result<(), Error> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let size = header(&self.buffer)?.map_or(8, |header| header.size);
        Err(Error::Truncated { missing: (size.saturating_sub(self.buffer.len())).max(1) as u64 })
    }
}

struct Header {
    kind: FourCc,
    size: usize,
    payload_at: usize,
}

fn header(buffer: &[u8]) -> Result<Option<Header>, Error> {
    let Some((&[a, b, c, d, kind @ ..], rest)) = buffer.split_first_chunk::<8>() else { return Ok(None) };
    let kind = FourCc(kind);
    let (size, payload_at) = match u32::from_be_bytes([a, b, c, d]) {
        0 => return Err(Error::Endless { kind }),
        1 => match rest.first_chunk::<8>() {
            Some(large) => (u64::from_be_bytes(*large), 16),
            None => return Ok(None),
        },
        size => (u64::from(size), 8),
    };
    if size < payload_at as u64 {
        return Err(Error::TooSmall { kind, size });
    }
    let max = if &kind.0 == b"mdat" { MEDIA_BYTES_MAX } else { HEADER_BYTES_MAX };
    match usize::try_from(size) {
        Ok(bytes) if size <= max => Ok(Some(Header { kind, size: bytes, payload_at })),
        _ => Err(Error::TooLarge { kind, size, max }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
        let size = u32::try_from(payload.len() + 8).expect("small");
        [&size.to_be_bytes()[..], kind, payload].concat()
    }

    #[test]
    fn boxes_come_out_whole_when_bytes_come_one_at_a_time() {
        let body = [small(b"ftyp", b"isom"), small(b"mdat", b"")].concat();
        let mut splitter = Splitter::default();
        let mut kinds = Vec::new();
        for byte in body {
            splitter.push(&[byte]);
            while let Some(found) = splitter.poll_box().expect("well formed") {
                kinds.push((found.kind.to_string(), found.payload().to_vec()));
            }
        }
        assert_eq!(kinds, [(String::from("ftyp"), b"isom".to_vec()), (String::from("mdat"), Vec::new())]);
        assert_eq!(splitter.finish(), Ok(()));
    }

    #[test]
    fn a_64_bit_size_is_understood() {
        let body = [&1_u32.to_be_bytes()[..], b"mdat", &18_u64.to_be_bytes(), b"hi"].concat();
        let mut splitter = Splitter::default();
        splitter.push(&body);
        let found = splitter.poll_box().expect("well formed").expect("whole");
        assert_eq!((found.payload(), found.payload_at), (&b"hi"[..], 16));
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        let mdat = FourCc(*b"mdat");
        let moov = FourCc(*b"moov");
        let max = u32::try_from(MEDIA_BYTES_MAX).expect("fits");
        let moov_max = u32::try_from(HEADER_BYTES_MAX).expect("fits");
        let rows = [
            (0, mdat, Some(Error::Endless { kind: mdat })),
            (7, mdat, Some(Error::TooSmall { kind: mdat, size: 7 })),
            (max, mdat, None),
            (
                max + 1,
                mdat,
                Some(Error::TooLarge { kind: mdat, size: MEDIA_BYTES_MAX + 1, max: MEDIA_BYTES_MAX }),
            ),
            (moov_max, moov, None),
            (
                moov_max + 1,
                moov,
                Some(Error::TooLarge { kind: moov, size: HEADER_BYTES_MAX + 1, max: HEADER_BYTES_MAX }),
            ),
        ];
        for (size, kind, error) in rows {
            let mut splitter = Splitter::default();
            splitter.push(&[size.to_be_bytes(), kind.0].concat());
            assert_eq!(splitter.poll_box().err(), error, "{kind:?} of {size}");
        }
    }

    #[test]
    fn a_body_that_ends_inside_a_box_says_how_much_is_missing() {
        let mut splitter = Splitter::default();
        splitter.push(&small(b"mdat", b"0123")[..10]);
        assert_eq!(splitter.finish(), Err(Error::Truncated { missing: 2 }));
    }
}
