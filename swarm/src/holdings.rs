//! What one neighbour holds, and which lists it knows, segment by segment.
//!
//! A row is small and owns nothing, since a viewer looks through a dozen neighbours' rows for each block: one word has
//! the bits of 64 blocks, and only a very large segment has more rows than one.
//!
//! **Invariant:** at most [`HOLDINGS_MAX`] segments a neighbour, and what is left of one more; the oldest goes first.

use protocol::id::{BlockKey, SegmentKey};

use crate::limits::HOLDINGS_MAX;

/// Rows that a segment can have.
const ROWS: u16 = protocol::limits::BLOCKS_PER_SEGMENT_MAX / 64;

/// What a neighbour has of 64 blocks of one segment.
#[derive(Clone, Debug)]
struct Row {
    segment: u64,
    /// Bit i: the row's block i.
    have: u64,
    /// The rendition times [`ROWS`], and the row's number in its segment.
    part: u16,
    /// In the first row: it knows a list that covers so many blocks, or the closing one.
    list_blocks: u16,
    list_closed: bool,
}

/// What a neighbour has, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings(Vec<Row>);

impl Row {
    const fn place(&self) -> (u64, u16) {
        (self.segment, self.part)
    }
}

impl Holdings {
    /// It holds the block, and so knows a list that covers it.
    pub(crate) fn add(&mut self, key: BlockKey) {
        let Some(first) = self.at(first(key.segment)) else { return };
        first.list_blocks = first.list_blocks.max(key.block.0.saturating_add(1));
        let (place, bit) = place(key);
        if first.place() == place {
            first.have |= bit;
        } else if let Some(row) = self.at(place) {
            row.have |= bit;
        }
    }

    /// It holds nothing but what is added from here on; the lists that it knows, it knows.
    pub(crate) fn clear(&mut self) {
        self.0.iter_mut().for_each(|row| row.have = 0);
    }

    /// It does not hold the block after all.
    pub(crate) fn remove(&mut self, key: BlockKey) {
        let (place, bit) = place(key);
        if let Some(row) = self.0.iter_mut().find(|row| row.place() == place) {
            row.have &= !bit;
        }
    }

    /// It knows a list that covers so many blocks.
    pub(crate) fn knows(&mut self, segment: SegmentKey, blocks: u16, closed: bool) {
        if let Some(first) = self.at(first(segment)) {
            first.list_blocks = first.list_blocks.max(blocks);
            first.list_closed |= closed;
        }
    }

    /// How many segments it is remembered of.
    pub(crate) fn segments(&self) -> usize {
        self.0.iter().filter(|row| row.part.is_multiple_of(ROWS)).count()
    }

    pub(crate) fn has(&self, key: BlockKey) -> bool {
        let (place, bit) = place(key);
        self.find(place).is_some_and(|row| row.have & bit != 0)
    }

    /// A list that covers so many blocks (or closes the segment) would be no news to it.
    pub(crate) fn knows_list(&self, segment: SegmentKey, blocks: u16, closed: bool) -> bool {
        self.find(first(segment)).is_some_and(|first| {
            first.list_closed || (!closed && first.list_blocks >= blocks && first.list_blocks > 0)
        })
    }

    fn find(&self, place: (u64, u16)) -> Option<&Row> {
        // What is traded is new, and so near the end.
        self.0.iter().rev().find(|row| row.place() == place)
    }

    /// The row, made now if it is new; `None` of a segment older than all that are remembered.
    fn at(&mut self, place: (u64, u16)) -> Option<&mut Row> {
        // What is told is new, and so near the end.
        let mut after = self.0.iter().rposition(|row| row.place() <= place).map_or(0, |before| before + 1);
        if self.0.get(after.wrapping_sub(1)).is_none_or(|row| row.place() != place) {
            // As many as are kept, not as many as a vector doubles to; a page has no room for the code.
            #[cfg(not(target_family = "wasm"))]
            self.0.reserve_exact((HOLDINGS_MAX + 1).saturating_sub(self.0.len()));
            let (segment, part) = place;
            self.0.insert(after, Row { segment, have: 0, part, list_blocks: 0, list_closed: false });
            after += 1;
        }
        // The oldest segment's first row goes; its others are in front then, and go before the next one's.
        while self.0.len() > HOLDINGS_MAX && self.segments() > HOLDINGS_MAX {
            self.0.remove(0);
            after -= 1;
        }
        self.0.get_mut(after.checked_sub(1)?)
    }
}

/// Where a segment's first row is.
fn first(segment: SegmentKey) -> (u64, u16) {
    (segment.segment.0, u16::from(segment.rendition.0) * ROWS)
}

/// Where a block's row is, and the block's bit there.
fn place(key: BlockKey) -> ((u64, u16), u64) {
    let (segment, part) = first(key.segment);
    ((segment, part + key.block.0 / 64), 1 << (key.block.0 % 64))
}

#[cfg(test)]
mod tests {
    use protocol::id::{Block, Rendition, Segment};
    use protocol::limits::BLOCKS_PER_SEGMENT_MAX;

    use super::*;

    fn segment(number: u64) -> SegmentKey {
        SegmentKey::new(Rendition(0), Segment(number))
    }

    #[test]
    fn what_was_added_is_held_until_it_is_removed() {
        let mut holdings = Holdings::default();
        let key = BlockKey::new(segment(4), Block(9));
        holdings.add(key);
        assert!(holdings.has(key) && !holdings.has(BlockKey::new(segment(4), Block(8))));
        assert!(holdings.knows_list(segment(4), 10, false));
        assert!(!holdings.knows_list(segment(4), 11, false) && !holdings.knows_list(segment(4), 10, true));
        holdings.remove(key);
        assert!(!holdings.has(key));
    }

    #[test]
    fn one_segment_past_the_limit_pushes_the_oldest_out() {
        let mut holdings = Holdings::default();
        for number in 1..=HOLDINGS_MAX as u64 + 1 {
            holdings.add(BlockKey::new(segment(number), Block(0)));
        }
        assert!(!holdings.has(BlockKey::new(segment(1), Block(0))));
        assert!(holdings.has(BlockKey::new(segment(2), Block(0))));
        holdings.add(BlockKey::new(segment(0), Block(0)));
        assert!(!holdings.has(BlockKey::new(segment(0), Block(0))), "older than everything: not kept");
    }
    #[test]
    fn a_segment_of_many_blocks_counts_once_and_goes_whole() {
        let mut holdings = Holdings::default();
        let last = Block(BLOCKS_PER_SEGMENT_MAX - 1);
        for number in 1..=HOLDINGS_MAX as u64 {
            for block in [Block(0), Block(70), last] {
                holdings.add(BlockKey::new(segment(number), block));
            }
        }
        let held = |holdings: &Holdings, number| holdings.has(BlockKey::new(segment(number), last));
        assert!(held(&holdings, 1) && held(&holdings, HOLDINGS_MAX as u64));
        assert!(!holdings.has(BlockKey::new(segment(1), Block(71))));
        assert!(holdings.knows_list(segment(1), last.0 + 1, false));
        holdings.add(BlockKey::new(segment(0), last));
        assert!(!held(&holdings, 0), "older than everything: not kept, and no row of it");
        assert_eq!(holdings.0.len(), 3 * HOLDINGS_MAX);
        for number in 100..=101 {
            holdings.add(BlockKey::new(segment(number), last));
        }
        assert!(!held(&holdings, 1) && held(&holdings, 3) && held(&holdings, 101));
        assert!(holdings.0.len() <= 3 * HOLDINGS_MAX, "the oldest went with all its rows");
    }
}
