//! The tracker: connecting, announcing, offers and answers.

use protocol::id::OfferId;
use protocol::time::Duration;
use protocol::tracker::{Announce, ClientAnswer, Event, Forwarded, Offer, Reply, ServerMessage};

use super::Engine;
use crate::announce::{News, Step};
use crate::io::{LinkId, Output};
use crate::limits::{LINKS_AFTER, LINKS_FEW, OFFERS_MAX, OFFERS_WAIT, SEARCH_SOON};
use crate::links::Stage;
use crate::timers::Timer;

impl Engine {
    /// Does what is due at the tracker; a viewer without a picture makes no links yet: they cost the work of some
    /// handshakes just when the first segments are loaded and decoded.
    pub(super) fn speak_to_tracker(&mut self) {
        let settled = self.begun + LINKS_AFTER;
        if !self.position.started && self.now < settled {
            self.timers.set(Timer::Tracker, settled);
            return;
        }
        match self.announcer.step(self.now) {
            Some(Step::Connect(tracker)) => self.push(Output::TrackerConnect { tracker }),
            Some(Step::Announce { started }) => self.announce_or_dial(started),
            None => {}
        }
        self.timers.set(Timer::Tracker, self.announcer.next_deadline());
    }

    /// Offers take the shell a moment; an announce that has something to offer waits for them.
    fn announce_or_dial(&mut self, started: bool) {
        let missing = self.offers_wanted().saturating_sub(self.links.unpartnered());
        let just_dialled = self.dialled.is_some_and(|at| at + OFFERS_WAIT * 2 > self.now);
        if started || just_dialled || (missing == 0 && !self.links.is_dialling()) {
            self.announce(if started { Event::Started } else { Event::Update });
            return;
        }
        self.dialled = Some(self.now);
        for _ in 0..missing {
            let link = self.links.dial(OfferId(self.rng.bytes()), self.now);
            self.push(Output::Dial { link });
        }
        self.announcer.hurry(self.now + OFFERS_WAIT);
    }

    fn announce(&mut self, event: Event) {
        let offers =
            self.links.offers().map(|(offer_id, sdp)| Offer { offer_id, sdp: sdp.clone() }).collect();
        let downloaded = self.stats.origin_bytes + self.stats.peer_bytes + self.stats.super_peer_bytes;
        let News { accused, reached, unreached } = core::mem::take(&mut self.announcer.news);
        let announce = Announce {
            info_hash: self.config.info_hash,
            peer_id: self.config.peer_id,
            event,
            offers,
            left: None,
            uploaded: self.stats.upload_bytes,
            downloaded,
            rendition: self.rendition.map(|rendition| rendition.0),
            accused,
            reached,
            unreached,
        };
        self.push(Output::Tracker(announce.encode()));
        let few = self.peers.met() < LINKS_FEW;
        let searching = self.announcer.swarm != 1 && self.links_missing() > 0;
        let alone = self.links.partnered() == 0;
        self.announcer.announced(searching, few, alone, self.now, &mut self.rng);
        self.shaken = false;
    }

    pub(super) fn stop_announcing(&mut self) {
        if self.announcer.is_open() {
            self.announce(Event::Stopped);
        }
    }

    /// Offers to have outstanding. The tracker deals them out at random, also to those whom we know already: who lacks
    /// few of a small swarm must offer to many to meet them.
    fn offers_wanted(&self) -> usize {
        let others = self.others();
        match self.links_missing() {
            0 => 0,
            missing if others > usize::from(self.config.links.max) => missing.min(OFFERS_MAX),
            _ => others.min(OFFERS_MAX),
        }
    }

    fn others(&self) -> usize {
        usize::try_from(self.announcer.swarm).unwrap_or(0).saturating_sub(1)
    }

    /// Links to make: in a swarm that fits into one neighbourhood to everybody, so that all know whose turn it is.
    fn links_missing(&self) -> usize {
        let (aim, max) = (usize::from(self.config.links.aim), usize::from(self.config.links.max));
        let others = self.others();
        let wanted = if others <= max { others } else { aim };
        let have = self.links.partnered();
        // Links at fault: one more than we have.
        wanted.saturating_sub(have).max(usize::from(self.shaken && have < max))
    }

