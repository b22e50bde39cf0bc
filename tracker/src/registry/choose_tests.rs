//! The choice of receivers: fair, near, mended where links lack, in one piece, and as cheap in a large swarm as in a small
//! one.

use core::num::{NonZeroU32, NonZeroU64};
use std::collections::BTreeSet;

use protocol::time::Instant;
use rand_core::{SeedableRng, TryRng};
use rand_pcg::Pcg32;

use super::super::io::ConnectionId;
use super::super::limits::OFFERS_HANDED_MAX;
use super::super::place::{Address, Network, Place, Region};
use super::*;

const NOW: Instant = Instant::ZERO;

fn id(name: u32) -> PeerId {
    let mut bytes = [0; 20];
    bytes[..4].copy_from_slice(&name.to_be_bytes());
    PeerId(bytes)
}

fn peer(name: u32) -> Peer {
    Peer {
        connection: ConnectionId(u64::from(name)),
        announced: Instant::ZERO,
        seeder: false,
        lacks_links: false,
        rendition: None,
        nat: Nat::Unknown,
        place: Place::default(),
    }
}

/// Peers in the order of their names, so that a peer's name is its slot.
fn swarm(size: u32, peer_of: impl Fn(u32) -> Peer) -> Swarm {
    let mut swarm = Swarm::default();
    (0..size).for_each(|name| swarm.upsert(id(name), peer_of(name)));
    swarm
}

fn at_address(address: u64) -> Place {
    Place { address: NonZeroU64::new(address).map(Address), ..Place::default() }
}

#[test]
fn receivers_are_distinct_and_never_the_sender_in_swarms_of_every_small_size() {
    let mut random = Pcg32::seed_from_u64(1);
    for size in 0..30 {
        // Some lack links, some are near each other, some watch another rendition: nobody is left out for it.
        let swarm = swarm(size, |name| Peer {
            lacks_links: name % 3 == 0,
            rendition: Some(u8::from(name % 2 == 0)),
            place: at_address(u64::from(name % 5)),
            ..peer(name)
        });
        for sender in 0..size + 1 {
            for wanted in [0, 1, 2, 5, 10] {
                let mut chosen = receivers(&swarm, id(sender), wanted, NOW, &mut random);
                let others = (size - u32::from(sender < size)) as usize;
                assert_eq!(chosen.len(), wanted.min(others), "{size} {sender} {wanted}");
                assert!(!chosen.contains(&(sender as usize)));
                chosen.sort_unstable();
                chosen.dedup();
                assert_eq!(chosen.len(), wanted.min(others));
            }
        }
    }
}

#[test]
fn every_other_peer_is_chosen_equally_often() {
    let mut random = Pcg32::seed_from_u64(2);
    let (wanted, rounds) = (5, 20_000_u32);
    let swarm = swarm(21, peer);
    let mut counts = [0_u32; 21];
    for _ in 0..rounds {
        receivers(&swarm, id(7), wanted, NOW, &mut random).into_iter().for_each(|slot| counts[slot] += 1);
    }
    assert_eq!(counts[7], 0);
    // Binomial with mean 5,000 and deviation 61: five deviations.
    for (name, count) in counts.iter().enumerate().filter(|(name, _)| *name != 7) {
        assert!(count.abs_diff(5_000) < 306, "peer {name} was chosen {count} times of {rounds}");
    }
}

#[test]
fn half_of_the_offers_stay_near_and_the_others_reach_everybody() {
    let mut random = Pcg32::seed_from_u64(3);
    let swarm = swarm(100, |name| Peer { place: at_address(u64::from(name % 10 == 0) * 5), ..peer(name) });
    let (mut near, mut met) = (0, BTreeSet::new());
    for _ in 0..1_000 {
        let chosen = receivers(&swarm, id(0), 10, NOW, &mut random);
        near += chosen.iter().filter(|slot| *slot % 10 == 0).count();
        met.extend(chosen);
    }
    // Five of ten by choice, and some of the five others by chance: 5 × 4 / 94.
    assert!((5_000..5_400).contains(&near), "{near}");
    assert_eq!(met.len(), 99);
}

#[test]
fn the_nearest_come_first_and_who_is_near_to_nobody_is_as_well_served() {
    let mut random = Pcg32::seed_from_u64(4);
    let network = |number| NonZeroU32::new(number).map(Network);
    // Peer 0 shares its address with 1, its network with 2 and 3, its region with 4 to 9; 10 to 99 are anywhere.
    let place = |name| match name {
        0..=1 => Place { network: network(7), region: Region::parse("DE"), ..at_address(1) },
        2..=3 => Place { network: network(7), region: Region::parse("DE"), ..at_address(u64::from(name)) },
        4..=9 => Place { network: network(8), region: Region::parse("DE"), ..Place::default() },
        _ => Place::default(),
    };
    let swarm = swarm(100, |name| Peer { place: place(name), ..peer(name) });
    for _ in 0..100 {
        let chosen = receivers(&swarm, id(0), 10, NOW, &mut random);
        assert_eq!(chosen[0], 1, "{chosen:?}");
        assert!([2, 3].iter().all(|slot| chosen[1..3].contains(slot)), "{chosen:?}");
        assert!(chosen[3..5].iter().all(|slot| (4..10).contains(slot)), "{chosen:?}");
        assert_eq!(receivers(&swarm, id(50), 10, NOW, &mut random).len(), 10);
    }
}

