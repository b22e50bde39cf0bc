//! Block arithmetic: how a segment of so many bytes divides into blocks (`docs/spec/blocks.md`).

use core::ops::Range;

use crate::id::Block;
use crate::limits::{BLOCK_BYTES, BLOCKS_PER_SEGMENT_MAX};

/// Bytes of the largest segment that blocks can address.
pub const SEGMENT_BYTES_MAX: u32 = BLOCK_BYTES * BLOCKS_PER_SEGMENT_MAX as u32;

/// How many blocks a whole segment of `segment_bytes` has; `None` past [`SEGMENT_BYTES_MAX`].
#[must_use]
pub fn count(segment_bytes: u32) -> Option<u16> {
    u16::try_from(segment_bytes.div_ceil(BLOCK_BYTES)).ok().filter(|blocks| *blocks <= BLOCKS_PER_SEGMENT_MAX)
}

/// The bytes that `block` covers of a whole segment of `segment_bytes`; `None` where there is no such block.
#[must_use]
pub fn range(block: Block, segment_bytes: u32) -> Option<Range<u32>> {
    let start = u32::from(block.0).checked_mul(BLOCK_BYTES)?;
    let end = start.saturating_add(BLOCK_BYTES).min(segment_bytes);
    (start < end).then_some(start..end)
}

/// How many blocks are final once `bytes` of a still growing segment have arrived: only full ones.
#[must_use]
pub fn full(bytes: u32) -> u16 {
    u16::try_from(bytes / BLOCK_BYTES).unwrap_or(u16::MAX).min(BLOCKS_PER_SEGMENT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_divides_into_full_blocks_and_one_short_one() {
        // segment bytes → blocks, bytes of the last
        let rows =
            [(1, 1, 1), (61_439, 1, 61_439), (61_440, 1, 61_440), (61_441, 2, 1), (208_000, 4, 23_680)];
        for (bytes, blocks, last) in rows {
            assert_eq!(count(bytes), Some(blocks), "{bytes}");
            let range = range(Block(blocks - 1), bytes).expect("the last block exists");
            assert_eq!(range.end - range.start, last, "{bytes}");
            assert_eq!(super::range(Block(blocks), bytes), None, "{bytes}");
        }
    }

    #[test]
    fn the_largest_segment_is_addressed_and_one_byte_more_is_not() {
        assert_eq!(count(SEGMENT_BYTES_MAX), Some(BLOCKS_PER_SEGMENT_MAX));
        assert_eq!(count(SEGMENT_BYTES_MAX + 1), None);
        assert_eq!(count(0), Some(0));
    }

    #[test]
    fn a_growing_segment_offers_only_full_blocks() {
        assert_eq!((full(61_439), full(61_440), full(122_879)), (0, 1, 1));
    }
}
