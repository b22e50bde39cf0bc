//! One round of the market: for each segment that the player needs its list, for each missing block a decision.

use protocol::id::{Block, BlockKey, SegmentKey};
use protocol::time::{Duration, Instant};

use super::Engine;
use crate::io::Output;
use crate::limits::{
    ASK_PAUSE, ASK_PAUSE_LEAD, BLIND_BLOCKS, DEADLINE_ANYHOW, FETCHES_MAX, FETCHES_SLOW, GET_LATE, JOIN_TIME,
    PAST_DUE_MAX, PAUSE_MIN, QUIET_MAX, THROTTLE,
};
use crate::market::{self, Case, Decision, Roll};
use crate::origin::What;
use crate::peer::Peer;
use crate::report::Reason;
use crate::schedule;
use crate::timers::Timer;
use crate::window::{BlockState, Dice, SegmentState};

impl Engine {
    /// Decides about everything that is missing, earliest segment first, and sets the timer for the next round.
    pub(super) fn trade(&mut self) {
        let mut next = self.look_ahead();
        let mut from = 0;
        while let Some((place, segment)) = self.window.open(from) {
            let key = segment.key;
            if self.is_lacking(segment) {
                next = next.min(self.trade_segment(key));
            }
            from = place + 1;
        }
        if self.promises_end <= self.now {
            self.keep_promises();
        }
        self.timers.set(Timer::Market, Instant::NEVER);
        self.wake(next.min(self.promises_end));
    }

    /// Decides about one block of which a neighbour brought news.
    pub(super) fn look(&mut self, key: BlockKey) {
        let Some(segment) = self.window.find(key.segment) else { return };
        let open = |block: &BlockState| block.is_missing() && block.asked.is_none() && block.bought.is_none();
        if segment.blocks.get(usize::from(key.block.0)).is_some_and(open) && self.is_lacking(segment) {
            let due = self.due(segment);
            let next = self.trade_block(key, due);
            self.wake(next);
        }
    }

    /// The market is looked at by then.
    pub(super) fn wake(&mut self, at: Instant) {
        let at = if at <= self.now { self.now + PAUSE_MIN } else { at };
        self.timers.set(Timer::Market, self.timers.at(Timer::Market).min(at));
    }

    /// The player needs the segment, and there is room for it.
    fn is_lacking(&self, segment: &SegmentState) -> bool {
        let full = self.window.held_bytes() >= self.config.cache_bytes_max;
        !segment.whole && self.is_needed(segment) && (!full || self.wants.find(segment.key).is_some())
    }

    fn trade_segment(&mut self, key: SegmentKey) -> Instant {
        let Some(segment) = self.window.find(key) else { return Instant::NEVER };
        // A hidden page's timers may be a second late: it does everything as much sooner.
        let due = self.due(segment).before(if self.background { THROTTLE } else { Duration::ZERO });
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
        for (_, place) in self.rarest_first(key, &mut next) {
            next = next.min(self.trade_block(BlockKey::new(key, Block(place)), due));
        }
        next
    }

    /// The segment's missing blocks by their holders, those with the fewest first; the quiet ones are left out.
    fn rarest_first(&self, key: SegmentKey, next: &mut Instant) -> Vec<(u8, u16)> {
        let mut missing = Vec::new();
        let Some(segment) = self.window.find(key) else { return missing };
        // Put in place one by one: std's sort is 2 KB of the browser's module for each type.
        for (place, block) in (0..).zip(&segment.blocks).filter(|(_, block)| block.is_missing()) {
            if self.now < block.quiet && block.dice.ranks == self.ranks {
                *next = block.quiet.min(*next);
                continue;
            }
            let waits = block.asked.is_some() || block.bought.is_some();
            let holders = if waits { 0 } else { self.supply(BlockKey::new(key, Block(place))).holders };
            let entry = (holders, place);
            missing.insert(missing.partition_point(|earlier| *earlier < entry), entry);
        }
        missing
    }

