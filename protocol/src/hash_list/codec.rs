//! The hash list's encoding: one MessagePack array of eleven.

use super::{Closed, DOMAIN, HashList, Signed};
use crate::block;
use crate::id::{Digest, KeyId, Rendition, Segment, SegmentKey};
use crate::limits::{BLOCKS_PER_SEGMENT_MAX, HASH_LIST_BYTES_MAX, RENDITIONS_MAX, STREAM_NAME_BYTES_MAX};
use crate::pack::{DecodeError, Fault, Reader, Writer};
use crate::time::StreamTime;

/// The version that the first element carries.
pub const VERSION: u8 = 1;

/// Elements of the array, the signature among them.
const ELEMENTS: usize = 11;
const DIGEST_BYTES: usize = 32;
/// Everything but stream name and hashes: headers, integers at their longest, previous link and signature.
const REST_BYTES_MAX: usize = 192;

impl HashList {
    /// The encoding up to, not including, the signature: the array's header and ten elements. The list must keep the
    /// limits that [`Signed::decode`] checks.
    #[must_use]
    pub fn encode_unsigned(&self) -> Vec<u8> {
        self.encode_after(Vec::new())
    }

    /// What the signature covers: [`DOMAIN`] and [`HashList::encode_unsigned`]. The SHA-256 of a closing list's is the
    /// link that the next segment's lists carry in `previous`.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        self.encode_after(DOMAIN.to_vec())
    }

    /// The list with the Ed25519 signature of [`HashList::signed_bytes`].
    #[must_use]
    pub fn attach(self, signature: [u8; 64]) -> Signed {
        Signed { signed: self.signed_bytes(), list: self, signature }
    }

    fn encode_after(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let hashes = self.hashes.iter().flat_map(|digest| digest.0).collect::<Vec<u8>>();
        bytes.reserve(REST_BYTES_MAX + self.stream.len() + hashes.len());
        let closed = self.closed.unwrap_or(Closed { bytes: 0, duration_ms: 0 });
        let mut writer = Writer::after(bytes);
        writer.array(ELEMENTS).uint(VERSION).str(&self.stream);
        writer.uint(self.segment.rendition.0).uint(self.segment.segment.0).uint(self.start.0);
        writer.uint(closed.duration_ms).uint(closed.bytes);
        writer.bin(&hashes).bin(&self.previous.0).uint(self.key.0);
        writer.into_bytes()
    }
}

impl Signed {
    /// The whole encoding, as the origin serves it and peers relay it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let unsigned = self.signed.get(DOMAIN.len()..).unwrap_or(&[]);
        let mut bytes = Vec::with_capacity(unsigned.len() + 2 + self.signature.len());
        bytes.extend_from_slice(unsigned);
        let mut writer = Writer::after(bytes);
        writer.bin(&self.signature);
        writer.into_bytes()
    }

    /// A list from its encoding. The signature is not checked here: the caller does that over [`Signed::signed`], with
    /// the key that [`HashList::key`] names.
    ///
    /// # Errors
    /// [`DecodeError`] for everything that the specification does not allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::limited(bytes, HASH_LIST_BYTES_MAX);
        let list = read_list(&mut reader);
        let mut signed = DOMAIN.to_vec();
        signed.extend_from_slice(bytes.get(..reader.at()).unwrap_or(bytes));
        let signature = reader.array_of_bytes();
        reader.finish(Self { list, signed, signature })
    }
}

fn read_list(reader: &mut Reader<'_>) -> HashList {
    reader.array_exactly(ELEMENTS);
    let at = reader.at();
    let version = reader.u8();
    reader.check(version == VERSION, at, Fault::Version);
    let at = reader.at();
    let stream = reader.str(STREAM_NAME_BYTES_MAX);
    reader.check(!stream.is_empty(), at, Fault::Limit);
    let rendition = Rendition(reader.u8_up_to(RENDITIONS_MAX - 1));
    let segment = SegmentKey::new(rendition, Segment(reader.u64()));
    let start = StreamTime(reader.u64());
    let at = reader.at();
    let closed = closed(reader.u32(), reader.u32());
    reader.check(closed.is_some(), at, Fault::Contradiction);
    let closed = closed.flatten();
    let at = reader.at();
    let hashes = reader.bin(DIGEST_BYTES * usize::from(BLOCKS_PER_SEGMENT_MAX));
    reader.check(covers(hashes.len(), closed), at, Fault::Contradiction);
    let hashes = hashes.as_chunks().0.iter().map(|bytes| Digest(*bytes)).collect();
    let previous = Digest(reader.array_of_bytes());
    let key = KeyId(reader.u32());
    HashList { stream: stream.into(), segment, start, closed, hashes, previous, key }
}

/// Both are zero while the segment grows, and neither is once it is whole; the size is one that blocks can address.
fn closed(duration_ms: u32, bytes: u32) -> Option<Option<Closed>> {
    match (duration_ms, bytes) {
        (0, 0) => Some(None),
        (0, _) | (_, 0) => None,
        _ => block::count(bytes).map(|_| Some(Closed { bytes, duration_ms })),
    }
}

/// Whole digests, and once the segment is whole as many as it has blocks.
fn covers(hash_bytes: usize, closed: Option<Closed>) -> bool {
    let blocks = closed.map(|closed| block::count(closed.bytes).map(usize::from));
    hash_bytes.is_multiple_of(DIGEST_BYTES)
        && blocks.is_none_or(|blocks| blocks == Some(hash_bytes / DIGEST_BYTES))
}
