//! Which peers a connection speaks for: clients pool one socket for several swarms, and two players in one page share
//! it even for one swarm.

use indexmap::IndexMap;
use protocol::id::{InfoHash, PeerId};

use super::io::ConnectionId;
use super::place::Place;

/// One peer of one swarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The swarm.
    pub info_hash: InfoHash,
    /// The peer.
    pub peer_id: PeerId,
}

/// The peers of every connection that has any, and where connections come from.
#[derive(Debug)]
pub struct Connections {
    memberships: IndexMap<ConnectionId, Vec<Membership>>,
    places: IndexMap<ConnectionId, Place>,
    per_connection_max: usize,
}

impl Connections {
    /// None yet; at most `per_connection_max` peers for each.
    #[must_use]
    pub fn new(per_connection_max: usize) -> Self {
        Self { memberships: IndexMap::new(), places: IndexMap::new(), per_connection_max }
    }

    /// So many peers for each, from now on.
    pub const fn set_max(&mut self, per_connection_max: usize) {
        self.per_connection_max = per_connection_max;
    }

    /// The connection comes from there.
    pub fn open(&mut self, connection: ConnectionId, place: Place) {
        self.places.insert(connection, place);
    }

    /// Where it comes from, as far as that is known.
    #[must_use]
    pub fn place(&self, connection: ConnectionId) -> Place {
        self.places.get(&connection).copied().unwrap_or_default()
    }

    /// The connection speaks for as many peers as it may.
    #[must_use]
    pub fn is_full(&self, connection: ConnectionId) -> bool {
        self.memberships.get(&connection).map_or(0, Vec::len) >= self.per_connection_max
    }

    /// The connection speaks for the peer from now on.
    pub fn insert(&mut self, connection: ConnectionId, membership: Membership) {
        // Nearly every viewer is in one swarm: room for one, not for the four that a first push reserves.
        self.memberships.entry(connection).or_insert_with(|| Vec::with_capacity(1)).push(membership);
    }

    /// The connection no longer speaks for the peer; false where it did not.
    pub fn remove(&mut self, connection: ConnectionId, membership: Membership) -> bool {
        let Some(list) = self.memberships.get_mut(&connection) else { return false };
        let Some(place) = list.iter().position(|held| *held == membership) else { return false };
        list.swap_remove(place);
        if list.is_empty() {
            self.memberships.swap_remove(&connection);
        }
        true
    }

    /// Forgets the connection and names those it spoke for.
    pub fn take(&mut self, connection: ConnectionId) -> Vec<Membership> {
        self.places.swap_remove(&connection);
        self.memberships.swap_remove(&connection).unwrap_or_default()
    }
}
