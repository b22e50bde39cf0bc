//! What a comet tells of itself, a few times a second where something changed.

use std::collections::BTreeMap;

use protocol::chat::RoomKey;

use super::Comet;
use crate::ring::Account;

/// Figures of one moment.
#[derive(Clone, Debug, Default)]
pub(in crate::serve) struct Census {
    /// Open connections.
    pub(in crate::serve) connections: usize,
    /// Connections that said who they are.
    pub(in crate::serve) live: usize,
    /// Addresses that they come from; one that is on two comets counts twice.
    pub(in crate::serve) addresses: usize,
    /// Members of each room.
    pub(in crate::serve) rooms: BTreeMap<RoomKey, usize>,
    /// The books of all rooms.
    pub(in crate::serve) account: Account,
}

impl Census {
    pub(in crate::serve) fn add(&mut self, other: &Self) {
        self.connections += other.connections;
        self.live += other.live;
        self.addresses += other.addresses;
        for (room, members) in &other.rooms {
            *self.rooms.entry(room.clone()).or_default() += members;
        }
        self.account.add(&other.account);
    }
}

impl Comet {
    pub(super) fn census(&self) -> Census {
        let mut account = self.closed;
        let mut rooms = BTreeMap::new();
        for (_, hall) in &self.halls {
            account.add(hall.crowd.account());
            let waiting = hall.waiting.as_ref().map_or(0, Vec::len);
            rooms.insert(hall.key.clone(), hall.crowd.len() + waiting);
        }
        Census {
            connections: self.connections.len(),
            live: self.live,
            addresses: self.addresses.len(),
            rooms,
            account,
        }
    }
}