#[test]
fn a_single_offer_goes_anywhere() {
    let mut random = Pcg32::seed_from_u64(5);
    let swarm = swarm(100, |name| Peer { place: at_address(u64::from(name % 10 == 0)), ..peer(name) });
    let far = (0..1_000).filter(|_| receivers(&swarm, id(0), 1, NOW, &mut random)[0] % 10 != 0);
    assert!(far.count() > 850);
}

#[test]
fn those_who_lack_links_come_first_until_they_have_been_handed_enough() {
    let mut random = Pcg32::seed_from_u64(6);
    let mut swarm = swarm(10_000, |name| Peer { lacks_links: name == 77, ..peer(name) });
    for handed in 0..OFFERS_HANDED_MAX {
        let chosen = receivers(&swarm, id(0), 5, NOW, &mut random);
        assert!(chosen.contains(&77), "{handed}: {chosen:?}");
        swarm.hand(77);
    }
    let again = (0..100).filter(|_| receivers(&swarm, id(0), 5, NOW, &mut random).contains(&77));
    assert!(again.count() < 5);
}

#[test]
fn two_symmetric_nats_meet_only_behind_the_same_one() {
    let mut random = Pcg32::seed_from_u64(7);
    // Of four peers three are symmetric; 1 to 3 are behind one router.
    let swarm = swarm(1_000, |name| Peer {
        nat: if name % 4 == 0 { Nat::Open } else { Nat::Symmetric },
        place: at_address(u64::from((1..4).contains(&name))),
        lacks_links: name % 2 == 0,
        ..peer(name)
    });
    for _ in 0..200 {
        let chosen = receivers(&swarm, id(1), 10, NOW, &mut random);
        assert_eq!(chosen.len(), 10);
        assert!(chosen.iter().all(|slot| slot % 4 == 0 || [2, 3].contains(slot)), "{chosen:?}");
        assert!(chosen.contains(&2) && chosen.contains(&3));
        let open = receivers(&swarm, id(4), 10, NOW, &mut random);
        assert!(open.len() == 10 && open.iter().any(|slot| slot % 4 != 0));
    }
}

#[test]
fn most_introductions_are_to_the_same_rendition_and_some_are_not() {
    let mut random = Pcg32::seed_from_u64(8);
    let swarm = swarm(1_000, |name| Peer { rendition: Some(u8::from(name % 2 == 0)), ..peer(name) });
    let chosen = (0..1_000).flat_map(|_| receivers(&swarm, id(0), 10, NOW, &mut random)).collect::<Vec<_>>();
    let alike = chosen.iter().filter(|slot| *slot % 2 == 0).count();
    // Twice as many are drawn as are chosen: nearly all of ten could be alike.
    assert!((8_000..9_900).contains(&alike), "{alike}");
}

/// Every viewer is near to a few only, and renditions and NATs divide them further: the swarm must hold together.
#[test]
fn a_swarm_of_thousands_is_one_piece_whatever_its_places() {
    for seed in 0..5 {
        let mut random = Pcg32::seed_from_u64(seed);
        let mut swarm = Swarm::default();
        let (mut graph, mut near_only) = (Pieces::of(4_000), Pieces::of(4_000));
        for name in 0..4_000 {
            // 40 networks of 100 viewers, each in a region of its own; two of them have nothing but symmetric NATs.
            let network = name % 40 + 1;
            let place = Place {
                network: NonZeroU32::new(network).map(Network),
                region: Region::parse(&format!("R{network}")),
                ..at_address(u64::from(name / 2 + 1))
            };
            let nat = if network > 38 { Nat::Symmetric } else { Nat::Unknown };
            let rendition = Some(u8::try_from(network % 3).unwrap());
            swarm.upsert(id(name), Peer { place, nat, rendition, lacks_links: true, ..peer(name) });
            for slot in receivers(&swarm, id(name), 5, NOW, &mut random) {
                swarm.hand(slot);
                graph.join(name as usize, slot);
                if slot % 40 == name as usize % 40 {
                    near_only.join(name as usize, slot);
                }
            }
        }
        assert_eq!(graph.count(), 1, "seed {seed}");
        // The far share is what does it: without, each network would be a piece of its own.
        assert!(near_only.count() >= 40, "seed {seed}");
    }
}

#[test]
fn a_choice_in_a_swarm_of_a_hundred_thousand_draws_no_more_lots_than_in_one_of_a_thousand() {
    let drawn = |size| {
        let swarm = swarm(size, |name| Peer {
            place: Place { region: Region::parse("DE"), ..at_address(u64::from(name % 3)) },
            lacks_links: true,
            ..peer(name)
        });
        let mut random = Counting(Pcg32::seed_from_u64(9), 0);
        (0..100).for_each(|sender| drop(receivers(&swarm, id(sender), 10, NOW, &mut random)));
        random.1
    };
    let (small, large) = (drawn(1_000), drawn(100_000));
    assert!(large <= small + small / 10, "{small} {large}");
}

/// Counts its draws.
struct Counting(Pcg32, u64);

impl TryRng for Counting {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.1 += 1;
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.try_fill_bytes(bytes)
    }
}

/// Connected pieces of a graph, by union and find.
struct Pieces(Vec<usize>);

impl Pieces {
    fn of(size: usize) -> Self {
        Self((0..size).collect())
    }

    fn root(&mut self, mut node: usize) -> usize {
        while self.0[node] != node {
            self.0[node] = self.0[self.0[node]];
            node = self.0[node];
        }
        node
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one] = other;
    }

    fn count(&mut self) -> usize {
        (0..self.0.len()).filter(|node| self.0[*node] == *node).count()
    }
}
