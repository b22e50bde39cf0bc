//! One frame: header, our extension where it was negotiated, body.

/// Bytes of the header that both dialects share.
pub const HEADER_BYTES: usize = 16;
/// Bytes of the header with [`Extension`].
pub const EXTENDED_HEADER_BYTES: usize = 32;

use super::{Class, Operation, Version};

/// The fields of every frame but its lengths, which follow from the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// How to read the body.
    pub version: Version,
    /// What the frame is for.
    pub operation: Operation,
    /// The client's number, mirrored in replies; pushes have 0. It orders nothing.
    pub sequence: u32,
}

/// What a header of 32 bytes says more: only on connections that asked for it when they authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The life of the room's numbering: another epoch starts again from 1.
    pub epoch: u32,
    /// The message's number in the room, from 1, without gaps.
    pub sequence: u64,
    /// Its class.
    pub class: Class,
}

/// One frame whose body lies in somebody's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The shared fields.
    pub header: Header,
    /// Ours, where the header is long.
    pub extension: Option<Extension>,
    /// The body.
    pub body: &'a [u8],
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The header's length is none that this connection may use.
    HeaderLength(u16),
    /// The frame claims to be shorter than its header.
    TooShort(u32),
    /// The frame claims to be longer than the reader takes.
    TooLong(u32),
    /// The bytes end inside a frame.
    Truncated,
    /// A class that does not exist, or bytes that must be zero and are not.
    Extension,
}

impl Fault {
    /// A stable word for logs and counters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::HeaderLength(_) => "header_length",
            Self::TooShort(_) => "frame_too_short",
            Self::TooLong(_) => "frame_too_long",
            Self::Truncated => "frame_truncated",
            Self::Extension => "extension",
        }
    }
}

/// What a reader accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Bytes of one whole frame at most.
    pub frame_bytes_max: usize,
    /// Whether the long header was negotiated.
    pub extended: bool,
}

/// The frames that lie end to end in a buffer; after a fault there is nothing more.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    reader: Reader,
    rest: &'a [u8],
}

impl Header {
    /// Appends a frame with the short header. Bodies are bounded by who makes them, far below four gibibytes.
    pub fn encode(&self, body: &[u8], out: &mut Vec<u8>) {
        self.encode_head(HEADER_BYTES, body.len(), out);
        out.extend_from_slice(body);
    }

    /// Appends a frame with the long header.
    pub fn encode_extended(&self, extension: Extension, body: &[u8], out: &mut Vec<u8>) {
        self.encode_head(EXTENDED_HEADER_BYTES, body.len(), out);
        out.extend_from_slice(&extension.epoch.to_be_bytes());
        out.extend_from_slice(&extension.sequence.to_be_bytes());
        out.extend_from_slice(&[extension.class.number(), 0, 0, 0]);
        out.extend_from_slice(body);
    }

    fn encode_head(&self, header_bytes: usize, body_bytes: usize, out: &mut Vec<u8>) {
        let total = u32::try_from(header_bytes + body_bytes).unwrap_or(u32::MAX);
        let header_length = u16::try_from(header_bytes).unwrap_or(u16::MAX);
        out.extend_from_slice(&total.to_be_bytes());
        out.extend_from_slice(&header_length.to_be_bytes());
        out.extend_from_slice(&self.version.0.to_be_bytes());
        out.extend_from_slice(&self.operation.0.to_be_bytes());
        out.extend_from_slice(&self.sequence.to_be_bytes());
    }
}

impl Reader {
    /// Reads the frame at the start of `bytes` and says how long it is; `None` where it has not wholly arrived.
    ///
    /// # Errors
    /// As soon as the header shows that no frame of ours begins here, whatever else is still to come.
    pub fn decode<'a>(&self, bytes: &'a [u8]) -> Result<Option<(Frame<'a>, usize)>, Fault> {
        let Some(head) = bytes.first_chunk::<HEADER_BYTES>() else { return Ok(None) };
        let [t0, t1, t2, t3, h0, h1, v0, v1, o0, o1, o2, o3, s0, s1, s2, s3] = *head;
        let total = u32::from_be_bytes([t0, t1, t2, t3]);
        let header_length = u16::from_be_bytes([h0, h1]);
        let header_bytes = usize::from(header_length);
        let known = header_bytes == HEADER_BYTES || self.extended && header_bytes == EXTENDED_HEADER_BYTES;
        if !known {
            return Err(Fault::HeaderLength(header_length));
        }
        let length = usize::try_from(total).map_err(|_| Fault::TooLong(total))?;
        if length < header_bytes {
            return Err(Fault::TooShort(total));
        }
        if length > self.frame_bytes_max {
            return Err(Fault::TooLong(total));
        }
        let Some(frame) = bytes.get(..length) else { return Ok(None) };
        let header = Header {
            version: Version(u16::from_be_bytes([v0, v1])),
            operation: Operation(u32::from_be_bytes([o0, o1, o2, o3])),
            sequence: u32::from_be_bytes([s0, s1, s2, s3]),
        };
        let (head, body) = frame.split_at(header_bytes);
        let extension = head.get(HEADER_BYTES..).filter(|more| !more.is_empty());
        let extension = extension.map(decode_extension).transpose()?;
        Ok(Some((Frame { header, extension, body }, length)))
    }

    /// The frames of a buffer that holds nothing else: a WebSocket message, a raw or a decompressed batch.
    #[must_use]
    pub const fn frames(self, bytes: &[u8]) -> Frames<'_> {
        Frames { reader: self, rest: bytes }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let read = match self.reader.decode(self.rest) {
            Ok(Some((frame, length))) => {
                self.rest = self.rest.get(length..).unwrap_or_default();
                return Some(Ok(frame));
            }
            Ok(None) => Fault::Truncated,
            Err(fault) => fault,
        };
        self.rest = &[];
        Some(Err(read))
    }
}

fn decode_extension(bytes: &[u8]) -> Result<Extension, Fault> {
    let &[e0, e1, e2, e3, s0, s1, s2, s3, s4, s5, s6, s7, class, 0, 0, 0] = bytes else {
        return Err(Fault::Extension);
    };
    Ok(Extension {
        epoch: u32::from_be_bytes([e0, e1, e2, e3]),
        sequence: u64::from_be_bytes([s0, s1, s2, s3, s4, s5, s6, s7]),
        class: Class::from_number(class).ok_or(Fault::Extension)?,
    })
}
