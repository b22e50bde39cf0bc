//! Early purchases: when uplinks are the limit, waiting only moves the purchase to the deadline (rule 5).

use crate::limits::{EARLY_PERMILLE_MIN, EARLY_SEGMENTS_FREE};
use crate::rng::Rng;

/// How ready this viewer is to buy at first sight.
#[derive(Debug, Default)]
pub(crate) struct Early {
    /// The probability, in thousandths.
    permille: u32,
    segments: u32,
}

impl Early {
    /// Whether to buy a block at first sight; made once for each block.
    pub(crate) fn roll(&self, rng: &mut Rng) -> bool {
        self.permille >= EARLY_PERMILLE_MIN && rng.below(1_000) < u64::from(self.permille)
    }

    /// The viewer has turned to another rendition: what it needs first is late for another reason than short uplinks.
    pub(crate) const fn turn(&mut self) {
        self.segments = 0;
    }

    /// A segment is whole: e ← 0.95 e + 0.3 × the share of its blocks that the deadline drove to the origin.
    pub(crate) fn learn(&mut self, fallbacks: u16, blocks: usize) {
        self.segments = self.segments.saturating_add(1);
        let blocks = u32::try_from(blocks).unwrap_or(u32::MAX);
        if self.segments > EARLY_SEGMENTS_FREE && blocks > 0 {
            let share = u32::from(fallbacks).saturating_mul(1_000) / blocks;
            self.permille = (self.permille * 95 / 100 + share * 3 / 10).min(1_000);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fallbacks_make_a_viewer_buy_early_and_their_absence_lets_it_forget() {
        let (mut early, mut rng) = (Early::default(), Rng::new(1));
        (0..EARLY_SEGMENTS_FREE).for_each(|_| early.learn(4, 4));
        assert_eq!(early.permille, 0, "the first segments after joining do not count");
        assert!(!early.roll(&mut rng));
        early.learn(2, 4);
        assert_eq!(early.permille, 150);
        early.learn(4, 4);
        assert_eq!(early.permille, 442);
        (0..100).for_each(|_| early.learn(4, 4));
        assert_eq!(early.permille, 1_000);
        assert!(early.roll(&mut rng));
        (0..100).for_each(|_| early.learn(0, 4));
        assert!(early.permille < 20);
    }

    #[test]
    fn a_block_late_now_and_then_makes_nobody_buy_early() {
        let mut rng = Rng::new(1);
        let mut rolls = |permille| {
            let early = Early { permille, segments: EARLY_SEGMENTS_FREE };
            (0..1_000).any(|_| early.roll(&mut rng))
        };
        assert!(!rolls(EARLY_PERMILLE_MIN - 1));
        assert!(rolls(EARLY_PERMILLE_MIN));
    }

    #[test]
    fn after_a_turn_to_another_rendition_the_first_segments_do_not_count_either() {
        let mut early = Early::default();
        (0..EARLY_SEGMENTS_FREE).for_each(|_| early.learn(0, 4));
        early.turn();
        (0..EARLY_SEGMENTS_FREE).for_each(|_| early.learn(4, 4));
        assert_eq!(early.permille, 0);
        early.learn(4, 4);
        assert_eq!(early.permille, 300);
    }
}
