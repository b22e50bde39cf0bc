//! The signed list of a segment's block hashes: what makes a block from a stranger provable (`docs/spec/hash-list.md`).
//!
//! The origin signs the list so far each time a block becomes final, and once more when the segment closes. A list
//! proves itself, so peers relay it; the closing list of a segment is chained to the one before, so that an omission
//! shows.

mod codec;

pub use codec::VERSION;

use crate::id::{Digest, KeyId, SegmentKey};
use crate::time::StreamTime;

/// What the signature covers begins with this, so that a list can never be taken for another signed thing.
pub const DOMAIN: &[u8] = b"shoal-hash-list-1\0";

/// The hashes of a segment's final blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashList {
    /// The stream's name, at most [`crate::limits::STREAM_NAME_BYTES_MAX`] bytes: a list of one stream is no proof in another.
    pub stream: String,
    /// The segment.
    pub segment: SegmentKey,
    /// The stream time of the segment's first sample.
    pub start: StreamTime,
    /// Size and duration, once the segment is whole; `None` while it grows.
    pub closed: Option<Closed>,
    /// SHA-256 of each final block, in order, at most [`crate::limits::BLOCKS_PER_SEGMENT_MAX`]; while the segment grows all
    /// of them are full blocks.
    pub hashes: Vec<Digest>,
    /// SHA-256 of what the closing list of the segment before signed; [`Digest::ZERO`] for the first of a chain.
    pub previous: Digest,
    /// The key that signs.
    pub key: KeyId,
}

/// What is known of a segment once it is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The segment's size in bytes.
    pub bytes: u32,
    /// The segment's duration in milliseconds.
    pub duration_ms: u32,
}

/// A list as it travels: decoded, with what its signature must be checked over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The list.
    pub list: HashList,
    /// What was signed: [`DOMAIN`] and the encoding up to the signature. Its SHA-256 is the link of the chain.
    pub signed: Vec<u8>,
    /// Ed25519 (RFC 8032) over `signed`.
    pub signature: [u8; 64],
}
