//! Liars: real engines whose shells cheat. What each kind does beside what its engine decides is here.

use protocol::id::{Block, BlockKey, PeerId};
use protocol::peer::{Fetching, Message};
use protocol::tracker::ClientMessage;
use swarm::LinkId;

use crate::mesh::{Body, Phase, ViewerId};
use crate::viewer::peer_id;
use crate::world::World;

/// Messages that a flooder sends on each link, four times a second.
const FLOOD: usize = 60;
/// Viewers that a false witness accuses in each announce.
const ACCUSED: usize = 4;
/// Blocks around the live edge of which promises are made that nobody keeps.
const PROMISED: u64 = 24;

/// A kind of liar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Sends wrong bytes, always.
    WrongBytes,
    /// Takes requests and never sends: a black hole.
    Swallows,
    /// Says that it is fetching every new block, and never does.
    Promises,
    /// Says of every new block that somebody else is fetching it.
    Rumours,
    /// Sends far more messages than anybody has reason to.
    Floods,
    /// Accuses honest viewers at the tracker.
    Blames,
    /// Uploads nothing.
    Freeloads,
    /// Serves its like, sends wrong bytes to all others, and promises what it does not fetch.
    Conspires,
}

impl Lie {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::WrongBytes,
        Self::Swallows,
        Self::Promises,
        Self::Rumours,
        Self::Floods,
        Self::Blames,
        Self::Freeloads,
        Self::Conspires,
    ];

    /// Some block that it sends is wrong.
    #[must_use]
    pub const fn corrupts(self) -> bool {
        matches!(self, Self::WrongBytes | Self::Conspires)
    }
}

impl World {
    /// What a viewer's shell really hands to the network of a block that its engine sends; `None` where that is nothing.
    pub(crate) fn tampered(&self, id: ViewerId, link: LinkId, body: Body) -> Option<Body> {
        let Some(lie) = self.viewers[id.0 as usize].lie else { return Some(body) };
        let wrong = Body { corrupt: true, ..body };
        match lie {
            Lie::WrongBytes => Some(wrong),
            Lie::Swallows => None,
            Lie::Conspires if self.other(id, link) == Some(Lie::Conspires) => Some(body),
            Lie::Conspires => Some(wrong),
            Lie::Promises | Lie::Rumours | Lie::Floods | Lie::Blames | Lie::Freeloads => Some(body),
        }
    }

    /// The lie of the viewer at the other end.
    fn other(&self, id: ViewerId, link: LinkId) -> Option<Lie> {
        let end = self.viewers[id.0 as usize].shell.links.get(link)?;
        let far = self.mesh.end(end).far?;
        self.viewers[far.viewer.0 as usize].lie
    }

    /// What a liar's shell says by itself, as often as its playhead is told.
    pub(crate) fn tell_lies(&mut self, id: ViewerId) {
        // What the rival's liars do, they do to segments.
        if self.viewers[id.0 as usize].engine.is_none() {
            return;
        }
        let messages = match self.viewers[id.0 as usize].lie {
            Some(Lie::Promises | Lie::Conspires) => self.promises(id, Message::Fetching),
            Some(Lie::Rumours) => self.promises(id, Message::Rumour),
            Some(Lie::Floods) => vec![Message::Probe.encode(); FLOOD],
            Some(Lie::WrongBytes | Lie::Swallows | Lie::Blames | Lie::Freeloads) | None => return,
        };
        let links: Vec<LinkId> =
            self.viewers[id.0 as usize].shell.links.iter().map(|(link, _)| link).collect();
        for link in links {
            let end = self.viewers[id.0 as usize].shell.links.get(link);
            if end.is_some_and(|end| self.mesh.phase(end) == Phase::Open) {
                messages.iter().for_each(|message| self.transmit(id, link, message.clone()));
            }
        }
    }

    /// Promises for what the encoder is about to make.
    fn promises(&self, id: ViewerId, say: fn(Fetching) -> Message) -> Vec<Vec<u8>> {
        let growing = self.stream.playlist(self.viewers[id.0 as usize].rendition, self.now()).end;
        let made = self.stream.segments().iter().skip(growing).take(2);
        let blocks =
            made.flat_map(|made| (0..made.blocks()).map(|place| BlockKey::new(made.key, Block(place))));
        let promised = blocks.take(PROMISED as usize);
        promised.map(|block| say(Fetching { block, wait_ms: u16::MAX }).encode()).collect()
    }

    /// What a viewer's shell really tells the tracker.
    pub(crate) fn witnessed(&mut self, id: ViewerId, frame: Vec<u8>) -> Vec<u8> {
        if self.viewers[id.0 as usize].lie != Some(Lie::Blames) {
            return frame;
        }
        let Ok(ClientMessage::Announce(mut announce)) = ClientMessage::decode(&frame) else { return frame };
        let accused = (0..ACCUSED).map(|_| {
            let somebody = self.behaviour.below(self.viewers.len() as u64);
            let somebody = ViewerId(u32::try_from(somebody).unwrap_or(0));
            peer_id(self.scenario.seed, somebody)
        });
        announce.accused = accused.collect::<Vec<PeerId>>();
        ClientMessage::Announce(announce).encode()
    }
}
