//! Requests of neighbours, and the uplink that answers them.

use protocol::peer::{Message, Refusal, Refuse, Request, data_header};
use protocol::time::Duration;

use super::Engine;
use crate::io::{LinkId, Output};
use crate::upload::{Admission, Job};
use crate::window::Piece;

impl Engine {
    pub(super) fn on_request(&mut self, link: LinkId, request: Request) {
        let now = self.now;
        let key = request.block;
        let had = self.window.had(key);
        let (bytes, had_since) = had.map_or((0, None), |piece| (piece.bytes, Some(piece.done)));
        let (serves, holders) = (self.serves(), self.supply(key).holders);
        self.watches(link, key.segment.rendition);
        let Some(peer) = self.peers.find_mut(link) else { return };
        peer.holdings.knows(key.segment, key.block.0.saturating_add(1), false);
        if let Some(since) = had_since {
            peer.saw_round_trip(now.since(since));
        }
        let unfair = !self.config.super_peer && peer.only_takes();
        let job = Job {
            link,
            id: request.id,
            block: key,
            bytes,
            due: now + Duration::from_millis(u64::from(request.due_ms)),
            holders,
        };
        // The order is the refusals' precedence.
        if !serves {
            self.refuse(job, Refusal::NoUpload);
        } else if bytes == 0 {
            self.refuse(job, Refusal::Absent);
        } else if !self.budget.allows(bytes, unfair) {
            self.refuse(job, Refusal::Budget);
        } else {
            match self.upload.admit(job, unfair, now) {
                Admission::Accepted => {}
                Admission::Displaced(later) => self.refuse(later, Refusal::Busy),
                Admission::Refused(reason) => self.refuse(job, reason),
            }
        }
    }

    fn refuse(&mut self, job: Job, reason: Refusal) {
        let retry_ms = match reason {
            Refusal::NoUpload | Refusal::Absent => 0,
            Refusal::Budget => crate::limits::BUDGET_RETRY_MS,
            Refusal::Busy | Refusal::Unfair => self.upload.retry_ms(job.bytes, self.now),
        };
        self.send(job.link, &Message::Refuse(Refuse { id: job.id, reason, retry_ms }));
    }

    /// Sends what may be sent now.
    pub(super) fn serve(&mut self) {
        if let Some(link) = self.upload.stuck(self.now) {
            self.fault(link);
        }
        if let Some(job) = self.upload.hopeless(self.now) {
            self.refuse(job, Refusal::Busy);
        }
        while let Some(job) = self.upload.next(self.now) {
            let Some(&Piece { handle, .. }) = self.window.had(job.block) else {
                self.refuse(job, Refusal::Absent);
                continue;
            };
            if !self.serves() || !self.budget.spend(u64::from(job.bytes)) {
                self.refuse(job, Refusal::Budget);
                continue;
            }
            self.upload.sent(job, self.now);
            self.stats.upload_bytes += u64::from(job.bytes);
            self.stats.messages_sent += 1;
            if let Some(peer) = self.peers.find_mut(job.link) {
                peer.sent_bytes += u64::from(job.bytes);
            }
            let header = data_header(job.id, job.bytes);
            self.push(Output::TransmitBlock { link: job.link, header, handle });
        }
        while let Some(link) = self.upload.probe(self.now) {
            self.send(link, &Message::Probe);
        }
    }
}
