//! Which peers of a swarm are handed the offers of an announce.
//!
//! Uniform over all sets of the size asked for, without the sender: a random graph is what keeps a swarm in one piece.
//! The work grows with the number of offers only (Floyd's sampling: Bentley and Floyd, "A sample of brilliance",
//! CACM 30(9), 1987), and reads as many places as it gives receivers. Preferences (near first, those without links
//! first) belong here, before the uniform rest.

use protocol::id::PeerId;
use rand_core::Rng;

use super::io::ConnectionId;
use super::swarm::Swarm;

/// The connections of at most `wanted` distinct peers, none of them `sender`.
pub fn receivers(swarm: &Swarm, sender: PeerId, wanted: usize, random: &mut impl Rng) -> Vec<ConnectionId> {
    let sender_place = swarm.place_of(sender);
    let others = swarm.len() - usize::from(sender_place.is_some());
    let places = sample(others, wanted, random);
    let skip_sender = |place: usize| place + usize::from(sender_place.is_some_and(|sender| place >= sender));
    places
        .into_iter()
        .filter_map(|place| swarm.at(skip_sender(place)))
        .map(|(_, peer)| peer.connection)
        .collect()
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
                Peer { connection, announced: Instant::ZERO, seeder: false, rendition: None },
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
}
