//! One engine and a neighbour that the test plays itself, over a link that was really made.

use protocol::id::{OfferId, PeerId};
use protocol::peer::{Hello, Message};
use protocol::time::{Duration, Instant};
use protocol::tracker::{Forwarded, ServerMessage};
use swarm::{Engine, Input, LinkId, Output};

use super::{config, peer_id};

/// Outputs of one drain at most, whatever came in.
const DRAIN_MAX: usize = 4_096;

/// The engine, and who it speaks to.
pub struct One {
    pub engine: Engine,
    pub now: Instant,
    /// The newest link, and with whom.
    pub link: LinkId,
    pub peer: PeerId,
    /// What the last input led to.
    pub outputs: Vec<Output>,
}

impl One {
    /// Viewer 0, without neighbours yet.
    pub fn new() -> Self {
        let now = Instant::from_millis(20_000);
        let (link, peer) = (LinkId(u32::MAX), peer_id(1));
        let mut one = Self { engine: Engine::new(config(0), now), now, link, peer, outputs: Vec::new() };
        one.drain();
        one
    }

    /// One input; what it leads to is in `outputs` alone.
    pub fn feed(&mut self, input: Input<'_>) {
        self.engine.handle_input(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        self.outputs.clear();
        loop {
            match self.engine.poll_output() {
                Output::Timeout(_) => return,
                output => self.outputs.push(output),
            }
            assert!(self.outputs.len() < DRAIN_MAX, "a drain that does not end");
        }
    }

    pub fn pass(&mut self, span: Duration) {
        self.now = self.now + span;
        self.feed(Input::Timeout);
    }

    /// Offers a link as this peer and opens it; false where the engine wants none with it.
    pub fn meet(&mut self, peer: PeerId) -> bool {
        let offer_id = OfferId(peer.0);
        let info_hash = config(0).info_hash;
        let offer = Forwarded { info_hash, peer_id: peer, offer_id, sdp: "offer".into() };
        self.feed(Input::TrackerMessage(&ServerMessage::Offer(offer).encode()));
        let accepted = self.outputs.iter().find_map(|output| match output {
            Output::Accept { link, .. } => Some(*link),
            _ => None,
        });
        let Some(link) = accepted else { return false };
        self.feed(Input::Answer { link, sdp: "answer" });
        self.feed(Input::LinkOpen { link });
        (self.link, self.peer) = (link, peer);
        true
    }

    /// The neighbour says something.
    pub fn hear(&mut self, message: &Message) {
        self.feed(Input::Message { link: self.link, bytes: &message.encode() });
    }

    /// The neighbour says who it is.
    pub fn greet(&mut self) {
        let peer = self.peer;
        self.hear(&Message::Hello(Hello { version: 1, peer, serves: true, super_peer: false, weight: 4 }));
    }

    /// What the engine said to its neighbours since the last input.
    pub fn said(&self) -> Vec<Message> {
        let said = self.outputs.iter().filter_map(|output| match output {
            Output::Transmit { bytes, .. } => Some(Message::decode(bytes).expect("a message")),
            _ => None,
        });
        said.collect()
    }
}
