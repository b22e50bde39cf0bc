//! What one neighbour holds, and which lists it knows, segment by segment.
//!
//! **Invariant:** at most [`HOLDINGS_MAX`] segments a neighbour; the oldest goes first.

use protocol::id::{BlockKey, SegmentKey};

use crate::limits::HOLDINGS_MAX;

/// What a neighbour has of one segment.
#[derive(Clone, Debug)]
struct Holding {
    segment: SegmentKey,
    /// Bit i of byte i/8: block i.
    have: Vec<u8>,
    /// It knows a list that covers so many blocks, or the closing one.
    list_blocks: u16,
    list_closed: bool,
}

/// What a neighbour has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings(Vec<Holding>);

impl Holdings {
    /// It holds the block, and so knows a list that covers it.
    pub(crate) fn add(&mut self, key: BlockKey) {
        let Some(holding) = self.at(key.segment) else { return };
        let (byte, bit) = place(key);
        if holding.have.len() <= byte {
            holding.have.resize(byte + 1, 0);
        }
        if let Some(bits) = holding.have.get_mut(byte) {
            *bits |= bit;
        }
        holding.list_blocks = holding.list_blocks.max(key.block.0.saturating_add(1));
    }

    /// It holds nothing but what is added from here on; the lists that it knows, it knows.
    pub(crate) fn clear(&mut self) {
        self.0.iter_mut().for_each(|holding| holding.have.clear());
    }

    /// It does not hold the block after all.
    pub(crate) fn remove(&mut self, key: BlockKey) {
        let (byte, bit) = place(key);
        let holding = self.0.iter_mut().find(|holding| holding.segment == key.segment);
        if let Some(bits) = holding.and_then(|holding| holding.have.get_mut(byte)) {
            *bits &= !bit;
        }
    }

    /// It knows a list that covers so many blocks.
    pub(crate) fn knows(&mut self, segment: SegmentKey, blocks: u16, closed: bool) {
        if let Some(holding) = self.at(segment) {
            holding.list_blocks = holding.list_blocks.max(blocks);
            holding.list_closed |= closed;
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn has(&self, key: BlockKey) -> bool {
        let (byte, bit) = place(key);
        let holding = self.find(key.segment);
        holding.and_then(|holding| holding.have.get(byte)).is_some_and(|bits| bits & bit != 0)
    }

    /// A list that covers so many blocks (or closes the segment) would be no news to it.
    pub(crate) fn knows_list(&self, segment: SegmentKey, blocks: u16, closed: bool) -> bool {
        self.find(segment).is_some_and(|holding| {
            holding.list_closed || (!closed && holding.list_blocks >= blocks && holding.list_blocks > 0)
        })
    }

    fn find(&self, segment: SegmentKey) -> Option<&Holding> {
        // What is traded is new, and so near the end.
        self.0.iter().rev().find(|holding| holding.segment == segment)
    }

    fn at(&mut self, segment: SegmentKey) -> Option<&mut Holding> {
        // What is told is new, and so near the end.
        let before = self.0.iter().rposition(|holding| holding.segment <= segment);
        let place = match before {
            Some(place) if self.0.get(place).is_some_and(|holding| holding.segment == segment) => place,
            _ => {
                let place = before.map_or(0, |before| before + 1);
                let holding = Holding { segment, have: Vec::new(), list_blocks: 0, list_closed: false };
                // As many as are kept, not as many as a vector doubles to; a page has no room for the code.
                #[cfg(not(target_family = "wasm"))]
                self.0.reserve_exact((HOLDINGS_MAX + 1).saturating_sub(self.0.len()));
                self.0.insert(place, holding);
                place
            }
        };
        if self.0.len() <= HOLDINGS_MAX {
            return self.0.get_mut(place);
        }
        self.0.remove(0);
        place.checked_sub(1).and_then(|place| self.0.get_mut(place))
    }
}

fn place(key: BlockKey) -> (usize, u8) {
    (usize::from(key.block.0 / 8), 1 << (key.block.0 % 8))
}

#[cfg(test)]
mod tests {
    use protocol::id::{Block, Rendition, Segment};

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
}
