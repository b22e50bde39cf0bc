//! Who holds what: every edge of a deployment, its rooms and how many are in them, and whom it holds ([`interest`]), as
//! the edges tell each other.
//!
//! An edge tells its rooms in rounds: parts, the last of which is marked; what a whole round did not name is gone. What an
//! edge told belongs to one of its lives, and goes in one step when that life is over ([`Router::retain`]).
//!
//! **Invariant:** nothing of a life that is over is counted, however late its letters come.

pub mod interest;

use std::collections::BTreeMap;

use protocol::chat::RoomKey;
use protocol::chat::node::{Holder, Holders, Life, Rooms};
use protocol::limits::CHAT_NODE_ROOMS_MAX;
use protocol::rendezvous::weight;

use interest::There;

/// Edges that are known at once: as many as a bus has nodes.
const EDGES_MAX: usize = 1_024;
/// Rooms of one edge.
const ROOMS_MAX: usize = 50_000;

/// All edges but this one.
#[derive(Debug, Default)]
pub struct Router {
    edges: BTreeMap<String, Edge>,
}

#[derive(Debug, Default)]
struct Edge {
    epoch: u64,
    round: u64,
    live: usize,
    addresses: usize,
    rooms: BTreeMap<RoomKey, Told>,
    holds: There,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    members: usize,
    round: u64,
}

/// A whole round in parts.
pub fn parts(whole: &Rooms, rooms: &BTreeMap<RoomKey, usize>) -> impl Iterator<Item = Rooms> + use<> {
    let counted =
        |(room, members): (&RoomKey, &usize)| (room.clone(), u32::try_from(*members).unwrap_or(u32::MAX));
    let all: Vec<(RoomKey, u32)> = rooms.iter().take(ROOMS_MAX).map(counted).collect();
    let mut parts: Vec<Rooms> = all
        .chunks(CHAT_NODE_ROOMS_MAX)
        .map(|rooms| Rooms { rooms: rooms.to_vec(), last: false, ..whole.clone() })
        .collect();
    if parts.is_empty() {
        parts.push(Rooms { rooms: Vec::new(), ..whole.clone() });
    }
    if let Some(part) = parts.last_mut() {
        part.last = true;
    }
    parts.into_iter()
}

impl Router {
    /// An edge told its rooms, or some of them.
    pub fn rooms(&mut self, told: Rooms) {
        let Some(edge) = self.of_life(&told.life).filter(|edge| told.round >= edge.round) else { return };
        edge.round = told.round;
        (edge.live, edge.addresses) = (told.live as usize, told.addresses as usize);
        for (room, members) in told.rooms {
            if edge.rooms.len() < ROOMS_MAX || edge.rooms.contains_key(&room) {
                edge.rooms.insert(room, Told { members: members as usize, round: told.round });
            }
        }
        if told.last {
            edge.rooms.retain(|_, known| known.round == told.round);
        }
    }

    /// An edge told whom it holds.
    pub fn holders(&mut self, told: Holders) {
        if let Some(edge) = self.of_life(&told.life) {
            edge.holds.on_told(&told);
        }
    }

    /// Whether the edge may hold them: it said so, or what it holds is not known.
    #[must_use]
    pub fn may_hold(&self, edge: &str, holder: Holder) -> bool {
        self.edges.get(edge).is_none_or(|edge| edge.holds.may_have(holder))
    }

    /// Only these lives go on; everything of any other goes now.
    pub fn retain(&mut self, epoch_of: impl Fn(&str) -> Option<u64>) {
        // A letter may come before the first beat of the same life: a later life than known goes on too.
        self.edges.retain(|name, edge| epoch_of(name).is_some_and(|epoch| edge.epoch >= epoch));
    }

    /// Members of a room on other edges.
    #[must_use]
    pub fn members(&self, room: &RoomKey) -> usize {
        self.edges.values().filter_map(|edge| edge.rooms.get(room)).map(|told| told.members).sum()
    }

    /// The edges that hold a room.
    pub fn edges_of<'a>(&'a self, room: &'a RoomKey) -> impl Iterator<Item = &'a str> {
        self.edges
            .iter()
            .filter(move |(_, edge)| edge.rooms.contains_key(room))
            .map(|(name, _)| name.as_str())
    }

    /// Adds the members of every room on other edges.
    pub fn add_rooms(&self, rooms: &mut BTreeMap<RoomKey, usize>) {
        for (room, told) in self.edges.values().flat_map(|edge| &edge.rooms) {
            *rooms.entry(room.clone()).or_default() += told.members;
        }
    }

    /// Connections and addresses of other edges.
    #[must_use]
    pub fn totals(&self) -> (usize, usize) {
        self.edges
            .values()
            .fold((0, 0), |(live, addresses), edge| (live + edge.live, addresses + edge.addresses))
    }

    /// Connections of one of them.
    #[must_use]
    pub fn live(&self, edge: &str) -> Option<usize> {
        self.edges.get(edge).map(|edge| edge.live)
    }

