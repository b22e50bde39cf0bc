//! The segments that the engine knows, and for each of their blocks where it stands.
//!
//! **Invariant:** at most [`SEGMENTS_MAX`] segments, sorted by time; a block that is held has exactly one handle.

use protocol::block;
use protocol::hash_list::Closed;
use protocol::id::{Block, BlockKey, Digest, PeerId, SegmentKey};
use protocol::limits::BLOCK_BYTES;
use protocol::time::{Instant, StreamTime};

use crate::io::{FetchId, Handle, LinkId};
use crate::limits::SEGMENTS_MAX;
use crate::peer::RequestRef;
use crate::promise::Promises;
use crate::report::Reason;

/// Where bytes came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Origin,
    Peer(LinkId, PeerId),
}

/// Whether the bytes of a block are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Missing,
    /// Arrived; their digest once the shell has hashed them. They stay here until a list says what it must be.
    Checking(Option<Digest>),
    Have,
}

/// What is known of a block's bytes. Of a whole segment's blocks nothing else is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    /// Counts for nothing while the block is missing, as `source` and `bytes` do.
    pub(crate) handle: Handle,
    pub(crate) source: Source,
    pub(crate) bytes: u32,
    pub(crate) reason: Reason,
    pub(crate) seen: Instant,
    /// When it was verified.
    pub(crate) done: Instant,
}

/// One block of a segment that is not whole.
///
/// The order is that of the lines of memory, where engines are many: every round asks for the first.
#[cfg_attr(not(target_family = "wasm"), repr(C, align(64)))]
#[derive(Clone, Debug)]
pub(crate) struct BlockState {
    /// Until when there is nothing to decide, unless news of it comes or ranks change.
    pub(crate) quiet: Instant,
    /// The open request to a neighbour.
    pub(crate) asked: Option<RequestRef>,
    /// The open GET.
    pub(crate) bought: Option<FetchId>,
    /// When the next GET may go, after some that failed.
    pub(crate) retry_at: Instant,
    /// Where the die stood when it was last rolled.
    pub(crate) dice: Dice,
    /// A neighbour was asked at least once.
    pub(crate) asked_before: bool,
    /// There was supply when it was last looked at.
    pub(crate) supplied: bool,
    /// The roll for an early purchase, made once.
    pub(crate) early: Option<bool>,
    pub(crate) held: Held,
    /// When a list first proved that it exists.
    pub(crate) proven: Option<Instant>,
    /// From when the dice count; moved when supply goes away.
    pub(crate) opens: Instant,
    /// Who said to be fetching it.
    pub(crate) promises: Promises,
    /// Since when there are holders.
    pub(crate) held_near: Option<Instant>,
    /// Until when this viewer has promised to bring it.
    pub(crate) pledged: Instant,
    pub(crate) piece: Piece,
    /// GETs that failed.
    pub(crate) fails: u8,
    /// Of those, the ones that the origin answered with 404 or 410.
    pub(crate) absent: u8,
}

/// A viewer's die for one block, and its rank among the dice near.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice {
    /// The state of the ranks that it was rolled in; 0 where it never was.
    pub(crate) ranks: u32,
    pub(crate) rank: u8,
    pub(crate) die: u32,
}

/// One segment.
///
/// The order is that of the lines of memory, where engines are many: every round asks for the first of all segments.
#[cfg_attr(not(target_family = "wasm"), repr(C, align(64)))]
#[derive(Clone, Debug)]
pub(crate) struct SegmentState {
    pub(crate) key: SegmentKey,
    pub(crate) start: Option<StreamTime>,
    /// While it is not whole.
    pub(crate) blocks: Vec<BlockState>,
    pub(crate) duration_ms: u32,
    /// It was whole when it was last looked at: nothing is to be decided about it any more.
    pub(crate) whole: bool,
    /// A playlist lists it: it is whole.
    pub(crate) listed: bool,
    /// The player was told to load it by itself.
    pub(crate) given_up: bool,
    pub(crate) list: crate::lists::Known,
    /// Once it is whole.
    pub(crate) kept: Vec<Piece>,
    /// Blocks that the deadline drove to the origin.
    pub(crate) fallbacks: u16,
}

impl BlockState {
    pub(crate) const fn new(seen: Instant) -> Self {
        Self {
            held: Held::Missing,
            piece: Piece {
                handle: Handle(0),
                source: Source::Origin,
                bytes: 0,
                reason: Reason::Unseen,
                seen,
                done: Instant::ZERO,
            },
            proven: None,
            asked: None,
            asked_before: false,
            bought: None,
            fails: 0,
            absent: 0,
            retry_at: Instant::ZERO,
            promises: Promises::new(),
            opens: Instant::ZERO,
            supplied: false,
            held_near: None,
            pledged: Instant::ZERO,
            early: None,
            dice: Dice { ranks: 0, rank: u8::MAX, die: u32::MAX },
            quiet: Instant::ZERO,
        }
    }

