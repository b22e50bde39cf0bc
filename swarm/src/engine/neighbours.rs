//! Links that open and close, and the messages that neighbours send.

use protocol::id::PeerId;
use protocol::peer::{Hello, Message, SegmentStatus, VERSION};
use protocol::time::Instant;

use super::Engine;
use crate::io::{Event, LinkId, Offence, Output};
use crate::limits::{BAN_HARD, BAN_SOFT, SETTLE_TIME};
use crate::links::{Stage, ours_stays};
use crate::peer::Peer;

impl Engine {
    pub(super) fn on_link_open(&mut self, link: LinkId) {
        let Some(peer) = self.links.opened(link) else {
            self.push(Output::Close { link });
            return;
        };
        self.announcer.report(peer, true);
        self.peers.add(Peer::new(link, peer, self.now));
        self.send(link, &Message::Hello(self.hello()));
        let held = self.holdings();
        if !held.is_empty() {
            self.send(link, &Message::Window(held));
        }
        self.tell_budget_to(link);
    }

    pub(super) fn on_link_closed(&mut self, link: LinkId) {
        self.lose(link);
        self.report_vain(link);
        self.links.remove(link);
    }

    pub(super) fn on_message(&mut self, link: LinkId, bytes: &[u8]) {
        if !self.count_message(link) {
            return;
        }
        let Ok(message) = Message::decode(bytes) else {
            self.cut(link, Offence::BadMessage);
            return;
        };
        let greeted = self.peers.find(link).is_some_and(|peer| peer.hello.is_some());
        match message {
            Message::Hello(hello) => self.on_hello(link, hello),
            Message::Bye => self.close(link),
            // An unordered channel may bring anything before the greeting: what is not dangerous is taken.
            Message::Window(held) => self.on_window(link, &held),
            Message::Have(blocks) => self.on_have(link, &blocks),
            Message::Budget(budget) => self.on_budget(link, budget),
            Message::List(encoded) => self.on_list(link, &encoded),
            Message::Fetching(fetching) => self.on_fetching(link, fetching),
            // In a swarm that is one neighbourhood nobody relays.
            Message::Rumour(fetching) if greeted && self.reaches_beyond() => self.on_rumour(fetching),
            Message::Request(request) if greeted => self.on_request(link, request),
            Message::ListWanted(wanted) if greeted => self.on_list_wanted(link, wanted),
            Message::Refuse(refuse) => self.on_refuse(link, refuse),
            Message::Cancel(id) => {
                self.upload.cancel(link, id);
            }
            Message::Probe | Message::Request(_) | Message::ListWanted(_) | Message::Rumour(_) => {}
        }
    }

    /// Counts a message of a neighbour; false where it is to be ignored.
    pub(super) fn count_message(&mut self, link: LinkId) -> bool {
        let now = self.now;
        let Some(peer) = self.peers.find_mut(link) else { return false };
        let admitted = peer.admit_message(now);
        self.stats.messages_received += 1;
        if !admitted {
            self.cut(link, Offence::Flood);
        }
        admitted
    }

    fn on_hello(&mut self, link: LinkId, hello: Hello) {
        let now = self.now;
        let us = self.config.peer_id;
        let Some(peer) = self.peers.find_mut(link) else { return };
        if hello.version != VERSION {
            self.send(link, &Message::Bye);
            self.close(link);
            return;
        }
        if hello.peer != peer.id || hello.peer == us {
            self.cut(link, Offence::BadMessage);
            return;
        }
        let first = self.peers.greet(link, hello);
        self.rerank();
        self.learn_lag();
        if first {
            self.joined.get_or_insert(now);
            self.push(Output::Event(Event::PeerJoined { link, peer: hello.peer }));
            self.resolve_twins(hello.peer);
        }
    }

    /// Of two links with the same peer one is closed: the one that the higher id dialled.
    pub(super) fn resolve_twins(&mut self, peer: PeerId) {
        let ours = ours_stays(self.config.peer_id, peer);
        let Some(stays) = self.links.with(peer, &|link| link.we_dialled == ours) else { return };
        while let Some(twin) = self.links.with(peer, &|link| link.link != stays) {
            self.close(twin);
        }
    }

    fn on_window(&mut self, link: LinkId, held: &[SegmentStatus]) {
        let Some(peer) = self.peers.find_mut(link) else { return };
        peer.holdings.clear();
        for status in held {
            for (byte, bits) in (0_u16..).zip(&status.have) {
                for bit in (0..8).filter(|bit| bits & (1 << bit) != 0) {
                    let block = protocol::id::Block(byte * 8 + bit);
                    peer.holdings.add(protocol::id::BlockKey::new(status.segment, block));
                }
            }
        }
        if let Some(newest) = held.last() {
            self.watches(link, newest.segment.rendition);
        }
        self.stirred = true;
    }

