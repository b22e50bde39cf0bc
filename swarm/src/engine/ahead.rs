//! Blocks that do not exist yet: which come next, when, whose turn it is, and promises about them.
//!
//! The proof that a block exists opens the next one: whoever has the lowest die for it asks the origin at once, where
//! the GET waits, for the block and for the list that proves it. So the chain of discovery runs with the encoder and
//! not with anybody's playlist polls; everybody else steps in by the encoder's clock only if the chain breaks.

use protocol::id::{Block, BlockKey, Segment, SegmentKey};
use protocol::limits::BLOCK_BYTES;
use protocol::time::{Duration, Instant};

use super::Engine;
use crate::die;
use crate::io::Output;
use crate::limits::{
    AHEAD_BLOCKS_MAX, AHEAD_FETCHES_MAX, AHEAD_TIME, LAG_MAX, PROMISE_NEAR, RENEW_BEFORE, SEEDERS_TENTHS,
};
use crate::median::median;
use crate::origin::What;
use crate::peer::Peer;
use crate::report::Reason;
use crate::window::{Dice, SegmentState};

impl Engine {
    /// Makes room in the window for the blocks that come next; the answer is when to look again.
    pub(super) fn look_ahead(&mut self) -> Instant {
        if self.is_alone() || self.ended || !self.is_near_live() {
            return Instant::NEVER;
        }
        let Some((key, start)) = self.growing() else { return Instant::NEVER };
        let duration_ms = self.encoder.duration_ms(self.config.target_duration_ms);
        let (now, expected) = (self.now, self.encoder.blocks());
        let Some(segment) = self.segment(key) else { return Instant::NEVER };
        let start = *segment.start.get_or_insert(start);
        if segment.duration_ms == 0 {
            segment.duration_ms = duration_ms;
        }
        let known = u16::try_from(segment.list.hashes.len()).unwrap_or(u16::MAX);
        segment.block_mut(Block(known), now);
        let last =
            known.saturating_add(AHEAD_BLOCKS_MAX as u16).min(u16::try_from(expected).unwrap_or(u16::MAX));
        for place in known + 1..last {
            let Some(exists) = self.encoder.time_of_block(start, Block(place)) else { break };
            if exists > now + AHEAD_TIME {
                return exists.before(AHEAD_TIME);
            }
            if let Some(segment) = self.window.find_mut(key) {
                segment.block_mut(Block(place), now);
            }
        }
        Instant::NEVER
    }

    /// The segment that the encoder is making, and where it starts.
    fn growing(&self) -> Option<(SegmentKey, protocol::time::StreamTime)> {
        let newest = self.window.find(SegmentKey::new(self.rendition?, self.newest_whole()?))?;
        let next = Segment(newest.key.segment.0.checked_add(1)?);
        Some((SegmentKey::new(newest.key.rendition, next), newest.end()?))
    }

    fn newest_whole(&self) -> Option<Segment> {
        self.newest_where(|segment| segment.listed || segment.list.closed.is_some())
    }

    /// The newest segment of the rendition that is proven or listed.
    pub(super) fn newest(&self) -> Option<Segment> {
        self.newest_where(|segment| segment.listed || !segment.list.encoded.is_empty())
    }

    /// The oldest segment of the rendition that is known at all.
    pub(super) fn oldest(&self) -> Option<Segment> {
        let ours = |segment: &&SegmentState| Some(segment.key.rendition) == self.rendition;
        self.window.iter().find(ours).map(|segment| segment.key.segment)
    }

    fn newest_where(&self, choose: impl Fn(&SegmentState) -> bool) -> Option<Segment> {
        let ours = |segment: &&SegmentState| Some(segment.key.rendition) == self.rendition && choose(segment);
        self.window.iter().rev().find(ours).map(|segment| segment.key.segment)
    }

    /// The next block after the last proven one: its turn opens with that proof.
    pub(super) fn is_next(&self, key: BlockKey) -> bool {
        self.window
            .find(key.segment)
            .is_some_and(|segment| segment.list.hashes.len() == usize::from(key.block.0))
    }

    /// When the block exists, as far as can be told.
    pub(super) fn exists_at(&self, key: BlockKey) -> Instant {
        let segment = self.window.find(key.segment);
        let estimate = segment.and_then(|segment| self.encoder.time_of_block(segment.start?, key.block));
        let seen = self.window.block(key).map_or(self.now, |block| block.piece.seen);
        estimate.unwrap_or(seen + self.origin_wait())
    }

    /// Asks the origin for a block that may not exist yet, and for the list that proves it.
    pub(super) fn buy_ahead(&mut self, key: BlockKey) -> Instant {
        if self.origin.waiting() >= AHEAD_FETCHES_MAX || self.background {
            return Instant::NEVER;
        }
        let (now, wait) = (self.now, self.origin_wait());
        let pledge = self.exists_at(key).since(now).min(wait * 2) + self.promise_time();
        self.share.bought(Reason::Ahead);
        let Some(block) = self.window.block_mut(key) else { return Instant::NEVER };
        let fetch = self.origin.open(What::Block(key), block.fails, Some(wait), now);
        self.stirred = true;
        block.bought = Some(fetch);
        block.piece.reason = Reason::Ahead;
        block.pledged = now + pledge;
        self.promise(key, pledge);
        self.push(Output::Fetch { fetch, block: key });
        self.upkeep_ahead(key)
    }