    pub(crate) const fn is_missing(&self) -> bool {
        matches!(self.held, Held::Missing)
    }

    pub(crate) const fn is_had(&self) -> bool {
        matches!(self.held, Held::Have)
    }
}

impl SegmentState {
    fn new(key: SegmentKey) -> Self {
        Self {
            key,
            start: None,
            duration_ms: 0,
            listed: false,
            blocks: Vec::new(),
            kept: Vec::new(),
            list: crate::lists::Known::default(),
            whole: false,
            given_up: false,
            fallbacks: 0,
        }
    }

    pub(crate) fn end(&self) -> Option<StreamTime> {
        self.start.map(|start| start.plus_millis(u64::from(self.duration_ms)))
    }

    /// The block's state, made now if it is new; `None` of a whole segment.
    pub(crate) fn block_mut(&mut self, block: Block, now: Instant) -> Option<&mut BlockState> {
        let place = usize::from(block.0);
        if !self.whole && block.0 < self.blocks_max() {
            while self.blocks.len() <= place {
                self.blocks.push(BlockState::new(now));
            }
        }
        self.blocks.get_mut(place)
    }

    /// No block at or past this place can exist.
    pub(crate) fn blocks_max(&self) -> u16 {
        let all = self.list.closed.and_then(|closed| block::count(closed.bytes));
        all.unwrap_or(protocol::limits::BLOCKS_PER_SEGMENT_MAX)
    }

    /// The bytes that a block must have, as far as the list tells.
    pub(crate) fn bytes_of(&self, block: Block) -> Option<u32> {
        match self.list.closed {
            Some(Closed { bytes, .. }) => block::range(block, bytes).map(|range| range.end - range.start),
            None => (usize::from(block.0) < self.list.hashes.len()).then_some(BLOCK_BYTES),
        }
    }

    /// Every block is verified.
    pub(crate) fn is_whole(&self) -> bool {
        let all = self.list.closed.and_then(|closed| block::count(closed.bytes));
        all.is_some_and(|all| self.blocks() == usize::from(all) && self.blocks.iter().all(BlockState::is_had))
    }

    /// How many blocks are known of it.
    pub(crate) const fn blocks(&self) -> usize {
        self.blocks.len() + self.kept.len()
    }

    /// The block at this place, where it is verified.
    pub(crate) fn had(&self, place: usize) -> Option<&Piece> {
        let open = || self.blocks.get(place).filter(|block| block.is_had()).map(|block| &block.piece);
        self.kept.get(place).or_else(open)
    }
}

/// All segments known.
#[derive(Debug, Default)]
pub(crate) struct Window {
    segments: Vec<SegmentState>,
    /// Bytes of all blocks that have arrived.
    held_bytes: u64,
    /// A bit for each place: the segment there is not whole.
    open: u64,
}

const _: () = assert!(SEGMENTS_MAX <= 64, "a bit for each");