    pub(super) fn supply(&self, key: BlockKey) -> schedule::Supply {
        schedule::supply(self.peers.iter(), key, self.now)
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
            if block.is_missing() && block.bought.is_none() && block.fails == 0 {
                self.buy(BlockKey::new(key, Block(place)), Reason::StartUp, true);
            }
        }
    }

    fn trade_block(&mut self, key: BlockKey, due: Instant) -> Instant {
        self.end_overdue_request(key);
        let now = self.now;
        if let Some(wait) = self.wait_of(key, due) {
            return wait;
        }
        let supply = self.supply(key);
        let Some(block) = self.window.block_mut(key) else { return Instant::NEVER };
        block.quiet = Instant::ZERO;
        // Supply that went away, a promise that was broken: the dice begin again from here.
        let supplied = supply.holders > 0 || now < block.promises.until();
        if core::mem::replace(&mut block.supplied, supplied) && !supplied {
            block.opens = now;
        }
        let (bought, asked, retry_at) = (block.bought.is_some(), block.asked.is_some(), block.retry_at);
        let (proven, fetch) = (block.proven.is_some(), block.bought);
        let late = fetch.is_some_and(|fetch| self.origin.is_late(fetch, GET_LATE, now));
        let next = if bought {
            // What a neighbour holds by now comes sooner than what the origin has not sent yet, and ends the GET.
            if late && proven && !asked && supply.askable {
                self.ask(key, due);
            }
            self.upkeep_ahead(key)
        } else if now < retry_at && (supply.holders == 0 || !supply.askable) && !asked {
            return retry_at;
        } else {
            let Some(case) = self.case(key, due, supply) else { return Instant::NEVER };
            self.carry_out(key, due, &case)
        };
        let asked = self.window.block(key).and_then(|block| block.asked);
        next.min(asked.map_or(Instant::NEVER, |asked| asked.until))
    }

    /// Until when nothing is to be decided about a block that a neighbour is sending.
    fn wait_of(&self, key: BlockKey, due: Instant) -> Option<Instant> {
        let block = self.window.block(key)?;
        let hurries = block.proven.is_some() && self.slow == Duration::ZERO;
        let last = if hurries { due.before(DEADLINE_ANYHOW) } else { Instant::NEVER };
        let until = block.asked.filter(|_| block.bought.is_none())?.until.min(last);
        let urgent = self.is_urgent(key.segment) && self.slow == Duration::ZERO;
        (self.now < until && !urgent).then_some(until)
    }

    fn carry_out(&mut self, key: BlockKey, due: Instant, case: &Case) -> Instant {
        match market::decide(case) {
            Decision::Ask => {
                // Too many requests are open: one of them ends by and by.
                self.ask(key, due);
                Instant::NEVER
            }
            Decision::Buy(reason) if case.proven => {
                self.buy(key, reason, false);
                Instant::NEVER
            }
            Decision::Buy(_) => self.buy_ahead(key),
            Decision::Wait(until, reason) => {
                let fault = reason == Reason::DieWaiting && self.links_are_at_fault(key);
                if fault {
                    self.shake_links();
                }
                if let Some(block) = self.window.block_mut(key).filter(|block| block.asked.is_none()) {
                    block.piece.reason = if fault { Reason::LinksAtFault } else { reason };
                    if case.holders == 0 {
                        block.quiet = until.min(self.now + QUIET_MAX);
                    }
                }
                until
            }
        }
    }

    /// What is known about a missing block; `None` where there is nothing to decide yet.
    fn case(&mut self, key: BlockKey, due: Instant, supply: schedule::Supply) -> Option<Case> {
        let now = self.now;
        let Dice { rank, die, .. } = self.dice(key);
        let roll = Roll { rank, die, swarm: self.swarm_beyond(), lag: self.lag, slow: self.slow };
        let ask_at = self.ask_at(key, due, supply.holders);
        let exists_at = self.exists_at(key);
        let chained = self.is_next(key);
        let thawed = self.lenient_until.before(crate::limits::LENIENCE);
        let block = self.window.block_mut(key)?;
        if !self.position.started && due == Instant::NEVER && supply.holders == 0 {
            return None;
        }
        let proven = block.proven.is_some();
        let early = *block.early.get_or_insert_with(|| self.early.roll(&mut self.rng));
        let (first, base) = match (proven, chained) {
            (true, _) => (block.opens, block.opens),
            (false, true) => (block.piece.seen, exists_at.max(block.opens)),
            (false, false) => (exists_at.before(crate::limits::AHEAD_TIME), exists_at.max(block.opens)),
        };
        // While this page stood still others may have stepped in; their word is still to be heard.
        let base = base.max(thawed);
        let case = Case {
            now,
            due,
            urgent: false,
            slow: self.slow > Duration::ZERO,
            room: false,
            proven,
            alone: false,
            joining: false,
            sending: block.asked.is_some(),
            asked_before: block.asked_before,
            holders: supply.holders,
            askable: supply.askable && proven && now >= ask_at,
            askable_at: if supply.askable { ask_at } else { supply.askable_at.max(ask_at) },
            promised_until: block.promises.until(),
            rolls: !self.background && self.is_settled(),
            early,
            turn: market::turn(&roll, first, base),
            relief: market::relief(&roll, due),
            lowest: rank == 0,
        };
        let joining = now < self.begun + JOIN_TIME && self.config.p2p && self.announcer.may_bring_company();
        let room = self.origin.downloads() < self.downloads_max();
        Some(Case { urgent: self.is_urgent(key.segment), room, alone: self.is_alone(), joining, ..case })
    }

    /// When to ask for a block that is not urgent: those with more spare budget go first, since they can pass it on.
    fn ask_at(&mut self, key: BlockKey, due: Instant, holders: u8) -> Instant {
        let now = self.now;
        if holders == 0 {
            return now;
        }
        let mine = self.budget.spare();
        let lacking = |peer: &&Peer| peer.serves() && !peer.holdings.has(key);
        let richer = self.peers.greeted().filter(lacking).filter(|peer| peer.spare_bytes() > mine).count();
        let Some(block) = self.window.block_mut(key) else { return now };
        let since = *block.held_near.get_or_insert(now);
        let pauses = u32::try_from(richer).unwrap_or(u32::MAX);
        if now + ASK_PAUSE_LEAD > due { now } else { since + ASK_PAUSE.saturating_mul(pauses) }
    }

    /// GETs a block, and says so.
    pub(super) fn buy(&mut self, key: BlockKey, reason: Reason, blind: bool) {
        if self.origin.downloads() >= self.downloads_max() {
            return;
        }
        self.share.bought(reason);
        let now = self.now;
        let (alone, pledge) = (self.is_alone(), self.promise_time());
        let Some(segment) = self.window.find_mut(key.segment) else { return };
        let Some(block) = segment.blocks.get_mut(usize::from(key.block.0)) else { return };
        let fetch = self.origin.open(What::Block(key), block.fails, None, now);
        self.stirred = true;
        block.bought = Some(fetch);
        block.piece.reason = reason;
        if !blind {
            block.pledged = now + pledge;
        }
        if reason == Reason::Deadline {
            self.stats.deadline_blocks += 1;
            // What falls due the moment it is known is no failure of the market.
            // Nor is what a slow origin keeps from everybody.
            let known = self.slow == Duration::ZERO
                && block.proven.is_some_and(|proven| proven + crate::limits::DEADLINE_UNSENT < now);
            segment.fallbacks += u16::from(known && !alone);
        }
        if !blind {
            self.promise(key, pledge);
        }
        self.push(Output::Fetch { fetch, block: key });
    }

    /// GETs of blocks that may be open at once.
    fn downloads_max(&self) -> usize {
        // Who is alone gets nothing from anybody else.
        if self.slow > Duration::ZERO && !self.is_alone() { FETCHES_SLOW } else { FETCHES_MAX }
    }

    /// Nobody near has a block that somebody far away promised long ago (rule 6).
    fn links_are_at_fault(&self, key: BlockKey) -> bool {
        let Some(block) = self.window.block(key) else { return false };
        let spread = market::spread_time(self.announcer.swarm);
        block.promises.rumoured && block.proven.is_some_and(|proven| proven + spread < self.now)
    }

    /// No neighbour to trade with.
    pub(super) const fn is_alone(&self) -> bool {
        self.peers.met() == 0
    }
}