    pub(super) fn on_tracker_open(&mut self) {
        self.announcer.opened(self.now);
    }

    pub(super) fn on_tracker_closed(&mut self) {
        self.announcer.closed(self.now, &mut self.rng);
    }

    pub(super) fn on_tracker_message(&mut self, bytes: &[u8]) {
        // A tracker that speaks gibberish is left to itself: links that are open go on without it.
        let Ok(message) = ServerMessage::decode(bytes) else { return };
        match message {
            ServerMessage::Reply(reply) if reply.info_hash == self.config.info_hash => self.on_reply(&reply),
            ServerMessage::Offer(offer) if offer.info_hash == self.config.info_hash => {
                self.on_remote_offer(offer)
            }
            ServerMessage::Answer(answer) if answer.info_hash == self.config.info_hash => {
                self.on_remote_answer(answer)
            }
            ServerMessage::Failure(failure) => {
                if let Some(seconds) = failure.retry_in_s {
                    self.announcer.pause(Duration::from_secs(u64::from(seconds)), self.now);
                }
                self.push(Output::Event(crate::io::Event::TrackerRefused { reason: failure.reason }));
            }
            ServerMessage::Reply(_)
            | ServerMessage::Offer(_)
            | ServerMessage::Answer(_)
            | ServerMessage::Scrape(_) => {}
        }
    }

    fn on_reply(&mut self, reply: &Reply) {
        let first = self.announcer.swarm == 0;
        self.announcer.told(reply.interval_s, reply.complete.saturating_add(reply.incomplete));
        match self.links_missing() {
            0 => {}
            _ if first => self.announcer.hurry(self.now),
            _ => self.announcer.search(self.now, &mut self.rng),
        }
    }

    fn on_remote_offer(&mut self, offer: Forwarded) {
        let peer = offer.peer_id;
        let full = self.links.partnered() >= usize::from(self.config.links.max);
        let known = self.links.with(peer, &|_| true).is_some();
        if !self.config.p2p
            || full
            || known
            || peer == self.config.peer_id
            || self.links.is_banned(peer, self.now)
        {
            return;
        }
        let link = self.links.accept(offer.offer_id, peer, self.now);
        self.push(Output::Accept { link, sdp: offer.sdp });
    }

    fn on_remote_answer(&mut self, answer: Forwarded) {
        let peer = answer.peer_id;
        let Some(link) = self.links.answered(answer.offer_id, peer, self.now) else { return };
        let full = self.links.partnered() > usize::from(self.config.links.max);
        if full || peer == self.config.peer_id || self.links.is_banned(peer, self.now) {
            self.close(link);
            return;
        }
        self.resolve_twins(peer);
        if self.links.find(link).is_some() {
            self.push(Output::Answered { link, sdp: answer.sdp });
        }
    }

    pub(super) fn on_offer(&mut self, link: LinkId, sdp: &str) {
        self.links.offered(link, sdp, self.now);
        if !self.links.is_dialling() {
            self.announcer.hurry(self.now);
        }
    }

    pub(super) fn on_answer(&mut self, link: LinkId, sdp: &str) {
        let Some(known) = self.links.find(link) else { return };
        let Stage::Accepting(to_peer_id) = known.stage else { return };
        let answer = ClientAnswer {
            info_hash: self.config.info_hash,
            peer_id: self.config.peer_id,
            to_peer_id,
            offer_id: known.offer,
            sdp: sdp.into(),
        };
        if self.announcer.is_open() {
            self.push(Output::Tracker(answer.encode()));
        }
    }

    /// The links are at fault: the swarm has a block that nobody near has. Asks for one more link, now and then.
    pub(super) fn shake_links(&mut self) {
        if !self.shaken {
            self.shaken = true;
            self.announcer.hurry(self.now + SEARCH_SOON);
        }
    }
}