impl Window {
    pub(crate) fn iter(&self) -> core::slice::Iter<'_, SegmentState> {
        self.segments.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> core::slice::IterMut<'_, SegmentState> {
        self.segments.iter_mut()
    }

    /// Bytes of a block arrived.
    pub(crate) const fn hold(&mut self, bytes: u32) {
        self.held_bytes += bytes as u64;
    }

    /// Bytes of a block that had arrived are thrown away.
    pub(crate) const fn drop(&mut self, bytes: u32) {
        self.held_bytes = self.held_bytes.saturating_sub(bytes as u64);
    }

    pub(crate) fn find(&self, key: SegmentKey) -> Option<&SegmentState> {
        self.place(key).ok().and_then(|place| self.segments.get(place))
    }

    pub(crate) fn find_mut(&mut self, key: SegmentKey) -> Option<&mut SegmentState> {
        self.place(key).ok().and_then(|place| self.at_mut(place))
    }

    pub(crate) fn block(&self, key: BlockKey) -> Option<&BlockState> {
        self.find(key.segment)?.blocks.get(usize::from(key.block.0))
    }

    /// The block, where it is verified.
    pub(crate) fn had(&self, key: BlockKey) -> Option<&Piece> {
        self.find(key.segment)?.had(usize::from(key.block.0))
    }

    pub(crate) fn block_mut(&mut self, key: BlockKey) -> Option<&mut BlockState> {
        self.find_mut(key.segment)?.blocks.get_mut(usize::from(key.block.0))
    }

    /// The first segment from this place on that is not whole, and where it is.
    pub(crate) fn open(&self, from: usize) -> Option<(usize, &SegmentState)> {
        let skipped = self.open.checked_shr(u32::try_from(from).ok()?)?.trailing_zeros();
        let place = from + skipped as usize;
        Some((place, self.segments.get(place)?))
    }

    /// A segment is whole: only the pieces are kept.
    pub(crate) fn keep(&mut self, key: SegmentKey) -> Option<&mut SegmentState> {
        let place = self.place(key).ok()?;
        self.open &= !(1 << place);
        let segment = self.segments.get_mut(place)?;
        if !core::mem::replace(&mut segment.whole, true) {
            let blocks = core::mem::take(&mut segment.blocks);
            segment.kept = blocks.iter().map(|block| block.piece).collect();
        }
        Some(segment)
    }

    pub(crate) fn at_mut(&mut self, place: usize) -> Option<&mut SegmentState> {
        self.segments.get_mut(place)
    }

    /// The block whose bytes these are, unless its segment is whole.
    pub(crate) fn of_handle(&self, handle: Handle) -> Option<BlockKey> {
        // What is being checked came last, most likely.
        self.segments.iter().rev().find_map(|segment| {
            let theirs = |block: &BlockState| !block.is_missing() && block.piece.handle == handle;
            let place = segment.blocks.iter().position(theirs)?;
            Some(BlockKey::new(segment.key, Block(u16::try_from(place).ok()?)))
        })
    }

    /// Bytes of all blocks that have arrived.
    pub(crate) const fn held_bytes(&self) -> u64 {
        self.held_bytes
    }

    pub(crate) const fn len(&self) -> usize {
        self.segments.len()
    }

    /// The segment's state, made now if it is new; `None` where the window is full of newer ones.
    pub(crate) fn insert(&mut self, key: SegmentKey) -> Option<&mut SegmentState> {
        let place = match self.place(key) {
            Ok(place) => place,
            Err(_) if self.segments.len() >= SEGMENTS_MAX => return None,
            Err(place) => {
                let before = self.open & ((1 << place) - 1);
                self.open = before | 1 << place | (self.open - before) << 1;
                self.segments.insert(place, SegmentState::new(key));
                place
            }
        };
        self.at_mut(place)
    }

    pub(crate) fn remove(&mut self, key: SegmentKey) -> Option<SegmentState> {
        let place = self.place(key).ok()?;
        let before = self.open & ((1 << place) - 1);
        self.open = before | self.open >> 1 & !((1 << place) - 1);
        Some(self.segments.remove(place))
    }

    fn place(&self, key: SegmentKey) -> Result<usize, usize> {
        // Most segments follow each other without a gap: the place is counted back from the last.
        let last = self.segments.last().map_or(0, |last| last.key.segment.0);
        let back = usize::try_from(last.wrapping_sub(key.segment.0)).unwrap_or(usize::MAX);
        let counted = self.segments.len().wrapping_sub(1).wrapping_sub(back);
        if self.segments.get(counted).is_some_and(|segment| segment.key == key) {
            return Ok(counted);
        }
        self.segments.binary_search_by(|segment| segment.key.cmp(&key))
    }
}

#[cfg(test)]
mod tests {
    use protocol::id::{Rendition, Segment};

    use super::*;

    fn key(number: u64) -> SegmentKey {
        SegmentKey::new(Rendition(0), Segment(number))
    }

    #[test]
    fn segments_are_taken_up_to_the_limit_and_not_one_more() {
        let mut window = Window::default();
        for number in (0..SEGMENTS_MAX as u64).rev() {
            assert!(window.insert(key(number)).is_some());
        }
        assert!(window.insert(key(SEGMENTS_MAX as u64)).is_none());
        assert!(window.insert(key(3)).is_some(), "one that is known is found");
        assert!(window.iter().map(|segment| segment.key).is_sorted());
        assert!(window.remove(key(3)).is_some());
        assert!(window.insert(key(SEGMENTS_MAX as u64)).is_some());
    }

    #[test]
    fn a_closed_segment_has_the_blocks_that_its_size_gives_and_no_other() {
        let mut segment = SegmentState::new(key(1));
        assert_eq!(segment.bytes_of(Block(0)), None);
        assert!(segment.block_mut(Block(7), Instant::ZERO).is_some());
        segment.list.closed = Some(Closed { bytes: 2 * BLOCK_BYTES + 1, duration_ms: 2_000 });
        assert_eq!(segment.bytes_of(Block(2)), Some(1));
        assert_eq!(segment.bytes_of(Block(3)), None);
        assert_eq!(segment.blocks_max(), 3);
        assert!(!segment.is_whole());
    }
}
