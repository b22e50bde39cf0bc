//! Hash lists on their way in: fetched or relayed, checked, taken into the window.

use protocol::hash_list::Signed;
use protocol::id::{Block, BlockKey, Digest, SegmentKey};
use protocol::peer::{ListWanted, Message};
use protocol::time::{Duration, Instant};

use super::Engine;
use crate::io::{CheckId, FetchFailure, FetchId, Offence, Output};
use crate::limits::{DEADLINE_LIST, GET_LATE, LIST_TRIES_MAX, LIST_WANTED_TIME, LISTS_MAX};
use crate::lists::{Check, From, Verdict, adopt};
use crate::origin::{self, Get, What};

impl Engine {
    pub(super) fn on_fetched_list(&mut self, fetch: FetchId, bytes: &[u8]) {
        let Some(Get { what: What::List(key), .. }) = self.origin.close(fetch) else { return };
        match self.lists.read(&self.config.stream, &self.config.keys, From::Origin, bytes) {
            Ok((check, signed)) if signed.list.segment == key => {
                self.check(check, From::Origin, signed, bytes);
            }
            Ok(_) | Err(_) => self.on_list_failed(key, FetchFailure::Unreachable),
        }
    }

    pub(super) fn check(&mut self, check: CheckId, from: From, signed: Signed, encoded: &[u8]) {
        let Signed { list, signed, signature } = signed;
        self.push(Output::VerifyList { check, key: list.key, signed, signature });
        self.lists.open(check, from, list, encoded);
    }

    pub(super) fn on_list_verified(&mut self, check: CheckId, valid: bool, digest: Digest) {
        let Some(check) = self.lists.take(check) else { return };
        let (from, key) = (check.from, check.list.segment);
        if !valid {
            match from {
                From::Origin => self.on_list_failed(key, FetchFailure::Unreachable),
                From::Peer(peer) => self.condemn(peer, Offence::BadList),
            }
            return;
        }
        let news = self.adopt_list(check, digest);
        if from == From::Origin
            && let Some(segment) = self.window.find_mut(key)
        {
            segment.list.get = None;
            if news != Some(Verdict::News) && segment.list.closed.is_none() {
                segment.list.retry_at = self.now + origin::pause(1);
            }
        }
    }

    fn adopt_list(&mut self, check: Check, link: Digest) -> Option<Verdict> {
        let now = self.now;
        let (key, from) = (check.list.segment, check.from);
        let (start, closed, blocks) = (check.list.start, check.list.closed, check.list.hashes.len());
        let before = key.segment.0.checked_sub(1).and_then(|before| {
            let before = SegmentKey::new(key.rendition, protocol::id::Segment(before));
            self.window.find(before)?.list.link
        });
        let segment = self.segment(key)?;
        let verdict = adopt(&mut segment.list, check, link, before);
        if verdict != Verdict::News {
            return Some(verdict);
        }
        segment.list.fails = 0;
        segment.start = Some(start);
        if let Some(closed) = closed {
            segment.duration_ms = closed.duration_ms;
        }
        // An old list proves nothing about how late the encoder is now.
        if let (Some(_), Some(end)) = (closed, segment.end())
            && self.newest() == Some(key.segment)
        {
            self.encoder.prove(end, now);
        }
        if let Some(closed) = closed.filter(|_| self.rendition == Some(key.rendition)) {
            self.encoder.measure(closed.bytes, closed.duration_ms);
        }
        if from == From::Origin {
            // It is news to everybody.
            self.tell_list(key, &|_| true);
        }
        self.fit_blocks(key, blocks, now);
        Some(verdict)
    }

    /// Makes the segment's blocks those that the list names, and judges what had come before the proof.
    fn fit_blocks(&mut self, key: SegmentKey, blocks: usize, now: Instant) {
        let patience = self.promise_time();
        self.promises_end = self.promises_end.min(now + patience);
        let Some(segment) = self.window.find_mut(key) else { return };
        let last = u16::try_from(blocks).unwrap_or(u16::MAX);
        if let Some(last) = last.checked_sub(1) {
            segment.block_mut(Block(last), now);
        }
        let beyond =
            if segment.list.closed.is_some() { segment.blocks.split_off(blocks) } else { Vec::new() };
        for (place, block) in segment.blocks.iter_mut().enumerate() {
            block.quiet = Instant::ZERO;
            if place < blocks && block.proven.replace(block.proven.unwrap_or(now)).is_none() {
                block.opens = now;
                block.promises.cap(now + patience);
            }
        }
        for block in beyond {
            if !block.is_missing() {
                self.stats.bad_bytes += u64::from(block.piece.bytes);
            }
            self.abandon(&block);
        }
        for place in 0..last {
            self.settle(BlockKey::new(key, Block(place)));
        }
        self.deliver(key);
    }

