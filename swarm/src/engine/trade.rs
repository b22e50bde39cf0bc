//! One round of the market: for each segment that the player needs its list, for each block a decision.

use protocol::id::{Block, BlockKey, SegmentKey};
use protocol::time::Instant;

use super::Engine;
use crate::io::Output;
use crate::limits::{BLIND_BLOCKS, FETCHES_MAX, PAST_DUE_MAX};
use crate::origin::What;
use crate::report::Reason;
use crate::timers::Timer;

impl Engine {
    /// Decides about everything that is missing, earliest segment first, and sets the timer for the next round.
    pub(super) fn trade(&mut self) {
        let mut next = Instant::NEVER;
        let mut place = 0;
        while let Some(segment) = self.window.at(place) {
            let (key, needed) = (segment.key, self.is_needed(segment));
            if needed && !segment.is_whole() {
                next = next.min(self.trade_segment(key));
            }
            place += 1;
        }
        self.timers.set(Timer::Market, next);
    }

    fn trade_segment(&mut self, key: SegmentKey) -> Instant {
        let Some(segment) = self.window.find(key) else { return Instant::NEVER };
        let due = self.due(segment);
        let wanted = self.wants.find(key).is_some();
        if wanted && self.now >= due + PAST_DUE_MAX {
            self.give_up_segment(key);
            return Instant::NEVER;
        }
        let mut next = if wanted { due + PAST_DUE_MAX } else { Instant::NEVER };
        let closed = segment.list.closed.is_some();
        if !closed && (segment.listed || wanted) {
            if self.is_urgent(key) {
                self.buy_blind(key);
            }
            next = next.min(self.seek_list(key, due));
        }
        let blocks = self.window.find(key).map_or(0, |segment| segment.list.hashes.len());
        for place in 0..u16::try_from(blocks).unwrap_or(u16::MAX) {
            next = next.min(self.trade_block(BlockKey::new(key, Block(place)), due));
        }
        next
    }

    /// Before any list has come, the first blocks are asked for with it: a player without a picture waits for no list.
    fn buy_blind(&mut self, key: SegmentKey) {
        let now = self.now;
        for place in 0..BLIND_BLOCKS {
            let Some(segment) = self.window.find_mut(key).filter(|segment| segment.list.hashes.is_empty())
            else {
                return;
            };
            let Some(block) = segment.block_mut(Block(place), now) else { return };
            if block.is_missing() && block.bought.is_none() && block.fails == 0 && block.absent == 0 {
                self.buy(BlockKey::new(key, Block(place)), Reason::StartUp);
            }
        }
    }

    fn trade_block(&mut self, key: BlockKey, due: Instant) -> Instant {
        let Some(block) = self.window.block(key).filter(|block| block.is_missing()) else {
            return Instant::NEVER;
        };
        if block.bought.is_some() {
            return Instant::NEVER;
        }
        if self.now < block.retry_at {
            return block.retry_at;
        }
        if !self.position.started && due == Instant::NEVER {
            return Instant::NEVER;
        }
        let reason = if self.is_urgent(key.segment) { Reason::StartUp } else { Reason::Alone };
        self.buy(key, reason);
        Instant::NEVER
    }

    /// GETs a block.
    pub(super) fn buy(&mut self, key: BlockKey, reason: Reason) {
        if self.origin.downloads() >= FETCHES_MAX {
            return;
        }
        let Some(block) = self.window.block_mut(key) else { return };
        let fetch = self.origin.open(What::Block(key), block.fails, None, self.now);
        block.bought = Some(fetch);
        block.reason = reason;
        self.push(Output::Fetch { fetch, block: key });
    }

    /// No neighbour to trade with.
    pub(super) const fn is_alone(&self) -> bool {
        true
    }
}
