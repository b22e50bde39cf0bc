//! Requests to neighbours: asking, refusals, data, and answers that do not come.

use protocol::id::BlockKey;
use protocol::peer::{Message, Refusal, Refuse, Request, parse_data_header};
use protocol::time::{Duration, Instant};

use super::Engine;
use crate::io::{Handle, LinkId, Offence};
use crate::limits::{BUSY_RETRY_MIN_MS, DEADLINE_ANYHOW, LATE_RETRY, REQUESTS_MAX};
use crate::peer::RequestRef;
use crate::report::Reason;
use crate::schedule;
use crate::window::Source;

impl Engine {
    /// Asks a holder for the block; false where none can be asked now.
    pub(super) fn ask(&mut self, key: BlockKey, due: Instant) -> bool {
        let now = self.now;
        if self.peers.iter().map(|peer| peer.asked.len()).sum::<usize>() >= REQUESTS_MAX {
            return false;
        }
        let Some(link) = schedule::choose(self.peers.iter(), key, now, &mut self.rng) else { return false };
        let Some(peer) = self.peers.find_mut(link) else { return false };
        let until = now + schedule::patience(peer, due.since(now));
        let id = peer.ask(key, now);
        if let Some(block) = self.window.block_mut(key) {
            block.asked = Some(RequestRef { link, id, until });
            block.asked_before = true;
            block.piece.reason = Reason::NeighbourHolds;
        }
        let left = due.before(DEADLINE_ANYHOW).since(now).as_millis();
        let due_ms = u16::try_from(left).unwrap_or(u16::MAX);
        self.send(link, &Message::Request(Request { id, block: key, due_ms }));
        true
    }

    pub(super) fn on_refuse(&mut self, link: LinkId, refuse: Refuse) {
        let now = self.now;
        let Some(peer) = self.peers.find_mut(link) else { return };
        // A refusal that crosses our own cancel is nothing to anybody.
        let Some(asked) = peer.answered(refuse.id) else { return };
        self.stirred = true;
        let pause = Duration::from_millis(u64::from(refuse.retry_ms.max(BUSY_RETRY_MIN_MS)));
        match refuse.reason {
            Refusal::NoUpload => {
                if let Some(hello) = &mut peer.hello {
                    hello.serves = false;
                }
                self.rerank();
            }
            Refusal::Absent => peer.holdings.remove(asked.block),
            Refusal::Budget => {
                if let Some(budget) = &mut peer.budget {
                    budget.spare_bytes = 0;
                }
                peer.retry_at = now + pause;
            }
            Refusal::Busy | Refusal::Unfair if refuse.retry_ms == 0 => peer.holdings.remove(asked.block),
            Refusal::Busy | Refusal::Unfair => peer.retry_at = now + pause,
        }
        self.no_longer_asked(asked.block, link);
    }

    pub(super) fn on_data(&mut self, link: LinkId, header: &[u8], handle: Handle, bytes: u32) {
        let now = self.now;
        if !self.count_message(link) {
            self.stats.late_bytes += u64::from(bytes);
            self.release(handle);
            return;
        }
        let Some((id, _)) = parse_data_header(header, header.len() + bytes as usize) else {
            self.release(handle);
            self.cut(link, Offence::BadMessage);
            return;
        };
        let Some(peer) = self.peers.find_mut(link) else { return };
        let source = Source::Peer(link, peer.id);
        if let Some(asked) = peer.answered(id) {
            peer.took(now.since(asked.sent));
            self.no_longer_asked(asked.block, link);
            self.arrived(asked.block, handle, bytes, source);
        } else if let Some(asked) = peer.belated(id) {
            peer.took(now.since(asked.sent));
            self.arrived(asked.block, handle, bytes, source);
        } else {
            let enough = peer.unasked();
            self.stats.late_bytes += u64::from(bytes);
            self.release(handle);
            if enough {
                self.cut(link, Offence::Unasked);
            }
        }
    }

    fn no_longer_asked(&mut self, key: BlockKey, link: LinkId) {
        if let Some(block) = self.window.block_mut(key) {
            block.asked.take_if(|asked| asked.link == link);
        }
    }

    /// Tells a neighbour that its answer is no longer needed.
    pub(super) fn cancel_request(&mut self, asked: RequestRef) {
        if let Some(peer) = self.peers.find_mut(asked.link) {
            peer.cancel(asked.id);
            self.send(asked.link, &Message::Cancel(asked.id));
        }
    }

    /// Gives up a request whose time is up; the answer may still come and be used.
    pub(super) fn end_overdue_request(&mut self, key: BlockKey) {
        let now = self.now;
        let Some(block) = self.window.block_mut(key) else { return };
        let Some(asked) = block.asked.take_if(|asked| asked.until <= now) else { return };
        self.cancel_request(asked);
        self.fault(asked.link);
    }

    /// A request to this neighbour timed out.
    pub(super) fn fault(&mut self, link: LinkId) {
        let now = self.now;
        let Some(peer) = self.peers.find_mut(link) else { return };
        if now < self.lenient_until {
            peer.retry_at = now + LATE_RETRY;
        } else if peer.fail() {
            self.cut(link, Offence::Unreliable);
        } else {
            peer.retry_at = now + peer.rest();
        }
    }
}
