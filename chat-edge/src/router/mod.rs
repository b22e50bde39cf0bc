//! Who holds what: every edge of a deployment, its rooms and how many are in them, as the edges tell each other.
//!
//! An edge reports in rounds: parts, the last of which is marked; what a whole round did not name is gone. What an edge
//! told belongs to one of its lives, and goes in one step when that life is over ([`Router::retain`]).
//!
//! **Invariant:** nothing of a life that is over is counted, however late its reports come.

use std::collections::BTreeMap;

use protocol::chat::RoomKey;
use serde::{Deserialize, Serialize};

/// Edges that are known at once: as many as a bus has nodes.
const EDGES_MAX: usize = 1_024;
/// Rooms of one edge.
const ROOMS_MAX: usize = 50_000;
/// Rooms in one part of a report: with the longest names it stays below a letter's size.
const ROOMS_PER_PART: usize = 2_000;

/// A part of what an edge tells of itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The edge.
    pub edge: String,
    /// Which of its lives.
    pub epoch: u64,
    /// Which of its rounds; each is greater than the one before.
    pub round: u64,
    /// The round ends with this part.
    pub last: bool,
    /// Connections that said who they are.
    pub live: usize,
    /// Addresses that they come from.
    pub addresses: usize,
    /// Rooms and their members.
    pub rooms: Vec<(String, usize)>,
}

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
}

#[derive(Clone, Copy, Debug)]
struct Told {
    members: usize,
    round: u64,
}

impl Report {
    /// A whole round in parts.
    pub fn parts(whole: &Self, rooms: &BTreeMap<RoomKey, usize>) -> impl Iterator<Item = Self> + use<> {
        let all: Vec<(String, usize)> = rooms
            .iter()
            .take(ROOMS_MAX)
            .map(|(room, members)| (room.as_str().to_owned(), *members))
            .collect();
        let mut parts: Vec<Self> = all
            .chunks(ROOMS_PER_PART)
            .map(|rooms| Self { rooms: rooms.to_vec(), last: false, ..whole.clone() })
            .collect();
        if parts.is_empty() {
            parts.push(Self { rooms: Vec::new(), ..whole.clone() });
        }
        if let Some(part) = parts.last_mut() {
            part.last = true;
        }
        parts.into_iter()
    }
}

impl Router {
    /// An edge told something of itself.
    pub fn report(&mut self, report: Report) {
        if self.edges.len() >= EDGES_MAX && !self.edges.contains_key(&report.edge) {
            return;
        }
        let edge = self.edges.entry(report.edge).or_default();
        if report.epoch < edge.epoch || report.epoch == edge.epoch && report.round < edge.round {
            return;
        }
        if report.epoch > edge.epoch {
            *edge = Edge { epoch: report.epoch, ..Edge::default() };
        }
        (edge.round, edge.live, edge.addresses) = (report.round, report.live, report.addresses);
        for (room, members) in report.rooms {
            let Some(room) = RoomKey::parse(&room) else { continue };
            if edge.rooms.len() < ROOMS_MAX || edge.rooms.contains_key(&room) {
                edge.rooms.insert(room, Told { members, round: report.round });
            }
        }
        if report.last {
            edge.rooms.retain(|_, told| told.round == report.round);
        }
    }

    /// Only these lives go on; everything of any other goes now.
    pub fn retain(&mut self, epoch_of: impl Fn(&str) -> Option<u64>) {
        // A report may come before the first beat of the same life: a later life than known goes on too.
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
}

/// Where a room is numbered: of these, the one that every process finds (rendezvous hashing: Thaler, Ravishankar 1998).
/// One more or less of them moves only the rooms that it has.
pub fn home<'a>(room: &RoomKey, of: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    of.max_by_key(|name| (weigh(name, room), *name))
}

/// FNV-1a over both, and SplitMix64's finish, because FNV alone leaves the high bits of short texts alike.
fn weigh(name: &str, room: &RoomKey) -> u64 {
    let bytes = name.bytes().chain([0]).chain(room.as_str().bytes());
    let hash = bytes.fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    let one = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let two = (one ^ (one >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    two ^ (two >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> RoomKey {
        RoomKey::parse(name).unwrap()
    }

    fn report(edge: &str, epoch: u64, round: u64, last: bool, rooms: &[(&str, usize)]) -> Report {
        let rooms = rooms.iter().map(|(room, members)| ((*room).to_owned(), *members)).collect();
        Report { edge: edge.to_owned(), epoch, round, last, live: 7, addresses: 3, rooms }
    }

    #[test]
    fn a_room_that_a_whole_round_does_not_name_is_gone() {
        let mut router = Router::default();
        router.report(report("a", 1, 1, true, &[("x", 2), ("y", 3)]));
        router.report(report("a", 1, 2, false, &[("x", 4)]));
        assert_eq!((router.members(&room("x")), router.members(&room("y"))), (4, 3));
        router.report(report("a", 1, 2, true, &[("z", 5)]));
        assert_eq!((router.members(&room("x")), router.members(&room("y"))), (4, 0));
        router.report(report("a", 1, 1, true, &[("y", 9)]));
        assert_eq!(router.members(&room("y")), 0);
    }

    #[test]
    fn what_a_dead_edge_told_goes_in_one_step_and_does_not_come_back() {
        let mut router = Router::default();
        router.report(report("a", 5, 1, true, &[("x", 2), ("y", 1)]));
        router.report(report("b", 5, 1, true, &[("x", 3)]));
        assert_eq!(router.edges_of(&room("x")).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(router.totals(), (14, 6));
        router.retain(|name| (name == "b").then_some(5));
        assert_eq!(router.edges_of(&room("x")).collect::<Vec<_>>(), ["b"]);
        router.report(report("b", 6, 1, true, &[("y", 1)]));
        router.report(report("b", 5, 9, true, &[("x", 3)]));
        assert_eq!((router.members(&room("x")), router.members(&room("y"))), (0, 1));
    }

    #[test]
    fn a_round_of_many_rooms_is_told_in_parts_and_arrives_whole() {
        let rooms: BTreeMap<RoomKey, usize> = (0..5_001).map(|id| (room(&format!("r{id}")), id)).collect();
        let mut router = Router::default();
        let parts: Vec<Report> = Report::parts(&report("a", 1, 1, true, &[]), &rooms).collect();
        assert_eq!(parts.iter().map(|part| part.last).collect::<Vec<_>>(), [false, false, true]);
        parts.into_iter().for_each(|part| router.report(part));
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
}