    pub(super) fn on_list_failed(&mut self, key: SegmentKey, failure: FetchFailure) {
        let Some(segment) = self.window.find_mut(key) else { return };
        segment.list.get = None;
        if let FetchFailure::NotYet { retry_ms } = failure {
            segment.list.retry_at = self.now + origin::not_yet(retry_ms);
            return;
        }
        segment.list.fails = segment.list.fails.saturating_add(1);
        segment.list.retry_at = self.now + origin::pause(segment.list.fails);
        if failure == FetchFailure::Absent && self.is_alone() {
            self.give_up_segment(key);
        }
    }

    /// Gets the list of a whole segment that the player needs; gives the segment up before the player starves. The
    /// answer is when to look again.
    pub(super) fn seek_list(&mut self, key: SegmentKey, due: Instant) -> Instant {
        let Some(segment) = self.window.find(key) else { return Instant::NEVER };
        let last = due.before(DEADLINE_LIST);
        let list = &segment.list;
        let hopeless = list.fails >= LIST_TRIES_MAX || (list.fails > 0 && self.now >= last);
        // A slow origin would not send the player a whole segment any sooner.
        let silent = list.get.is_some() && self.now >= due && self.slow == Duration::ZERO;
        let starving = (hopeless || silent) && self.wants.find(key).is_some() && !self.is_urgent(key);
        if starving || list.fails >= LIST_TRIES_MAX {
            self.give_up_segment(key);
            return Instant::NEVER;
        }
        if let Some((_, until)) = list.asked
            && self.now < until
        {
            return until;
        }
        if list.get.is_some() || self.lists.is_checking_origins(key) {
            let late = list.get.map(|fetch| self.origin.since(fetch) + GET_LATE);
            if let Some(late) = late.filter(|late| self.now < *late) {
                return late;
            }
            if late.is_some()
                && let Some(until) = self.ask_for_list(key, true)
            {
                return until;
            }
            return if self.now < due { due } else { Instant::NEVER };
        }
        if self.now < list.retry_at {
            return list.retry_at;
        }
        if let Some(until) = self.ask_for_list(key, false) {
            return until;
        }
        self.fetch_list(key, 0, None);
        Instant::NEVER
    }

    /// Asks a neighbour that knows the list; until when the answer is waited for, or `None` where the origin is better.
    fn ask_for_list(&mut self, key: SegmentKey, late: bool) -> Option<Instant> {
        let segment = self.window.find(key)?;
        if segment.list.asked.is_some() || (self.is_urgent(key) && !late) {
            return None;
        }
        // Who told what it holds before we met did not tell of lists, but knows those of what it holds.
        let link = self.peers.greeted().find(|peer| peer.holdings.knows_list(key, 1, !late))?.link;
        let until = self.now + LIST_WANTED_TIME;
        let blocks = u16::try_from(segment.list.hashes.len()).unwrap_or(u16::MAX).saturating_add(1);
        self.window.find_mut(key)?.list.asked = Some((link, until));
        self.send(link, &Message::ListWanted(ListWanted { segment: key, blocks }));
        Some(until)
    }

    /// GETs the segment's list.
    pub(super) fn fetch_list(&mut self, key: SegmentKey, blocks: u16, wait: Option<Duration>) {
        // One of those under way ends by and by, and everything is looked at then.
        if self.origin.lists() >= LISTS_MAX {
            return;
        }
        let Some(segment) = self.window.find_mut(key) else { return };
        let fetch = self.origin.open(What::List(key), segment.list.fails, wait, self.now);
        segment.list.get = Some(fetch);
        self.push(Output::FetchList { fetch, segment: key, blocks });
    }
}
