//! The peers of a swarm by what they have in common: entry, departure and a draw by lot in constant time.
//!
//! A group is a list of slots (places in the swarm), and each peer knows its seat in every list that it is in: who leaves
//! is replaced by the last of the list. Four bytes in a list and four for the seat, where a set of ids would take fifty.

use indexmap::IndexMap;

use super::place::{Address, Network, Place, Region};

/// What peers have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// One public address: one router.
    Address(Address),
    /// One autonomous system.
    Network(Network),
    /// One region.
    Region(Region),
    /// They lack links, and have not been handed enough offers since they said so.
    Lacking,
    /// They can be reached from behind every NAT, as far as is known.
    Reachable,
}

/// A peer is in at most so many groups: one of each kind.
pub const KINDS: usize = 5;

/// The groups of one peer, each kind at its place.
pub type Belongs = [Option<Group>; KINDS];

/// The seats of one peer in the lists of its groups; what stands where there is no group means nothing.
pub type Seats = [u32; KINDS];

/// The groups of a peer.
#[must_use]
pub fn belongs(place: Place, lacking: bool, reachable: bool) -> Belongs {
    [
        place.address.map(Group::Address),
        place.network.map(Group::Network),
        place.region.map(Group::Region),
        lacking.then_some(Group::Lacking),
        reachable.then_some(Group::Reachable),
    ]
}

/// All lists of one swarm; none is empty.
#[derive(Debug, Default)]
pub struct Groups(IndexMap<Group, Vec<u32>>);

impl Groups {
    /// The slots of a group's peers.
    #[must_use]
    pub fn members(&self, group: Group) -> &[u32] {
        self.0.get(&group).map_or(&[], Vec::as_slice)
    }

    /// The groups with the number of their peers.
    pub fn sizes(&self) -> impl Iterator<Item = (Group, usize)> {
        self.0.iter().map(|(group, list)| (*group, list.len()))
    }

    /// The peer in this slot joins; its seat.
    pub fn enter(&mut self, group: Group, slot: u32) -> u32 {
        // Most addresses have one viewer: room for one, not for the four that a first push reserves.
        let list = self.0.entry(group).or_insert_with(|| Vec::with_capacity(1));
        list.push(slot);
        saturate(list.len() - 1)
    }

    /// The peer in this seat leaves; the slot of who sits there now, if anybody does.
    pub fn leave(&mut self, group: Group, seat: u32) -> Option<u32> {
        let list = self.0.get_mut(&group)?;
        let seat = seat as usize;
        if seat < list.len() {
            list.swap_remove(seat);
        }
        let moved = list.get(seat).copied();
        if list.is_empty() {
            self.0.swap_remove(&group);
        }
        moved
    }

    /// The peer in this seat has another slot now.
    pub fn move_to(&mut self, group: Group, seat: u32, slot: u32) {
        if let Some(place) = self.0.get_mut(&group).and_then(|list| list.get_mut(seat as usize)) {
            *place = slot;
        }
    }
}

/// Peers are fewer than slots can count: [`super::limits::PEERS_MAX`].
pub fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
