//! What neighbours are told: who we are, what we hold, what we fetch, what we could still upload.

use protocol::id::{BlockKey, Rendition, SegmentKey};
use protocol::peer::{Budget, Fetching, Hello, ListWanted, Message, VERSION, WEIGHT_MAX};
use protocol::time::{Duration, Instant};

use super::Engine;
use crate::io::{LinkId, Offence, Output};
use crate::limits::{
    AHEAD_BLOCKS_MAX, AHEAD_SEGMENTS_MAX, BUDGET_PERIOD, NEAR_LIVE_MS, PROMISE_RUMOUR, SETTLE_TIME,
    WEIGHT_UNKNOWN,
};
use crate::lists::{From, Refused};
use crate::peer::Peer;
use crate::promise::Promise;
use crate::timers::Timer;
use crate::window::{SegmentState, Source};

impl Engine {
    pub(super) fn send(&mut self, link: LinkId, message: &Message) {
        self.stats.messages_sent += 1;
        self.push(Output::Transmit { link, bytes: message.encode() });
    }

    /// Sends a message to all neighbours that `hears` chooses.
    fn tell(&mut self, message: &Message, hears: &dyn Fn(&Peer) -> bool) {
        let mut encoded = None;
        for peer in self.peers.greeted().filter(|peer| hears(peer)) {
            let bytes = encoded.get_or_insert_with(|| message.encode()).clone();
            self.stats.messages_sent += 1;
            self.out.push_back(Output::Transmit { link: peer.link, bytes });
        }
    }

    pub(super) const fn hello(&self) -> Hello {
        Hello {
            version: VERSION,
            peer: self.config.peer_id,
            serves: self.serves(),
            super_peer: self.config.super_peer,
            weight: self.weight,
        }
    }

    /// Uploads at all.
    pub(super) const fn serves(&self) -> bool {
        self.config.p2p && self.upload_allowed
    }

    /// The weight that this viewer's die deserves now.
    fn weight_now(&mut self) -> u8 {
        if !self.serves() || self.background || !self.is_settled() || !self.is_near_live() {
            return 0;
        }
        if self.config.super_peer {
            return WEIGHT_MAX;
        }
        self.class = match (self.upload.uplink_kbit, self.encoder.rate_kbit()) {
            (0, _) | (_, 0) => WEIGHT_UNKNOWN,
            (uplink, rate) => weight_of(uplink, rate, self.class),
        };
        let heavy = self.share.is_heavy(self.peers.met() + 1);
        if heavy { self.class / 2 } else { self.class }
    }

    /// Long enough among neighbours that the links with them are made.
    pub(super) fn is_settled(&self) -> bool {
        self.joined.is_some_and(|joined| joined + SETTLE_TIME <= self.now)
    }

    /// The live edge is within what this viewer fetches.
    pub(super) fn is_near_live(&self) -> bool {
        let (Some(at), Some(live)) = (self.position.at(self.now), self.encoder.live_at(self.now)) else {
            return false;
        };
        self.position.started && !self.ended && live.millis_since(at) <= NEAR_LIVE_MS
    }

    /// Tells everybody who we are now, if that has changed: ranks change for all at the same time.
    pub(super) fn tell_weight(&mut self) {
        let (weight, serves) = (self.weight_now(), self.serves());
        if (weight, serves) != (self.weight, self.served) {
            (self.weight, self.served) = (weight, serves);
            self.rerank();
            self.tell(&Message::Hello(self.hello()), &|_| true);
        }
    }

    pub(super) fn tell_budget(&mut self) {
        if !self.serves() || !self.budget.is_news() || self.is_alone() {
            self.timers.set(Timer::Budget, Instant::NEVER);
            return;
        }
        if self.now < self.budget_told + BUDGET_PERIOD {
            self.timers.set(Timer::Budget, self.budget_told + BUDGET_PERIOD);
            return;
        }
        self.budget_told = self.now;
        self.budget.tell();
        self.tell(&Message::Budget(self.budget_message()), &|_| true);
        self.timers.set(Timer::Budget, Instant::NEVER);
    }

    pub(super) fn tell_budget_to(&mut self, link: LinkId) {
        if self.serves() {
            self.send(link, &Message::Budget(self.budget_message()));
        }
    }

    fn budget_message(&self) -> Budget {
        let queued = self.upload.queued();
        Budget { spare_bytes: self.budget.spare(), uplink_kbit: self.upload.uplink_kbit, queued }
    }

