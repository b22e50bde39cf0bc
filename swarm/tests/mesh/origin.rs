//! The origin: segments of 200,000 bytes every 2 s, blocks as they become final, lists that grow and close.

use protocol::hash_list::{Closed, HashList};
use protocol::id::{Block, BlockKey, Digest, KeyId, SegmentKey};
use protocol::time::StreamTime;
use swarm::io::{FetchFailure, FetchId, Listed};

use super::{Answer, Body, Later, World, key, ms};

pub const BLOCKS: u16 = 4;
pub const SEGMENT_BYTES: u32 = 200_000;
pub const KEY: KeyId = KeyId(1);
pub const SIGNATURE: [u8; 64] = [7; 64];
const EPOCH_MS: u64 = 1_700_000_000_000;

/// When a segment begins, in the world's milliseconds.
pub fn segment(number: u64) -> u64 {
    number * 2_000
}

pub fn listed(number: u64) -> Listed {
    Listed { segment: key(number), start: StreamTime(EPOCH_MS + segment(number)), duration_ms: 2_000 }
}

/// The list of a segment of which so many blocks are final.
pub fn list(number: u64, blocks: u16, signature: [u8; 64]) -> Vec<u8> {
    let hashes = (0..blocks).map(|block| digest_of(Body::True(BlockKey::new(key(number), Block(block)))));
    let list = HashList {
        stream: "main".into(),
        segment: key(number),
        start: StreamTime(EPOCH_MS + segment(number)),
        closed: (blocks == BLOCKS).then_some(Closed { bytes: SEGMENT_BYTES, duration_ms: 2_000 }),
        hashes: hashes.collect(),
        previous: Digest::ZERO,
        key: KEY,
    };
    list.attach(signature).encode()
}

/// A stand-in for SHA-256.
pub fn digest(bytes: &[u8]) -> Digest {
    let mut state = 0xCBF2_9CE4_8422_2325_u64;
    let mut digest = [0; 32];
    for byte in bytes {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    }
    for (place, byte) in digest.iter_mut().enumerate() {
        *byte = (state.rotate_left(place as u32 * 7) & 0xFF) as u8;
    }
    Digest(digest)
}

pub fn digest_of(body: Body) -> Digest {
    match body {
        Body::True(key) => digest(format!("{key:?}").as_bytes()),
        Body::False(bytes) => digest(format!("false {bytes}").as_bytes()),
    }
}

impl World {
    /// When the block is final, in milliseconds; `None` where there is none.
    fn final_at(block: BlockKey) -> Option<u64> {
        let bytes = (u64::from(block.block.0) + 1) * 61_440;
        let share = bytes.min(u64::from(SEGMENT_BYTES)) * 2_000 / u64::from(SEGMENT_BYTES);
        (block.block.0 < BLOCKS).then(|| segment(block.segment.segment.0) + share)
    }

    pub(super) fn get_block(&mut self, viewer: usize, fetch: FetchId, block: BlockKey) {
        let now = self.now.0 / 1_000;
        let Some(at) = Self::final_at(block).filter(|_| self.blocks_up) else {
            let failure = if self.blocks_up { FetchFailure::Absent } else { FetchFailure::Unreachable };
            return self.later(ms(20), Later::Fetched(viewer, fetch, Err(failure)));
        };
        let wait = at.saturating_sub(now);
        if wait > 2_000 {
            let failure = FetchFailure::NotYet { retry_ms: 500 };
            return self.later(ms(2_000), Later::Fetched(viewer, fetch, Err(failure)));
        }
        *self.spent.entry((block.segment.segment.0, block.block.0)).or_default() += 1;
        let body = Body::True(block);
        self.later(ms(wait + 20), Later::Fetched(viewer, fetch, Ok(Answer::Block(body, body.bytes()))));
    }

    pub(super) fn get_list(&mut self, viewer: usize, fetch: FetchId, segment: SegmentKey, blocks: u16) {
        if !self.lists_up {
            return self.later(ms(20), Later::Fetched(viewer, fetch, Err(FetchFailure::Absent)));
        }
        let number = segment.segment.0;
        let now = self.now.0 / 1_000;
        let least = BlockKey::new(segment, Block(blocks.clamp(1, BLOCKS) - 1));
        let wait = Self::final_at(least).unwrap_or(0).saturating_sub(now);
        if wait > 2_000 {
            let failure = FetchFailure::NotYet { retry_ms: 500 };
            return self.later(ms(2_000), Later::Fetched(viewer, fetch, Err(failure)));
        }
        let then = now + wait;
        let ready =
            |block: &u16| Self::final_at(BlockKey::new(segment, Block(*block))).is_some_and(|at| at <= then);
        let known = (0..BLOCKS).filter(ready).count() as u16;
        self.later(
            ms(wait + 20),
            Later::Fetched(viewer, fetch, Ok(Answer::List(list(number, known, SIGNATURE)))),
        );
    }
}
