//! The public die: what a viewer rolls for a block, which its neighbours can compute too (`docs/spec/peer.md`).
//!
//! Integers only, so that every machine rolls the same. The draws of one viewer for one block are independent; the
//! lowest counts, and a heavier viewer has more of them.

use protocol::id::{BlockKey, PeerId};
use protocol::peer::WEIGHT_MAX;

use crate::rng::Rng;

/// FNV-1a, 64 bits.
const FNV_START: u64 = 0xCBF2_9CE4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01B3;

/// What `peer` with this weight rolls for a block, lowest first; with no weight it rolls nothing.
pub(crate) fn roll(peer: &PeerId, key: BlockKey, weight: u8) -> Option<u32> {
    let mut seed = fnv(FNV_START, &peer.0);
    seed = fnv(seed, &[key.segment.rendition.0]);
    seed = fnv(seed, &key.segment.segment.0.to_be_bytes());
    seed = fnv(seed, &key.block.0.to_be_bytes());
    let mut draws = Rng::new(seed);
    let lowest = (0..weight.min(WEIGHT_MAX)).map(|_| draws.next()).min()?;
    u32::try_from(lowest >> 32).ok()
}

fn fnv(state: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(state, |state, byte| (state ^ u64::from(*byte)).wrapping_mul(FNV_PRIME))
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
    fn the_specifications_rows_are_rolled() {
        let counted = PeerId(core::array::from_fn(|place| u8::try_from(place).unwrap_or(0)));
        assert_eq!(roll(&PeerId([0; 20]), key(0, 0), 1), Some(0x66BF_C817));
        assert_eq!(roll(&counted, key(813, 0), 1), Some(0x4710_1ECF));
        assert_eq!(roll(&counted, key(814, 0), 4), Some(0x141B_A2BB));
    }
}
