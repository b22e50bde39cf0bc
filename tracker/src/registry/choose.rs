//! Which peers of a swarm are handed the offers of an announce.
//!
//! Up to half of the offers go to peers of the sender's own place, where a link costs nobody's uplink. The rest, and all
//! where nobody is near, goes uniformly over the whole swarm: a random graph is what keeps a swarm in one piece, however
//! its places are laid out. The work grows with the number of offers only (Floyd's sampling: Bentley and Floyd, "A sample
//! of brilliance", CACM 30(9), 1987).

use protocol::id::PeerId;
use rand_core::Rng;

use super::io::ConnectionId;
use super::swarm::Swarm;

/// The connections of at most `wanted` distinct peers, none of them `sender`.
pub fn receivers(swarm: &Swarm, sender: PeerId, wanted: usize, random: &mut impl Rng) -> Vec<ConnectionId> {
    let mut chosen = near(swarm, sender, wanted / 2, random);
    let own = swarm.place_of(sender);
    // As many more as are chosen already, so that enough are left when those are met again.
    let drawn = sample_without(swarm.len(), own, wanted + chosen.len(), random);
    let drawn = drawn.into_iter().filter_map(|place| swarm.at(place)).map(|(peer_id, _)| peer_id);
    let mut far: Vec<PeerId> = drawn.filter(|peer_id| !chosen.contains(peer_id)).collect();
    while far.len() + chosen.len() > wanted {
        // Any of them, not the last: the sample is a random set, and its order is not random.
        far.swap_remove(below(far.len(), random));
    }
    chosen.append(&mut far);
    chosen.iter().filter_map(|peer_id| swarm.get(*peer_id)).map(|peer| peer.connection).collect()
}

/// At most `wanted` peers of the sender's place.
fn near(swarm: &Swarm, sender: PeerId, wanted: usize, random: &mut impl Rng) -> Vec<PeerId> {
    let place = swarm.get(sender).and_then(|peer| peer.place);
    let Some(here) = place.and_then(|place| swarm.near(place)) else { return Vec::new() };
    let places = sample_without(here.len(), here.get_index_of(&sender), wanted, random);
    places.into_iter().filter_map(|place| here.get_index(place)).copied().collect()
}

/// `wanted` distinct numbers below `total`, or all of them, none of them `without`.
fn sample_without(total: usize, without: Option<usize>, wanted: usize, random: &mut impl Rng) -> Vec<usize> {
    let others = total - usize::from(without.is_some());
    let skip = |place: usize| place + usize::from(without.is_some_and(|without| place >= without));
    sample(others, wanted, random).into_iter().map(skip).collect()
}

/// `wanted` distinct numbers below `total`, or all of them.
fn sample(total: usize, wanted: usize, random: &mut impl Rng) -> Vec<usize> {
    let wanted = wanted.min(total);
    let mut chosen = Vec::with_capacity(wanted);
    for top in total - wanted..total {
        let drawn = below(top + 1, random);
        chosen.push(if chosen.contains(&drawn) { top } else { drawn });
    }
    chosen
}

/// A number below `bound`, every one as likely as the other (Lemire, "Fast random integer generation in an interval",
/// TOMACS 29(1), 2019: multiply, and draw again in the short remainder).
fn below(bound: usize, random: &mut impl Rng) -> usize {
    let bound = u32::try_from(bound).unwrap_or(u32::MAX);
    let remainder = bound.wrapping_neg().checked_rem(bound).unwrap_or(0);
    loop {
        let product = u64::from(random.next_u32()) * u64::from(bound);
        if product & u64::from(u32::MAX) >= u64::from(remainder) {
            return (product >> 32) as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU64;
    use std::collections::BTreeSet;

    use super::super::io::Place;
    use super::super::swarm::Peer;
    use super::*;
    use protocol::time::Instant;
    use rand_core::SeedableRng;
    use rand_pcg::Pcg32;

    fn id(name: u16) -> PeerId {
        let mut bytes = [0; 20];
        bytes[..2].copy_from_slice(&name.to_be_bytes());
        PeerId(bytes)
    }

    fn swarm(size: u16) -> Swarm {
        let mut swarm = Swarm::default();
        for name in 0..size {
            let connection = ConnectionId(u64::from(name));
            swarm.upsert(
                id(name),
                Peer { connection, announced: Instant::ZERO, seeder: false, rendition: None, place: None },
            );
        }
        swarm
    }

    #[test]
    fn receivers_are_distinct_and_never_the_sender_in_swarms_of_every_small_size() {
        let mut random = Pcg32::seed_from_u64(1);
        for size in 0..30 {
            let swarm = swarm(size);
            for sender in 0..size + 1 {
                for wanted in [0, 1, 2, 5, 10] {
                    let mut chosen = receivers(&swarm, id(sender), wanted, &mut random);
                    let others = usize::from(size) - usize::from(sender < size);
                    assert_eq!(chosen.len(), wanted.min(others));
                    assert!(!chosen.contains(&ConnectionId(u64::from(sender))));
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
        let (size, wanted, rounds) = (21_u16, 5, 20_000_u32);
        let swarm = swarm(size);
        let mut counts = [0_u32; 21];
        for _ in 0..rounds {
            for connection in receivers(&swarm, id(7), wanted, &mut random) {
                counts[usize::try_from(connection.0).unwrap()] += 1;
            }
        }
        assert_eq!(counts[7], 0);
        // Binomial with mean 5,000 and deviation 61: five deviations.
        for (name, count) in counts.iter().enumerate().filter(|(name, _)| *name != 7) {
            assert!(count.abs_diff(5_000) < 306, "peer {name} was chosen {count} times of {rounds}");
        }
    }

    /// A swarm of 100, of whom every tenth is at the place of peer 0.
    fn swarm_with_neighbours() -> Swarm {
        let mut swarm = swarm(100);
        for name in (0..100).step_by(10) {
            let peer = *swarm.get(id(name)).unwrap();
            swarm.upsert(id(name), Peer { place: NonZeroU64::new(5).map(Place), ..peer });
        }
        swarm
    }

    #[test]
    fn half_of_the_offers_stay_near_and_the_others_reach_everybody() {
        let mut random = Pcg32::seed_from_u64(3);
        let swarm = swarm_with_neighbours();
        let (mut near, mut met) = (0, BTreeSet::new());
        for _ in 0..1_000 {
            let mut chosen = receivers(&swarm, id(0), 10, &mut random);
            chosen.sort_unstable();
            chosen.dedup();
            assert!(chosen.len() == 10 && !chosen.contains(&ConnectionId(0)));
            near += chosen.iter().filter(|connection| connection.0 % 10 == 0).count();
            met.extend(chosen);
        }
        // Five of ten by choice, and some of the five others by chance: 5 × 4 / 94.
        assert!((5_000..5_400).contains(&near), "{near}");
        assert_eq!(met.len(), 99);
    }

    #[test]
    fn who_is_near_to_nobody_is_as_well_served() {
        let mut random = Pcg32::seed_from_u64(4);
        let swarm = swarm_with_neighbours();
        for wanted in [1, 2, 10] {
            assert_eq!(receivers(&swarm, id(1), wanted, &mut random).len(), wanted);
        }
    }

    #[test]
    fn a_single_offer_goes_anywhere() {
        let mut random = Pcg32::seed_from_u64(5);
        let swarm = swarm_with_neighbours();
        let far = (0..1_000).filter(|_| receivers(&swarm, id(0), 1, &mut random)[0].0 % 10 != 0);
        assert!(far.count() > 850);
    }
}