    /// The edge in this life, where that is not over.
    fn of_life(&mut self, life: &Life) -> Option<&mut Edge> {
        if self.edges.len() >= EDGES_MAX && !self.edges.contains_key(&life.node) {
            return None;
        }
        let edge = self.edges.entry(life.node.clone()).or_default();
        if life.epoch > edge.epoch {
            *edge = Edge { epoch: life.epoch, ..Edge::default() };
        }
        (life.epoch == edge.epoch).then_some(edge)
    }
}

/// Where a room is numbered: of these, the one that every process finds. One more or less of them moves only the rooms that it
/// has.
pub fn home<'a>(room: &RoomKey, of: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    of.max_by_key(|name| (weight(name, room.as_str().as_bytes()), *name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> RoomKey {
        RoomKey::parse(name).unwrap()
    }

    fn life(node: &str, epoch: u64) -> Life {
        Life { node: node.to_owned(), epoch }
    }

    fn report(edge: &str, epoch: u64, round: u64, last: bool, rooms: &[(&str, u32)]) -> Rooms {
        let rooms = rooms.iter().map(|(name, members)| (room(name), *members)).collect();
        Rooms { life: life(edge, epoch), round, last, live: 7, addresses: 3, rooms }
    }

    #[test]
    fn a_room_that_a_whole_round_does_not_name_is_gone() {
        let mut router = Router::default();
        router.rooms(report("a", 1, 1, true, &[("x", 2), ("y", 3)]));
        router.rooms(report("a", 1, 2, false, &[("x", 4)]));
        assert_eq!((router.members(&room("x")), router.members(&room("y"))), (4, 3));
        router.rooms(report("a", 1, 2, true, &[("z", 5)]));
        assert_eq!((router.members(&room("x")), router.members(&room("y"))), (4, 0));
        router.rooms(report("a", 1, 1, true, &[("y", 9)]));
        assert_eq!(router.members(&room("y")), 0);
    }

    #[test]
    fn what_a_dead_edge_told_goes_in_one_step_and_does_not_come_back() {
        let mut router = Router::default();
        router.rooms(report("a", 5, 1, true, &[("x", 2), ("y", 1)]));
        router.rooms(report("b", 5, 1, true, &[("x", 3)]));
        assert_eq!(router.edges_of(&room("x")).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(router.totals(), (14, 6));
        router.retain(|name| (name == "b").then_some(5));
        assert_eq!(router.edges_of(&room("x")).collect::<Vec<_>>(), ["b"]);
        router.rooms(report("b", 6, 1, true, &[("y", 1)]));
        router.rooms(report("b", 5, 9, true, &[("x", 3)]));
        assert_eq!((router.members(&room("x")), router.members(&room("y"))), (0, 1));
    }

    #[test]
    fn a_round_of_many_rooms_is_told_in_parts_and_arrives_whole() {
        let rooms: BTreeMap<RoomKey, usize> = (0..5_001).map(|id| (room(&format!("r{id}")), id)).collect();
        let mut router = Router::default();
        let parts: Vec<Rooms> = parts(&report("a", 1, 1, true, &[]), &rooms).collect();
        assert_eq!(parts.iter().map(|part| part.last).collect::<Vec<_>>(), [false, false, true]);
        parts.into_iter().for_each(|part| router.rooms(part));
        let mut told = BTreeMap::new();
        router.add_rooms(&mut told);
        assert_eq!(told, rooms);
    }

    #[test]
    fn a_room_keeps_its_home_when_another_node_goes() {
        let names = ["a", "b", "c", "d"];
        let mut homes = BTreeMap::<&str, usize>::new();
        for id in 0..1_000 {
            let room = room(&format!("live://{id}"));
            let before = home(&room, names.into_iter()).unwrap();
            *homes.entry(before).or_default() += 1;
            let after = home(&room, names.into_iter().filter(|name| *name != "c")).unwrap();
            assert!(before == "c" || before == after);
        }
        assert!(homes.len() == 4 && homes.values().all(|count| (150..350).contains(count)), "{homes:?}");
    }

    #[test]
    fn a_message_goes_to_edges_that_hold_whom_it_is_for_and_to_those_of_whom_nothing_is_known() {
        let mut router = Router::default();
        let told = |edge: &str, epoch, came: &[i64]| Holders {
            life: life(edge, epoch),
            number: 1,
            begins: true,
            whole: true,
            came: came.iter().map(|user| Holder::user(*user)).collect(),
            went: Vec::new(),
        };
        router.holders(told("a", 1, &[7, 8]));
        router.holders(told("b", 1, &[8]));
        let route = |router: &Router, user: i64| {
            let edges = ["a", "b", "c"].into_iter();
            edges.filter(|edge| router.may_hold(edge, Holder::user(user))).collect::<Vec<_>>()
        };
        let rows: [(i64, &[&str]); 3] = [(7, &["a", "c"]), (8, &["a", "b", "c"]), (9, &["c"])];
        for (user, wanted) in rows {
            assert_eq!(route(&router, user), wanted, "{user}");
        }
        // Another life of it holds nobody until it says so.
        router.holders(told("a", 2, &[9]));
        router.holders(told("a", 1, &[7]));
        assert_eq!((route(&router, 7), route(&router, 9)), (vec!["c"], vec!["a", "c"]));
    }
}
