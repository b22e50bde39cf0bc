//! The public die: what a viewer rolls for a block, which its neighbours can compute too (rule 4).
//!
//! Integers only, so that every machine rolls the same. The draws of one viewer for one block are independent; the
//! lowest counts, and a heavier viewer has more of them.

use protocol::id::{BlockKey, PeerId};
use protocol::peer::WEIGHT_MAX;

use crate::rng::mix;

/// What `peer` with this weight rolls for a block, lowest first; with no weight it rolls nothing.
pub(crate) fn roll(peer: &PeerId, key: BlockKey, weight: u8) -> Option<u32> {
    let mut seed = mix(key.segment.segment.0 ^ (u64::from(key.segment.rendition.0) << 56));
    seed = mix(seed ^ u64::from(key.block.0));
    for chunk in peer.0.chunks(8) {
        let word = chunk.iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        seed = mix(seed ^ word);
    }
    // The upper half of 64 mixed bits.
    let draw =
        |number: u8| u32::try_from(mix(seed.wrapping_add(u64::from(number))) >> 32).unwrap_or(u32::MAX);
    (0..weight.min(WEIGHT_MAX)).map(draw).min()
}

#[cfg(test)]
mod tests {
    use protocol::id::{Block, Rendition, Segment, SegmentKey};

    use super::*;

    fn key(segment: u64, block: u16) -> BlockKey {
        BlockKey::new(SegmentKey::new(Rendition(0), Segment(segment)), Block(block))
    }

    /// How often each of the weights rolls lowest in 8,000 blocks.
    fn turns(weights: &[u8]) -> Vec<u32> {
        let mut turns = vec![0; weights.len()];
        for number in 0..8_000 {
            let rolled = weights.iter().zip(0..).filter_map(|(weight, peer)| {
                roll(&PeerId([peer; 20]), key(number / 4, (number % 4) as u16), *weight)
                    .map(|die| (die, peer))
            });
            let (_, lowest) = rolled.min().expect("somebody has weight");
            turns[usize::from(lowest)] += 1;
        }
        turns
    }

    #[test]
    fn equal_viewers_get_equal_turns() {
        for share in turns(&[2; 8]) {
            assert!((900..1_100).contains(&share), "{share} of 8,000 among eight");
        }
    }

    #[test]
    fn turns_go_by_weight_and_no_weight_gets_none() {
        let turns = turns(&[0, 1, 3]);
        assert_eq!(turns[0], 0);
        assert!((1_850..2_150).contains(&turns[1]), "{} of 8,000 for a quarter of the weight", turns[1]);
    }

    #[test]
    fn a_die_is_the_same_everywhere() {
        let die = roll(&PeerId([7; 20]), key(41, 2), 2);
        assert_eq!(die, Some(2_974_391_806), "a change here splits the swarm: raise the protocol's version");
    }
}