    /// Tells of a block that came in; its sender hears of it as a receipt, even if it holds it.
    pub(super) fn tell_have(&mut self, key: BlockKey, source: Source) {
        let sender = match source {
            Source::Origin => None,
            Source::Peer(link, _) => Some(link),
        };
        let serves = self.serves();
        if serves {
            self.tell_list(key.segment, &|peer| Some(peer.link) != sender && !peer.holdings.has(key));
        }
        let hears = |peer: &Peer| Some(peer.link) == sender || (serves && !peer.holdings.has(key));
        self.tell(&Message::Have(vec![key]), &hears);
    }

    /// Sends what is known of the segment's list to those who watch the rendition and know less.
    pub(super) fn tell_list(&mut self, key: SegmentKey, hears: &dyn Fn(&Peer) -> bool) {
        let Some(segment) = self.window.find(key).filter(|segment| !segment.list.encoded.is_empty()) else {
            return;
        };
        let (blocks, closed) = (segment.list.hashes.len(), segment.list.closed.is_some());
        let blocks = u16::try_from(blocks).unwrap_or(u16::MAX);
        let message = Message::List(segment.list.encoded.clone());
        let news = |peer: &Peer| {
            let watches = peer.rendition.is_none_or(|rendition| rendition == key.rendition);
            watches && !peer.holdings.knows_list(key, blocks, closed) && hears(peer)
        };
        self.tell(&message, &news);
        for peer in self.peers.iter_mut() {
            if peer.hello.is_some() && news(peer) {
                peer.holdings.knows(key, blocks, closed);
            }
        }
    }

    /// Promises to fetch a block, until so long.
    pub(super) fn promise(&mut self, key: BlockKey, wait: Duration) {
        // Who does not upload keeps what it buys: nobody must wait for it.
        if !self.serves() {
            return;
        }
        let message = Message::Fetching(Fetching { block: key, wait_ms: millis(wait) });
        self.tell(&message, &|peer| trades(peer, key) && !peer.holdings.has(key));
    }

    pub(super) fn on_have(&mut self, link: LinkId, blocks: &[BlockKey]) {
        for key in blocks {
            self.watches(link, key.segment.rendition);
            let Some(peer) = self.peers.find_mut(link) else { return };
            peer.holdings.add(*key);
            let round_trip = peer.round_trip();
            self.upload.receipt(link, *key, round_trip, self.now);
            if let Some(block) = self.window.block_mut(*key) {
                block.promises.settle(link);
            }
            self.look(*key);
        }
    }

    /// A neighbour watches this rendition, or has turned to it.
    pub(super) fn watches(&mut self, link: LinkId, rendition: Rendition) {
        if let Some(peer) = self.peers.find_mut(link)
            && peer.rendition.replace(rendition) != Some(rendition)
        {
            self.rerank();
        }
    }

    /// Something that ranks depend on has changed.
    pub(super) const fn rerank(&mut self) {
        self.ranks = self.ranks.wrapping_add(1);
        self.stirred = true;
    }

    pub(super) fn on_budget(&mut self, link: LinkId, budget: Budget) {
        let Some(peer) = self.peers.find_mut(link) else { return };
        let before = peer.budget.replace(budget);
        let enough = u64::from(protocol::limits::BLOCK_BYTES);
        // It can be asked again.
        self.stirred |=
            before.is_none_or(|before| before.spare_bytes < enough) && budget.spare_bytes >= enough;
        if before.is_none_or(|before| before.uplink_kbit != budget.uplink_kbit) {
            self.learn_lag();
        }
    }

    pub(super) fn on_fetching(&mut self, link: LinkId, fetching: Fetching) {
        let key = fetching.block;
        self.watches(link, key.segment.rendition);
        if !self.peers.find(link).is_some_and(Peer::is_reliable) {
            return;
        }
        let now = self.now;
        let since = self.window.block(key).and_then(|block| block.promises.since(link)).unwrap_or(now);
        let Some(until) = self.believe(fetching, self.promise_time(), since) else { return };
        let relays = self.reaches_beyond();
        let Some(block) = self.window.block_mut(key).filter(|block| block.is_missing()) else { return };
        let news = block.promises.near() == 0 && !block.promises.rumoured;
        block.promises.add(Promise { link, since: now, until });
        block.promises.rumoured |= news && relays;
        self.promises_end = self.promises_end.min(until);
        self.wake(until);
        if news && relays {
            let hears = |peer: &Peer| peer.link != link && trades(peer, key) && !peer.holdings.has(key);
            self.tell(&Message::Rumour(fetching), &hears);
        }
        self.look(key);
    }

    pub(super) fn on_rumour(&mut self, fetching: Fetching) {
        let Some(until) = self.believe(fetching, PROMISE_RUMOUR + self.slow, self.now) else { return };
        if let Some(block) = self.window.block_mut(fetching.block) {
            block.promises.rumour(until);
        }
        self.look(fetching.block);
    }