    /// While a GET waits at the origin: the list that goes with it, and the promise.
    pub(super) fn upkeep_ahead(&mut self, key: BlockKey) -> Instant {
        let now = self.now;
        let Some(segment) = self.window.find(key.segment) else { return Instant::NEVER };
        let Some(block) = segment.blocks.get(usize::from(key.block.0)) else { return Instant::NEVER };
        let proven = block.proven.is_some();
        // Where the origin is quick, the word given with the purchase is enough.
        if block.bought.is_none() || (proven && self.slow == Duration::ZERO) {
            return Instant::NEVER;
        }
        let mut next = Instant::NEVER;
        let (pledged, retry_at) = (block.pledged, segment.list.retry_at);
        let listless = !proven && segment.list.get.is_none() && !self.lists.is_checking_origins(key.segment);
        if listless && now >= retry_at {
            self.fetch_list(key.segment, key.block.0.saturating_add(1), Some(self.origin_wait()));
        } else if listless {
            next = retry_at;
        }
        if pledged == Instant::ZERO {
            return next;
        }
        if now + RENEW_BEFORE >= pledged {
            let span = self.promise_time();
            self.promise(key, span);
            if let Some(block) = self.window.block_mut(key) {
                block.pledged = now + span;
            }
            return next.min(now + span.saturating_sub(RENEW_BEFORE));
        }
        next.min(pledged.before(RENEW_BEFORE))
    }

    /// Promises that were not kept in time count against those who gave them.
    pub(super) fn keep_promises(&mut self) {
        let now = self.now;
        let patience = self.promise_time();
        self.promises_end = Instant::NEVER;
        let lenient = now < self.lenient_until;
        // A block that is there has nobody's promise.
        let unfinished = self.window.iter_mut().filter(|segment| !segment.whole);
        for block in unfinished.flat_map(|segment| &mut segment.blocks) {
            while let Some(link) = block.promises.take_broken(now) {
                block.quiet = Instant::ZERO;
                // An encoder that is late breaks nobody's word.
                let late = block.proven.is_some_and(|proven| proven + patience <= now);
                if late
                    && !lenient
                    && block.is_missing()
                    && let Some(peer) = self.peers.find_mut(link)
                {
                    peer.doubt();
                }
            }
            self.promises_end = self.promises_end.min(block.promises.next_end());
        }
    }

    /// How late a neighbour's news may be: it travels behind the block that the neighbour is sending, so as long as one
    /// block takes on the median uplink near.
    pub(super) fn learn_lag(&mut self) {
        let mut uplinks = self.peers.greeted().filter_map(Peer::uplink_kbit);
        let lag = median(&mut uplinks).map_or(0, |median| BLOCK_BYTES * 8 / median.max(1));
        self.lag = Duration::from_millis(u64::from(lag)).min(LAG_MAX);
    }

    /// How long a promise for a block that exists is believed.
    pub(super) fn promise_time(&self) -> Duration {
        PROMISE_NEAR + self.lag * 2 + self.slow
    }

    /// My rank among the dice near me, and my die.
    pub(super) fn dice(&mut self, key: BlockKey) -> Dice {
        let ranks = self.ranks;
        let known = self.window.block(key).map(|block| block.dice).filter(|dice| dice.ranks == ranks);
        let dice = known.unwrap_or_else(|| self.rank(key));
        if let Some(block) = self.window.block_mut(key) {
            block.dice = dice;
        }
        dice
    }

    fn rank(&self, key: BlockKey) -> Dice {
        let rendition = Some(key.segment.rendition);
        let others = || self.peers.greeted().filter(|peer| peer.rendition == rendition);
        let weightless = self.weight == 0 && others().all(|peer| peer.weight() == 0);
        // Where nobody has weight, everybody who uploads counts the same: somebody must begin.
        let weigh = |weight: u8, serves: bool| if weightless { u8::from(serves) } else { weight };
        let mine = die::roll(&self.config.peer_id, key, weigh(self.weight, self.serves()));
        let lower = others().filter(|peer| {
            let theirs = die::roll(&peer.id, key, weigh(peer.weight(), peer.serves()));
            theirs
                .is_some_and(|theirs| mine.is_none_or(|mine| (theirs, peer.id) < (mine, self.config.peer_id)))
        });
        let rank = u8::try_from(lower.count()).unwrap_or(u8::MAX);
        Dice { ranks: self.ranks, rank, die: mine.unwrap_or(u32::MAX) }
    }

    /// Neighbours, and oneself.
    fn near(&self) -> u32 {
        u32::try_from(self.peers.met()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The swarm is larger than the neighbourhood: rumours are worth something.
    pub(super) fn reaches_beyond(&self) -> bool {
        self.announcer.swarm > self.near()
    }

    /// The dice of this rendition in the whole swarm, by weight, where it holds more neighbourhoods than seeders are aimed
    /// at: else the lowest of each are no more than those, and all of them known. Of the swarm as many watch the rendition
    /// as of those near.
    pub(super) fn swarm_beyond(&self) -> Option<u32> {
        let (swarm, near) = (self.announcer.swarm, self.near());
        let ours = |peer: &&Peer| peer.rendition.is_none() || peer.rendition == self.rendition;
        let (mut weights, mut watch) = (u32::from(self.weight), 1);
        for peer in self.peers.greeted().filter(ours) {
            weights += u32::from(peer.weight());
            watch += 1;
        }
        (u64::from(swarm) * 10 > u64::from(near) * SEEDERS_TENTHS).then(|| {
            u32::try_from(u64::from(swarm) * u64::from(weights.max(watch)) / u64::from(near))
                .unwrap_or(u32::MAX)
        })
    }
}
