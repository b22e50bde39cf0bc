//! Who accused whom of proven bad data.
//!
//! An accusation is a claim. One viewer can be mistaken, or lie; many can be one person's. So nothing is done about them
//! here but to count, per accused and per accuser, and to show it: an operator sees a peer that many accuse, and a peer
//! that accuses many.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use protocol::id::PeerId;

/// Peers remembered as accused, and as accusers; the longest known make room for new ones.
pub const PEERS_MAX: usize = 1_024;
/// Others remembered for each of them: more make no difference to anybody's judgement.
pub const OTHERS_MAX: usize = 16;
/// Accused by so many, a peer is worth a look.
pub const SEVERAL: usize = 3;

/// The table.
#[derive(Debug, Default)]
pub struct Accusations {
    accused: Side,
    accusers: Side,
}

/// Peers, each with the others on the other side of an accusation; in the order in which they were first named.
#[derive(Debug, Default)]
struct Side(IndexMap<PeerId, BTreeSet<PeerId>>);

/// The table in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Peers accused by anybody.
    pub accused: usize,
    /// Peers accused by [`SEVERAL`] or more.
    pub by_several: usize,
    /// Peers that accused anybody.
    pub accusers: usize,
}

impl Accusations {
    /// One accusation; the same one again changes nothing.
    pub fn add(&mut self, accuser: PeerId, accused: PeerId) {
        self.accused.add(accused, accuser);
        self.accusers.add(accuser, accused);
    }

    /// In numbers.
    #[must_use]
    pub fn census(&self) -> Census {
        Census {
            accused: self.accused.0.len(),
            by_several: self.accused.0.values().filter(|by| by.len() >= SEVERAL).count(),
            accusers: self.accusers.0.len(),
        }
    }

    /// The most accused with the number of their accusers, most first.
    #[must_use]
    pub fn most_accused(&self, count: usize) -> Vec<(PeerId, usize)> {
        self.accused.most(count)
    }

    /// The most accusing with the number of those they accused, most first.
    #[must_use]
    pub fn most_accusing(&self, count: usize) -> Vec<(PeerId, usize)> {
        self.accusers.most(count)
    }
}

impl Side {
    fn add(&mut self, peer: PeerId, other: PeerId) {
        if self.0.len() >= PEERS_MAX && !self.0.contains_key(&peer) {
            self.0.shift_remove_index(0);
        }
        let others = self.0.entry(peer).or_default();
        if others.len() < OTHERS_MAX {
            others.insert(other);
        }
    }

    fn most(&self, count: usize) -> Vec<(PeerId, usize)> {
        let mut all: Vec<_> = self.0.iter().map(|(peer, others)| (*peer, others.len())).collect();
        all.sort_by_key(|(_, others)| core::cmp::Reverse(*others));
        all.truncate(count);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(name: usize) -> PeerId {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&name.to_be_bytes());
        PeerId(bytes)
    }

    #[test]
    fn one_who_repeats_himself_is_one_and_several_are_several() {
        let mut accusations = Accusations::default();
        for _ in 0..5 {
            accusations.add(peer(1), peer(9));
        }
        assert_eq!(accusations.census(), Census { accused: 1, by_several: 0, accusers: 1 });
        accusations.add(peer(2), peer(9));
        accusations.add(peer(3), peer(9));
        accusations.add(peer(3), peer(8));
        assert_eq!(accusations.census(), Census { accused: 2, by_several: 1, accusers: 3 });
        assert_eq!(accusations.most_accused(1), [(peer(9), 3)]);
        assert_eq!(accusations.most_accusing(1), [(peer(3), 2)]);
    }

    #[test]
    fn the_table_has_its_maximum_and_the_longest_known_makes_room() {
        let mut accusations = Accusations::default();
        (0..=PEERS_MAX).for_each(|name| accusations.add(peer(name), peer(name + 1)));
        assert_eq!(accusations.census().accused, PEERS_MAX);
        assert!(accusations.most_accused(PEERS_MAX).iter().all(|(accused, _)| *accused != peer(1)));
        (0..=OTHERS_MAX).for_each(|name| accusations.add(peer(name), peer(7_777)));
        assert_eq!(accusations.most_accused(1), [(peer(7_777), OTHERS_MAX)]);
    }
}
