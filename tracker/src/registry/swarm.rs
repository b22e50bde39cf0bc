//! The peers of one swarm: constant-time entry, removal and access by place.

use indexmap::{IndexMap, IndexSet};
use protocol::id::PeerId;
use protocol::time::Instant;

use super::io::{ConnectionId, Place};

/// One viewer of one swarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Where messages to it go.
    pub connection: ConnectionId,
    /// Its last announce.
    pub announced: Instant,
    /// It said that it holds everything.
    pub seeder: bool,
    /// The rendition it watches: a hint for the choice of receivers.
    pub rendition: Option<u8>,
    /// Where it is, if that is known.
    pub place: Option<Place>,
}

/// One swarm.
///
/// **Invariant:** `seeders` is the number of peers that are seeders.
/// **Invariant:** `near` names each peer that has a place, under it, and nobody else.
#[derive(Debug, Default)]
pub struct Swarm {
    peers: IndexMap<PeerId, Peer>,
    near: IndexMap<Place, IndexSet<PeerId>>,
    seeders: usize,
    completed: u32,
}

impl Swarm {
    /// How many peers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.peers.len()
    }

    /// Nobody is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// Peers that hold everything.
    #[must_use]
    pub fn seeders(&self) -> u32 {
        saturate(self.seeders)
    }

    /// All others.
    #[must_use]
    pub fn leechers(&self) -> u32 {
        saturate(self.peers.len() - self.seeders)
    }

    /// How often `completed` was announced.
    #[must_use]
    pub const fn completed(&self) -> u32 {
        self.completed
    }

    /// The peer of that name.
    #[must_use]
    pub fn get(&self, peer_id: PeerId) -> Option<&Peer> {
        self.peers.get(&peer_id)
    }

    /// The place of the peer of that name, from 0 to [`Self::len`] - 1; valid until somebody leaves.
    #[must_use]
    pub fn place_of(&self, peer_id: PeerId) -> Option<usize> {
        self.peers.get_index_of(&peer_id)
    }

    /// The peer at a place.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<(PeerId, &Peer)> {
        self.peers.get_index(place).map(|(peer_id, peer)| (*peer_id, peer))
    }

    /// The peers of a place.
    #[must_use]
    pub fn near(&self, place: Place) -> Option<&IndexSet<PeerId>> {
        self.near.get(&place)
    }

    /// Enters the peer or replaces what was known of it.
    pub fn upsert(&mut self, peer_id: PeerId, peer: Peer) {
        self.seeders += usize::from(peer.seeder);
        let former = self.peers.insert(peer_id, peer);
        if let Some(former) = former {
            self.seeders -= usize::from(former.seeder);
        }
        let former = former.and_then(|former| former.place);
        if former != peer.place {
            self.leave(peer_id, former);
            if let Some(place) = peer.place {
                self.near.entry(place).or_default().insert(peer_id);
            }
        }
    }

    /// Takes the peer out; the last one takes its place.
    pub fn remove(&mut self, peer_id: PeerId) -> Option<Peer> {
        let peer = self.peers.swap_remove(&peer_id)?;
        self.seeders -= usize::from(peer.seeder);
        self.leave(peer_id, peer.place);
        Some(peer)
    }

    fn leave(&mut self, peer_id: PeerId, place: Option<Place>) {
        let Some(place) = place else { return };
        if let Some(here) = self.near.get_mut(&place) {
            here.swap_remove(&peer_id);
            if here.is_empty() {
                self.near.swap_remove(&place);
            }
        }
    }

    /// Somebody announced `completed`.
    pub const fn count_completed(&mut self) {
        self.completed = self.completed.saturating_add(1);
    }
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(seeder: bool) -> Peer {
        Peer { connection: ConnectionId(0), announced: Instant::ZERO, seeder, rendition: None, place: None }
    }

    #[test]
    fn seeders_are_counted_through_entry_change_and_removal() {
        let mut swarm = Swarm::default();
        let steps: [(u8, Option<bool>, (u32, u32)); 7] = [
            (1, Some(false), (0, 1)),
            (2, Some(true), (1, 1)),
            (1, Some(true), (2, 0)),
            (2, Some(false), (1, 1)),
            (1, None, (0, 1)),
            (1, None, (0, 1)),
            (2, None, (0, 0)),
        ];
        for (name, seeder, (complete, incomplete)) in steps {
            let id = PeerId([name; 20]);
            match seeder {
                Some(seeder) => swarm.upsert(id, peer(seeder)),
                None => drop(swarm.remove(id)),
            }
            assert_eq!((swarm.seeders(), swarm.leechers()), (complete, incomplete), "peer {name} {seeder:?}");
        }
    }

    #[test]
    fn a_place_names_those_who_are_there_through_entry_move_and_removal() {
        let mut swarm = Swarm::default();
        let place = |name: u64| core::num::NonZeroU64::new(name).map(Place);
        let at = |place| Peer { place, ..peer(false) };
        let here =
            |swarm: &Swarm, name| place(name).and_then(|place| swarm.near(place)).map_or(0, IndexSet::len);
        let (one, two) = (PeerId([1; 20]), PeerId([2; 20]));
        let steps: [(PeerId, Option<u64>, (usize, usize)); 5] = [
            (one, Some(7), (1, 0)),
            (two, Some(7), (2, 0)),
            (one, Some(8), (1, 1)),
            (one, Some(8), (1, 1)),
            (two, None, (0, 1)),
        ];
        for (peer_id, name, wanted) in steps {
            swarm.upsert(peer_id, at(name.and_then(place)));
            assert_eq!((here(&swarm, 7), here(&swarm, 8)), wanted, "{peer_id:?} {name:?}");
        }
        swarm.remove(one);
        assert!(swarm.near.is_empty());
    }
}
