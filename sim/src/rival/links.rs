//! How the rival's viewers meet: a tracker that deals offers to others by lot, and links without a maximum.

use std::collections::BTreeSet;

use protocol::time::Duration;
use swarm::LinkId;

use super::{Load, Peer, Rival};
use crate::event::Event;
use crate::mesh::{EndId, Mesh, Phase, ViewerId};
use crate::world::{World, viewer_id};

/// Offers of an announce (`bittorrent-tracker`'s client).
const OFFERS: usize = 5;
/// Between announces (`wt-tracker`, the rival's own; others say 120 s).
const ANNOUNCE: Duration = Duration::from_millis(20_000);
/// To a tracker that is down it comes back after so long.
const RECONNECT: Duration = Duration::from_millis(10_000);
/// Lots drawn for one offer: most viewers of a world may not be there.
const LOTS_MAX: usize = 64;
/// Gathering candidates and connecting, beside round trips, in milliseconds: as for our own links.
const WORK_MS: (u64, u64) = (55, 180);
/// Round trips of ICE, DTLS and SCTP.
const CONNECTING_TRIPS: u32 = 4;
/// An attempt between two that find no way to each other ends after this.
const IN_VAIN: Duration = Duration::from_millis(15_000);

/// A neighbour of whom nothing is known.
pub(super) fn stranger(end: EndId) -> Peer {
    Peer {
        end,
        loaded: BTreeSet::new(),
        loading: BTreeSet::new(),
        downloading: None,
        upload: None,
        strikes: 0,
        pace: 0,
    }
}

impl World {
    /// A viewer of the rival's comes.
    pub(crate) fn rival_join(&mut self, id: ViewerId) {
        self.viewers[id.0 as usize].rival = Some(Box::new(Rival::new(self.scenario.seed, id)));
        // The tracker's socket opens, and the offers are made meanwhile.
        self.timeline.after(self.origin.delay() * 4, Event::Announce(id));
        self.timeline.after(super::RANDOM, Event::Random(id));
    }

    /// Offers go to others, drawn by lot from those of the same rendition.
    pub(crate) fn on_announce(&mut self, id: ViewerId) {
        if self.viewers[id.0 as usize].rival.is_none() {
            return;
        }
        if self.tracker_is_down() {
            return self.timeline.after(RECONNECT, Event::Announce(id));
        }
        self.timeline.after(ANNOUNCE, Event::Announce(id));
        let mut met = BTreeSet::from([id]);
        for _ in 0..OFFERS {
            let Some(other) = self.lot(id, &met) else { return };
            met.insert(other);
            self.rival_dial(id, other);
        }
    }

    /// Somebody of the swarm who has not been drawn yet.
    fn lot(&mut self, id: ViewerId, met: &BTreeSet<ViewerId>) -> Option<ViewerId> {
        let everybody = self.viewers.len() as u64;
        for _ in 0..LOTS_MAX {
            let rival = self.viewers[id.0 as usize].rival.as_mut()?;
            let other = viewer_id(usize::try_from(rival.random.below(everybody)).ok()?);
            if self.viewers[other.0 as usize].rival.is_some() && !met.contains(&other) {
                return Some(other);
            }
        }
        None
    }

    /// An offer is answered; nothing comes of it where the two have met already.
    fn rival_dial(&mut self, id: ViewerId, other: ViewerId) {
        let mut name = |id: ViewerId| {
            let rival = self.viewers[id.0 as usize].rival.as_mut()?;
            rival.next_link += 1;
            Some(LinkId(rival.next_link))
        };
        let (Some(here), Some(there)) = (name(id), name(other)) else { return };
        let met = |end: EndId| {
            let other_end = self.mesh.end(end).other();
            other_end.is_some_and(|end| self.mesh.end(end).viewer == other)
        };
        if self.viewers[id.0 as usize].shell.links.iter().any(|(_, end)| met(end)) {
            return;
        }
        let dialled = self.mesh.dial(id, here);
        let Some(accepted) = self.mesh.accept(other, there, &Mesh::sdp(dialled)) else { return };
        self.mesh.answered(dialled, &Mesh::sdp(accepted));
        for (viewer, link, end) in [(id, here, dialled), (other, there, accepted)] {
            self.mesh.enter(end, Phase::Waiting);
            self.viewers[viewer.0 as usize].shell.links.insert(link, end);
        }
        self.mesh.tried += 1;
        if self.lay(dialled) {
            let trips = self.mesh.end(dialled).trip * 2 * CONNECTING_TRIPS + self.origin.delay() * 4;
            let work = self.negotiation.within(WORK_MS.0, WORK_MS.1);
            self.timeline.after(trips + Duration::from_millis(work), Event::Connected(dialled));
        } else {
            self.mesh.in_vain += 1;
            self.timeline.after(IN_VAIN, Event::Lost(dialled));
            self.timeline.after(IN_VAIN, Event::Lost(accepted));
        }
    }

    /// A link is open: the other hears what is here.
    pub(crate) fn rival_linked(&mut self, end: EndId) {
        let (id, link) = (self.mesh.end(end).viewer, self.mesh.end(end).link);
        let Some(rival) = self.viewers[id.0 as usize].rival.as_mut() else { return };
        rival.peers.insert(link, stranger(end));
        self.rival_tell(id, Some(link));
    }

    /// A link is gone, and with it what came over it.
    pub(crate) fn rival_lost(&mut self, id: ViewerId, link: LinkId) {
        let Some(rival) = self.viewers[id.0 as usize].rival.as_mut() else { return };
        rival.peers.remove(&link);
        rival.loads.retain(|_, load| !matches!(load, Load::Peer { link: from, .. } if *from == link));
        self.rival_process(id);
    }

    /// A viewer leaves a neighbour that failed it.
    pub(super) fn rival_leave(&mut self, id: ViewerId, link: LinkId) {
        let shell = &self.viewers[id.0 as usize].shell;
        let Some(end) = shell.links.get(link) else { return };
        let trip = self.mesh.end(end).trip;
        if let Some(other) = self.forget(end) {
            self.timeline.after(trip, Event::Lost(other));
        }
        self.rival_lost(id, link);
    }

    /// The moment to look for what nobody has.
    pub(crate) fn on_random(&mut self, id: ViewerId) {
        let look = self.rival_look(id);
        let Some(rival) = self.viewers[id.0 as usize].rival.as_mut() else { return };
        let steps = rival.at_random(&look);
        let next = rival.next_random();
        self.timeline.after(next, Event::Random(id));
        self.rival_do(id, steps);
    }
}
