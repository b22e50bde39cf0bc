//! The peers of one swarm: constant-time entry, removal and access by slot, and the groups that they are in.

use indexmap::IndexMap;
use protocol::id::PeerId;
use protocol::time::Instant;

use super::groups::{self, Belongs, Group, Groups, KINDS, Seats, saturate};
use super::io::ConnectionId;
use super::limits::{DESCRIPTIONS_MAX, OFFERS_HANDED_MAX};
use super::nat::Nat;
use super::place::Place;
use super::reach::{Kind, Reach};

/// One viewer of one swarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Where messages to it go.
    pub connection: ConnectionId,
    /// Its last announce.
    pub announced: Instant,
    /// It said that it holds everything.
    pub seeder: bool,
    /// It looks for company: it has just come, or its last announce had offers.
    pub lacks_links: bool,
    /// The rendition it watches: a hint for the choice of receivers.
    pub rendition: Option<u8>,
    /// Behind what it is, as its session descriptions show.
    pub nat: Nat,
    /// Where it is.
    pub place: Place,
}

/// A peer, and what the swarm keeps of it.
#[derive(Debug)]
struct Member {
    peer: Peer,
    /// Offers handed to it since its last announce.
    handed: u8,
    seats: Seats,
    /// Session descriptions of it that were looked at.
    looks: u8,
    /// What it reported of introductions. Boxed: most have nothing to complain of.
    reach: Option<Box<Reach>>,
}

impl Member {
    fn belongs(&self) -> Belongs {
        let Peer { place, lacks_links, .. } = self.peer;
        let lacking = lacks_links && self.handed < OFFERS_HANDED_MAX;
        groups::belongs(place, lacking, self.kind().is_reachable())
    }

    fn kind(&self) -> Kind {
        Kind {
            nat: self.peer.nat,
            learnt: self.reach.as_ref().and_then(|reach| reach.learnt()),
            met_symmetric: self.reach.as_ref().is_some_and(|reach| reach.met_symmetric()),
        }
    }
}

/// One swarm. A peer's slot is its place in the map, from 0 to [`Self::len`] - 1, valid until somebody leaves.
///
/// **Invariant:** `seeders` is the number of peers that are seeders.
/// **Invariant:** `groups` names each peer, by its slot, in each group that it belongs to, and nobody else.
#[derive(Debug, Default)]
pub struct Swarm {
    members: IndexMap<PeerId, Member>,
    groups: Groups,
    seeders: usize,
    completed: u32,
}

impl Swarm {
    /// How many peers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Nobody is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Peers that hold everything.
    #[must_use]
    pub fn seeders(&self) -> u32 {
        saturate(self.seeders)
    }

    /// All others.
    #[must_use]
    pub fn leechers(&self) -> u32 {
        saturate(self.members.len() - self.seeders)
    }

    /// How often `completed` was announced.
    #[must_use]
    pub const fn completed(&self) -> u32 {
        self.completed
    }

    /// The peer of that name.
    #[must_use]
    pub fn get(&self, peer_id: PeerId) -> Option<&Peer> {
        self.members.get(&peer_id).map(|member| &member.peer)
    }

    /// The slot of the peer of that name.
    #[must_use]
    pub fn slot_of(&self, peer_id: PeerId) -> Option<usize> {
        self.members.get_index_of(&peer_id)
    }

    /// The peer in a slot.
    #[must_use]
    pub fn at(&self, slot: usize) -> Option<(PeerId, &Peer)> {
        self.members.get_index(slot).map(|(peer_id, member)| (*peer_id, &member.peer))
    }

    /// What is known of the NAT of the peer in a slot.
    #[must_use]
    pub fn kind(&self, slot: usize) -> Kind {
        self.members.get_index(slot).map(|(_, member)| member.kind()).unwrap_or_default()
    }

    /// What the peer in a slot reported of introductions, where that is anything.
    #[must_use]
    pub fn reach(&self, slot: usize) -> Option<&Reach> {
        self.members.get_index(slot).and_then(|(_, member)| member.reach.as_deref())
    }

    /// The slots of a group's peers.
    #[must_use]
    pub fn members(&self, group: Group) -> &[u32] {
        self.groups.members(group)
    }

    /// The groups with the number of their peers; the work grows with the number of groups.
    pub fn group_sizes(&self) -> impl Iterator<Item = (Group, usize)> {
        self.groups.sizes()
    }

