//! Block arithmetic, as `docs/spec/blocks.md` has it.

use protocol::block;
use protocol::id::Block;
use protocol::limits::{BLOCK_BYTES, BLOCKS_PER_SEGMENT_MAX};
use serde_json::Value;

use crate::vectors::{number, read, rows};

#[test]
fn segments_divide_as_the_vectors_say() {
    let vectors: Value = read("blocks.json");
    assert_eq!(number::<u32>(&vectors["block_bytes"]), BLOCK_BYTES);
    assert_eq!(number::<u16>(&vectors["blocks_per_segment_max"]), BLOCKS_PER_SEGMENT_MAX);
    for row in rows(&vectors["segments"]) {
        let bytes = number(&row["segment_bytes"]);
        let blocks = block::count(bytes);
        assert_eq!(blocks.map(u64::from), row["blocks"].as_u64(), "{row}");
        let last = blocks.and_then(|blocks| block::range(Block(blocks.checked_sub(1)?), bytes));
        assert_eq!(
            last.map(|last| u64::from(last.end - last.start)),
            row["last_block_bytes"].as_u64(),
            "{row}"
        );
    }
    for row in rows(&vectors["ranges"]) {
        let range = block::range(Block(number(&row["block"])), number(&row["segment_bytes"]));
        let expected = row["start"].as_u64().zip(row["end"].as_u64());
        assert_eq!(range.map(|range| (u64::from(range.start), u64::from(range.end))), expected, "{row}");
    }
    for row in rows(&vectors["growing"]) {
        assert_eq!(block::full(number(&row["bytes"])), number::<u16>(&row["final_blocks"]), "{row}");
    }
}
