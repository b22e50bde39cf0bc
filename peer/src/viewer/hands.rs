//! What an output makes the hands do. What comes of it is handed in later.

use bytes::Bytes;
use swarm::io::WantId;
use swarm::{Event, Handle, LinkId, Output};

use super::{Later, Viewer};
use crate::check::sha256;
use crate::links::{Begin, Command};
use crate::origin::What;

impl Viewer {
    pub(super) fn act(&mut self, output: Output) {
        match output {
            // It ends the drain.
            Output::Timeout(_) => {}
            Output::Transmit { link, bytes } => self.send(link, [bytes.into(), Bytes::new()]),
            Output::TransmitBlock { link, header, handle } => {
                if let Some(body) = self.store.body(handle).cloned() {
                    self.send(link, [header.into(), body]);
                }
            }
            Output::Dial { link } => self.links.begin(link, Begin::Dial),
            Output::Accept { link, sdp } => self.links.begin(link, Begin::Accept(sdp)),
            Output::Answered { link, sdp } => {
                if !self.links.tell(link, Command::Answered(sdp)) {
                    self.close(link);
                }
            }
            Output::Close { link } => self.close(link),
            Output::TrackerConnect { tracker } => self.tracker.connect(tracker),
            Output::Tracker(frame) => self.tracker.send(frame),
            Output::Fetch { fetch, block } => self.origin.fetch(fetch, What::Block, self.stream.block(block)),
            Output::FetchList { fetch, segment, blocks } => {
                self.origin.fetch(fetch, What::List, self.stream.list(segment, blocks));
            }
            Output::CancelFetch { fetch } => self.origin.cancel(fetch),
            Output::Verify { handle } => self.verify(handle),
            Output::VerifyList { check, key, signed, signature } => {
                let valid = self.stream.keys.verify(key, &signed, &signature);
                self.later.push_back(Later::ListVerified { check, valid, digest: sha256(&signed) });
            }
            Output::Release { handle } => self.store.release(handle),
            Output::Ready { want, blocks } => self.on_ready(want, &blocks),
            Output::GiveUp { want } => self.load_plainly(want),
            Output::Event(event) => tell(&event),
        }
    }

    /// Sends a message; a link that does not keep up is over.
    fn send(&mut self, link: LinkId, message: [Bytes; 2]) {
        if !self.links.tell(link, Command::Send(message)) {
            self.close(link);
        }
    }

    fn close(&mut self, link: LinkId) {
        if self.links.close(link) {
            self.later.push_back(Later::LinkClosed(link));
        }
    }

    fn verify(&mut self, handle: Handle) {
        if let Some(body) = self.store.body(handle) {
            self.later.push_back(Later::Verified { handle, digest: sha256(body) });
        }
    }

    fn on_ready(&mut self, want: WantId, blocks: &[Handle]) {
        if self.store.len(blocks).is_none() {
            self.load_plainly(want);
        } else if let Some((_, listed)) = self.wish.take_if(|(wish, _)| *wish == want) {
            self.player.on_segment(self.clock.now(), &listed);
        }
    }

    fn load_plainly(&mut self, want: WantId) {
        let Some((_, listed)) = self.wish.filter(|(wish, _)| *wish == want) else { return };
        self.is_plain = true;
        let url = self.listed.get(&listed.segment).and_then(|(_, url)| url.clone());
        self.origin.plainly(want, url);
    }
}

fn tell(event: &Event) {
    match event {
        Event::PeerJoined { link, .. } => tracing::trace!(link = link.0, "a neighbour came"),
        Event::PeerLeft { link, .. } => tracing::trace!(link = link.0, "a neighbour left"),
        Event::PeerBanned { offence, .. } => tracing::info!(?offence, "a neighbour was cut"),
        Event::BlockArrived { .. } => {}
        Event::OriginBad { block } => tracing::warn!(?block, "the origin refutes its own block"),
        Event::TrackerRefused { reason } => tracing::warn!(reason, "the tracker refuses"),
    }
}