    /// Enters the peer or replaces what was known of it; from now on it has been handed no offers.
    pub fn upsert(&mut self, peer_id: PeerId, peer: Peer) {
        self.seeders += usize::from(peer.seeder);
        if let Some((slot, _, member)) = self.members.get_full_mut(&peer_id) {
            self.seeders -= usize::from(member.peer.seeder);
            self.change(slot, |member| (member.peer, member.handed) = (peer, 0));
            return;
        }
        let mut member = Member { peer, handed: 0, seats: [0; KINDS], looks: 0, reach: None };
        let slot = saturate(self.members.len());
        for (group, seat) in member.belongs().into_iter().zip(&mut member.seats) {
            if let Some(group) = group {
                *seat = self.groups.enter(group, slot);
            }
        }
        self.members.insert(peer_id, member);
    }

    /// What a session description of the peer's shows of its NAT. The first few are looked at: who moves to another network
    /// comes back over another connection.
    pub fn look_at(&mut self, peer_id: PeerId, sdp: &str) {
        let Some((slot, _, member)) = self.members.get_full_mut(&peer_id) else { return };
        if member.looks >= DESCRIPTIONS_MAX {
            return;
        }
        member.looks += 1;
        let nat = member.peer.nat.then(Nat::of(sdp));
        if nat != member.peer.nat {
            self.change(slot, |member| member.peer.nat = nat);
        }
    }

    /// A viewer reports that an introduction came to a link, or did not. Nothing where one of the two is not here: who left
    /// is missed for that.
    pub fn report(&mut self, now: Instant, maker: PeerId, other: PeerId, reached: bool) -> bool {
        let (Some(slot), Some(other_slot)) = (self.slot_of(maker), self.slot_of(other)) else { return false };
        if slot == other_slot {
            return false;
        }
        let kind = self.kind(other_slot);
        self.change(slot, |member| {
            match (&mut member.reach, reached) {
                (Some(reach), true) => reach.on_reached(other, kind),
                (None, true) if !kind.is_symmetric() => {}
                (reach, true) => reach.get_or_insert_default().on_reached(other, kind),
                (reach, false) => reach.get_or_insert_default().on_missed(now, other, kind),
            }
            member.reach.take_if(|reach| reach.is_empty());
        });
        true
    }

    /// Hands the peer in this slot an offer: the connection that it goes to.
    pub fn hand(&mut self, slot: usize) -> Option<ConnectionId> {
        let (_, member) = self.members.get_index(slot)?;
        let connection = member.peer.connection;
        self.change(slot, |member| member.handed = member.handed.saturating_add(1));
        Some(connection)
    }

    /// Takes the peer out; the last one takes its slot.
    pub fn remove(&mut self, peer_id: PeerId) -> Option<Peer> {
        let (slot, _, member) = self.members.get_full(&peer_id)?;
        let (belongs, seats) = (member.belongs(), member.seats);
        for kind in 0..KINDS {
            self.leave(kind, belongs[kind], seats[kind]);
        }
        let member = self.members.swap_remove(&peer_id)?;
        self.seeders -= usize::from(member.peer.seeder);
        if let Some((_, moved)) = self.members.get_index(slot) {
            for (group, seat) in moved.belongs().into_iter().zip(moved.seats) {
                if let Some(group) = group {
                    self.groups.move_to(group, seat, saturate(slot));
                }
            }
        }
        Some(member.peer)
    }

    /// Changes a member, and the groups that it is in.
    fn change(&mut self, slot: usize, change: impl FnOnce(&mut Member)) {
        let Some((_, member)) = self.members.get_index_mut(slot) else { return };
        let before = member.belongs();
        change(member);
        let after = member.belongs();
        for kind in 0..KINDS {
            if before[kind] == after[kind] {
                continue;
            }
            let seat = self.members[slot].seats[kind];
            self.leave(kind, before[kind], seat);
            if let Some(group) = after[kind] {
                self.members[slot].seats[kind] = self.groups.enter(group, saturate(slot));
            }
        }
    }

    /// Gives up a seat; who sits there now is told.
    fn leave(&mut self, kind: usize, group: Option<Group>, seat: u32) {
        let moved = group.and_then(|group| self.groups.leave(group, seat));
        if let Some((_, moved)) = moved.and_then(|slot| self.members.get_index_mut(slot as usize)) {
            moved.seats[kind] = seat;
        }
    }