    /// All that this viewer holds and would serve.
    fn holdings(&self) -> Vec<SegmentStatus> {
        if !self.serves() {
            return Vec::new();
        }
        let mut held: Vec<SegmentStatus> = Vec::new();
        for segment in self.window.iter() {
            let mut have = vec![0; segment.blocks().div_ceil(8)];
            for place in (0..segment.blocks()).filter(|place| segment.had(*place).is_some()) {
                if let Some(bits) = have.get_mut(place / 8) {
                    *bits |= 1 << (place % 8);
                }
            }
            while have.last() == Some(&0) {
                have.pop();
            }
            if !have.is_empty() {
                held.push(SegmentStatus { segment: segment.key, have });
            }
        }
        let skip = held.len().saturating_sub(protocol::limits::SEGMENTS_PER_WINDOW_MAX);
        held.split_off(skip)
    }

    /// Cuts a neighbour for what it did.
    pub(super) fn cut(&mut self, link: LinkId, offence: Offence) {
        if let Some(id) = self.peers.find(link).map(|peer| peer.id) {
            self.condemn(id, offence);
        }
    }

    /// Bars a peer for what it did, even if it has left meanwhile, or come back over another link. Once is enough: of
    /// two false blocks under way the second is no news.
    pub(super) fn condemn(&mut self, id: PeerId, offence: Offence) {
        if self.links.is_banned(id, self.now + BAN_SOFT) {
            return;
        }
        let proven = matches!(offence, Offence::BadBlock | Offence::BadList);
        self.links.ban(id, if proven { BAN_HARD } else { BAN_SOFT }, self.now);
        if proven {
            self.announcer.accuse(id);
            self.announcer.hurry(self.now);
        }
        self.stats.peers_banned += 1;
        self.push(Output::Event(Event::PeerBanned { peer: id, offence }));
        while let Some(link) = self.links.with(id, &|_| true) {
            self.close(link);
        }
    }

    /// Closes a link, or ends an attempt at one.
    pub(super) fn close(&mut self, link: LinkId) {
        self.lose(link);
        if self.links.remove(link).is_some() {
            self.push(Output::Close { link });
        }
    }

    /// Nothing more comes from this neighbour.
    fn lose(&mut self, link: LinkId) {
        let Some(peer) = self.peers.remove(link) else { return };
        self.rerank();
        self.learn_lag();
        self.upload.forget(link);
        for place in 0..self.window.len() {
            let Some(segment) = self.window.at_mut(place) else { continue };
            segment.list.asked.take_if(|(asked, _)| *asked == link);
            for block in &mut segment.blocks {
                block.asked.take_if(|asked| asked.link == link);
                block.promises.settle(link);
            }
        }
        if peer.hello.is_some() {
            self.push(Output::Event(Event::PeerLeft { link, peer: peer.id }));
        }
        if self.is_alone() {
            self.joined = None;
        }
        self.announcer.hurry(self.now + SETTLE_TIME);
    }

    /// They answered our offer, and no link came of it: the tracker hears so, and they are left alone for a while. Who accepts an offer cannot tell: its maker
    /// may have wanted it no more.
    fn report_vain(&mut self, link: LinkId) {
        let Some(&Stage::Answered(peer)) = self.links.find(link).map(|attempt| &attempt.stage) else {
            return;
        };
        if self.links.with(peer, &|other| other.link != link).is_none() {
            self.announcer.report(peer, false);
            self.links.miss(peer, self.now);
        }
    }

    /// Ends attempts that took too long, and links whose other side never greeted.
    pub(super) fn end_overdue_links(&mut self) {
        while let Some(link) = self.links.overdue(self.now) {
            self.report_vain(link);
            self.close(link);
        }
        while let Some((_, link)) = self.peers.mute_until().filter(|(until, _)| *until <= self.now) {
            self.close(link);
        }
    }

    pub(super) fn next_link_deadline(&self) -> Instant {
        let mute = self.peers.mute_until().map(|(until, _)| until);
        let settled = self.joined.map(|joined| joined + SETTLE_TIME).filter(|settled| *settled > self.now);
        let mute = mute.into_iter().chain(settled).min();
        self.links.next_deadline().min(mute.unwrap_or(Instant::NEVER))
    }

    /// The viewer leaves.
    pub(super) fn on_leave(&mut self) {
        while let Some(link) = self.peers.iter().next().map(|peer| peer.link) {
            self.send(link, &Message::Bye);
            self.close(link);
        }
        self.stop_announcing();
    }
}
