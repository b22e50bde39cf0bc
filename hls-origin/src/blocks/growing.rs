//! A segment while its bytes arrive.

use bytes::{Bytes, BytesMut};
use protocol::id::Digest;
use protocol::limits::BLOCK_BYTES;
use sha2::{Digest as _, Sha256};

const BLOCK: usize = BLOCK_BYTES as usize;

/// The bytes of a growing segment: final blocks, and the tail of one that is not full yet.
#[derive(Clone, Debug, Default)]
pub struct Growing {
    blocks: Vec<Bytes>,
    hashes: Vec<Digest>,
    tail: BytesMut,
    whole: Sha256,
}

/// The bytes of a whole segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// Its blocks; all but the last have [`BLOCK_BYTES`].
    pub blocks: Vec<Bytes>,
    /// SHA-256 of each block.
    pub hashes: Vec<Digest>,
    /// SHA-256 of all its bytes.
    pub digest: Digest,
    /// Its size.
    pub bytes: u32,
}

impl Growing {
    /// Takes the next bytes; returns how many blocks became final by them.
    pub fn push(&mut self, mut bytes: &[u8]) -> usize {
        let before = self.blocks.len();
        while !bytes.is_empty() {
            if self.tail.is_empty() {
                self.tail.reserve(BLOCK);
            }
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.tail.len()));
            self.tail.extend_from_slice(now);
            bytes = later;
            if self.tail.len() == BLOCK {
                self.seal();
            }
        }
        self.blocks.len() - before
    }

    /// The blocks that are final.
    #[must_use]
    pub fn blocks(&self) -> &[Bytes] {
        &self.blocks
    }

    /// Their hashes.
    #[must_use]
    pub fn hashes(&self) -> &[Digest] {
        &self.hashes
    }

    /// Bytes so far, of the unfinished block too.
    #[must_use]
    pub fn len(&self) -> u64 {
        (self.blocks.len() * BLOCK + self.tail.len()) as u64
    }

    /// Nothing has arrived.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The segment is whole: its last, shorter block is final too.
    #[must_use]
    pub fn finish(mut self) -> Whole {
        let bytes = u32::try_from(self.len()).unwrap_or(u32::MAX);
        if !self.tail.is_empty() {
            self.seal();
        }
        let digest = Digest(self.whole.finalize().into());
        Whole { blocks: self.blocks, hashes: self.hashes, digest, bytes }
    }

    fn seal(&mut self) {
        let block = self.tail.split().freeze();
        self.whole.update(&block);
        self.hashes.push(Digest(Sha256::digest(&block).into()));
        self.blocks.push(block);
    }
}