    /// Somebody announced `completed`.
    pub const fn count_completed(&mut self) {
        self.completed = self.completed.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use core::num::{NonZeroU32, NonZeroU64};
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::place::{Address, Network, Region};
    use super::*;

    fn peer(seeder: bool) -> Peer {
        Peer {
            connection: ConnectionId(0),
            announced: Instant::ZERO,
            seeder,
            lacks_links: false,
            rendition: None,
            nat: Nat::Unknown,
            place: Place::default(),
        }
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
    fn who_was_handed_enough_offers_no_longer_counts_as_lacking_until_it_says_so_again() {
        let mut swarm = Swarm::default();
        let lacking = Peer { lacks_links: true, ..peer(false) };
        swarm.upsert(PeerId([1; 20]), lacking);
        for handed in 0..OFFERS_HANDED_MAX {
            assert_eq!(swarm.members(Group::Lacking), [0], "{handed}");
            assert_eq!(swarm.hand(0), Some(ConnectionId(0)));
        }
        assert_eq!(swarm.members(Group::Lacking), [0_u32; 0]);
        swarm.upsert(PeerId([1; 20]), lacking);
        assert_eq!(swarm.members(Group::Lacking), [0]);
    }

    const RELAYED: &str = "a=candidate:3 1 udp 1 198.51.100.1 60000 typ relay raddr 203.0.113.5 rport 40000";
    const CHANGING: &str = "a=candidate:2 1 udp 1 203.0.113.5 40000 typ srflx raddr 0.0.0.0 rport 0\r\n\
                            a=candidate:2 1 udp 1 203.0.113.5 40001 typ srflx raddr 0.0.0.0 rport 0";

    #[test]
    fn the_first_descriptions_of_a_viewer_are_looked_at_and_no_further_ones() {
        for (before, wanted) in [(DESCRIPTIONS_MAX - 1, Nat::Symmetric), (DESCRIPTIONS_MAX, Nat::Unknown)] {
            let mut swarm = Swarm::default();
            swarm.upsert(PeerId([1; 20]), peer(false));
            (0..before).for_each(|_| swarm.look_at(PeerId([1; 20]), ""));
            swarm.look_at(PeerId([1; 20]), CHANGING);
            assert_eq!(swarm.kind(0).nat, wanted, "after {before}");
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Enter(u8, Peer),
        Show(u8, &'static str),
        Report(u8, u8, bool),
        Hand(usize),
        Leave(u8),
    }

    fn steps() -> impl Strategy<Value = Step> {
        let place = (0..4_u64, 0..3_u32, 0..3_usize).prop_map(|(address, network, region)| Place {
            address: NonZeroU64::new(address).map(Address),
            network: NonZeroU32::new(network).map(Network),
            region: Region::parse(["", "DE", "FR"][region]),
        });
        let nat = || prop_oneof![Just(Nat::Unknown), Just(Nat::Open), Just(Nat::Symmetric)];
        let entered = (place, nat(), any::<bool>()).prop_map(|(place, nat, lacks_links)| Peer {
            place,
            nat,
            lacks_links,
            ..peer(false)
        });
        prop_oneof![
            4 => (0..12_u8, entered).prop_map(|(name, peer)| Step::Enter(name, peer)),
            2 => (0..12_u8, 0..3_usize).prop_map(|(name, kind)| Step::Show(name, ["", RELAYED, CHANGING][kind])),
            6 => (0..4_u8, 0..12_u8, prop::bool::weighted(0.2))
                .prop_map(|(maker, other, reached)| Step::Report(maker, other, reached)),
            3 => (0..12_usize).prop_map(Step::Hand),
            2 => (0..12_u8).prop_map(Step::Leave),
        ]
    }

    proptest! {
        /// Held against looking at everybody.
        #[test]
        fn groups_name_exactly_those_who_belong_to_them(steps in prop::collection::vec(steps(), 1..120)) {
            let mut swarm = Swarm::default();
            for step in steps {
                match step {
                    Step::Enter(name, peer) => swarm.upsert(PeerId([name; 20]), peer),
                    Step::Show(name, sdp) => swarm.look_at(PeerId([name; 20]), sdp),
                    Step::Report(maker, other, reached) => {
                        swarm.report(Instant::ZERO, PeerId([maker; 20]), PeerId([other; 20]), reached);
                    }
                    Step::Hand(slot) => drop(swarm.hand(slot)),
                    Step::Leave(name) => drop(swarm.remove(PeerId([name; 20]))),
                }
                let mut wanted: BTreeMap<Group, Vec<u32>> = BTreeMap::new();
                for (slot, member) in (0_u32..).zip(swarm.members.values()) {
                    for group in member.belongs().into_iter().flatten() {
                        wanted.entry(group).or_default().push(slot);
                    }
                }
                let mut held: BTreeMap<Group, Vec<u32>> =
                    swarm.group_sizes().map(|(group, _)| (group, swarm.members(group).to_vec())).collect();
                held.values_mut().for_each(|slots| slots.sort_unstable());
                prop_assert_eq!(held, wanted);
            }
        }
    }
}
