//! Who accused whom of proven bad data.
//!
//! An accusation is a claim. One viewer can be mistaken, or lie; many can be one person's. So nothing is done about them
//! here but to count, per accused and per accuser, and to show it: an operator sees a peer that many accuse, from how many
//! addresses, and a peer that accuses many.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use protocol::id::PeerId;

use super::place::Address;

/// Peers remembered as accused, and as accusers; the longest known make room for new ones.
pub const PEERS_MAX: usize = 1_024;
/// Others remembered for each of them: more make no difference to anybody's judgement.
pub const OTHERS_MAX: usize = 16;
/// Accused from so many addresses, a peer is worth a look.
pub const SEVERAL: usize = 3;

/// The table.
#[derive(Debug, Default)]
pub struct Accusations {
    accused: Side,
    accusers: Side,
}

/// Peers, each with the others on the other side of an accusation and the accuser's address; in the order in which they
/// were first named.
#[derive(Debug, Default)]
struct Side(IndexMap<PeerId, BTreeMap<PeerId, Option<Address>>>);

/// One peer of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The peer.
    pub peer: PeerId,
    /// How many accused it, or it accused.
    pub others: usize,
    /// From how many addresses.
    pub addresses: usize,
}

/// The table in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Peers accused by anybody.
    pub accused: usize,
    /// Peers accused from [`SEVERAL`] addresses or more.
    pub by_several: usize,
    /// Peers that accused anybody.
    pub accusers: usize,
}

impl Accusations {
    /// One accusation, from this address if that is known; the same one again changes nothing.
    pub fn add(&mut self, accuser: PeerId, from: Option<Address>, accused: PeerId) {
        self.accused.add(accused, accuser, from);
        self.accusers.add(accuser, accused, from);
    }

    /// In numbers.
    #[must_use]
    pub fn census(&self) -> Census {
        Census {
            accused: self.accused.0.len(),
            by_several: self.accused.0.values().filter(|by| addresses(by) >= SEVERAL).count(),
            accusers: self.accusers.0.len(),
        }
    }

    /// The most accused, most first.
    #[must_use]
    pub fn most_accused(&self, count: usize) -> Vec<Row> {
        self.accused.most(count)
    }

    /// The most accusing, most first.
    #[must_use]
    pub fn most_accusing(&self, count: usize) -> Vec<Row> {
        self.accusers.most(count)
    }
}

impl Side {
    fn add(&mut self, peer: PeerId, other: PeerId, from: Option<Address>) {
        if self.0.len() >= PEERS_MAX && !self.0.contains_key(&peer) {
            self.0.shift_remove_index(0);
        }
        let others = self.0.entry(peer).or_default();
        if others.len() < OTHERS_MAX {
            others.insert(other, from);
        }
    }

    fn most(&self, count: usize) -> Vec<Row> {
        let row = |(peer, others): (&PeerId, &BTreeMap<_, _>)| Row {
            peer: *peer,
            others: others.len(),
            addresses: addresses(others),
        };
        let mut all: Vec<_> = self.0.iter().map(row).collect();
        all.sort_by_key(|row| core::cmp::Reverse((row.addresses, row.others)));
        all.truncate(count);
        all
    }
}

/// From how many addresses; whose address is not known counts as one of his own.
fn addresses(others: &BTreeMap<PeerId, Option<Address>>) -> usize {
    let known: BTreeSet<_> = others.values().flatten().collect();
    known.len() + others.values().filter(|address| address.is_none()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(name: usize) -> PeerId {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&name.to_be_bytes());
        PeerId(bytes)
    }

    fn row(name: usize, others: usize, addresses: usize) -> Row {
        Row { peer: peer(name), others, addresses }
    }

    #[test]
    fn one_who_repeats_himself_is_one_and_several_are_several() {
        let mut accusations = Accusations::default();
        for _ in 0..5 {
            accusations.add(peer(1), None, peer(9));
        }
        assert_eq!(accusations.census(), Census { accused: 1, by_several: 0, accusers: 1 });
        accusations.add(peer(2), None, peer(9));
        accusations.add(peer(3), None, peer(9));
        accusations.add(peer(3), None, peer(8));
        assert_eq!(accusations.census(), Census { accused: 2, by_several: 1, accusers: 3 });
        assert_eq!(accusations.most_accused(1), [row(9, 3, 3)]);
        assert_eq!(accusations.most_accusing(1), [row(3, 2, 2)]);
    }

    #[test]
    fn many_accusers_at_one_address_are_one() {
        let mut accusations = Accusations::default();
        let from = |address| core::num::NonZeroU64::new(address).map(Address);
        (1..=10).for_each(|name| accusations.add(peer(name), from(7), peer(99)));
        assert_eq!(accusations.census(), Census { accused: 1, by_several: 0, accusers: 10 });
        accusations.add(peer(11), from(8), peer(99));
        accusations.add(peer(12), from(9), peer(99));
        assert_eq!(accusations.census().by_several, 1);
        assert_eq!(accusations.most_accused(1), [row(99, 12, 3)]);
    }

    #[test]
    fn the_table_has_its_maximum_and_the_longest_known_makes_room() {
        let mut accusations = Accusations::default();
        (0..=PEERS_MAX).for_each(|name| accusations.add(peer(name), None, peer(name + 1)));
        assert_eq!(accusations.census().accused, PEERS_MAX);
        assert!(accusations.most_accused(PEERS_MAX).iter().all(|row| row.peer != peer(1)));
        (0..=OTHERS_MAX).for_each(|name| accusations.add(peer(name), None, peer(7_777)));
        assert_eq!(accusations.most_accused(1), [row(7_777, OTHERS_MAX, OTHERS_MAX)]);
    }
}