    /// Until when a promise is believed: `patience` for a block that exists, and as much after the moment at which
    /// one is expected that does not; renewals make up for an encoder that is late. `None` for a block that is none of ours.
    fn believe(&mut self, fetching: Fetching, patience: Duration, since: Instant) -> Option<Instant> {
        let (key, now) = (fetching.block, self.now);
        let newest = self.newest()?;
        let ahead = key.segment.segment.0.saturating_sub(newest.0);
        if self.rendition != Some(key.segment.rendition) || ahead > AHEAD_SEGMENTS_MAX {
            return None;
        }
        if self.window.find(key.segment).is_none() && ahead == 0 {
            return None;
        }
        let segment = self.segment(key.segment)?;
        let proven = usize::from(key.block.0) < segment.list.hashes.len();
        if usize::from(key.block.0) >= segment.list.hashes.len() + AHEAD_BLOCKS_MAX {
            return None;
        }
        segment.block_mut(key.block, now)?;
        let expected = if proven { now } else { self.exists_at(key).max(now) };
        let longest = (expected + patience).min(since + self.origin_wait() * 2 + patience);
        Some(longest.min(now + Duration::from_millis(u64::from(fetching.wait_ms))))
    }

    pub(super) fn on_list(&mut self, link: LinkId, encoded: &[u8]) {
        let Some(peer) = self.peers.find_mut(link) else { return };
        let from = From::Peer(peer.id);
        // All neighbours relay the same bytes: the first are read, the others only looked at.
        let same = |segment: &&SegmentState| segment.list.encoded == encoded;
        if let Some(segment) = self.window.iter().rev().find(same) {
            let blocks = u16::try_from(segment.list.hashes.len()).unwrap_or(u16::MAX);
            peer.holdings.knows(segment.key, blocks, segment.list.closed.is_some());
            return;
        }
        match self.lists.read(&self.config.stream, &self.config.keys, from, encoded) {
            Ok((check, signed)) => {
                let list = &signed.list;
                let (key, blocks, closed) = (list.segment, list.hashes.len(), list.closed.is_some());
                let news = match self.window.find(key) {
                    Some(segment) => segment.list.is_bettered_by(list),
                    // The past, and what is watched elsewhere, would only push out what is held here.
                    None => self.rendition == Some(key.rendition) && self.oldest() <= Some(key.segment),
                };
                if let Some(peer) = self.peers.find_mut(link) {
                    peer.holdings.knows(key, u16::try_from(blocks).unwrap_or(u16::MAX), closed);
                }
                if news {
                    self.check(check, from, signed, encoded);
                }
            }
            Err(Refused::Malformed | Refused::Foreign) => self.cut(link, Offence::BadMessage),
            Err(Refused::UnknownKey | Refused::Stale) => {}
        }
    }

    pub(super) fn on_list_wanted(&mut self, link: LinkId, wanted: ListWanted) {
        let Some(segment) = self.window.find(wanted.segment) else { return };
        let covers = segment.list.hashes.len() >= usize::from(wanted.blocks) || segment.list.closed.is_some();
        let message = Message::List(segment.list.encoded.clone());
        let known = covers && !segment.list.encoded.is_empty();
        if known && self.peers.find_mut(link).is_some_and(Peer::admit_list) {
            self.send(link, &message);
        }
    }
}

/// The neighbour watches the rendition of this block, as far as we know.
fn trades(peer: &Peer, key: BlockKey) -> bool {
    peer.rendition.is_none_or(|rendition| rendition == key.segment.rendition)
}

fn millis(span: Duration) -> u16 {
    u16::try_from(span.as_millis()).unwrap_or(u16::MAX)
}

/// The weight of a die by uplink and bitrate. A weak uplink has none: most lost pieces come from weak uploaders. A
/// class is left only when the uplink is 20 % past its bound, so that ranks do not flicker.
fn weight_of(uplink_kbit: u32, rate_kbit: u32, before: u8) -> u8 {
    let percent = u64::from(uplink_kbit) * 100 / u64::from(rate_kbit.max(1));
    let class = |percent: u64| match percent {
        0..50 => 0,
        50..120 => 2,
        _ => 4,
    };
    let (low, high) = (class(percent * 10 / 12), class(percent * 12 / 10));
    if (low..=high).contains(&before) { before } else { class(percent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_follow_the_uplink_and_do_not_flicker() {
        // uplink, rate, before → weight
        let rows =
            [(300, 800, 4, 0), (700, 800, 4, 2), (1_300, 800, 2, 4), (1_000, 800, 2, 2), (380, 800, 2, 2)];
        for (uplink, rate, before, weight) in rows {
            assert_eq!(weight_of(uplink, rate, before), weight, "{uplink} of {rate} after {before}");
        }
    }
}
