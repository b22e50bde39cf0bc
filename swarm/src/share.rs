//! A viewer's share of the purchases: the dice are fair in the long run, this makes them so in a minute.

use crate::limits::{SHARE_BLOCKS, SHARE_EXCESS};
use crate::report::Reason;

/// What was bought for everybody, of the last blocks.
#[derive(Debug, Default)]
pub(crate) struct Share {
    bought: u32,
    blocks: u32,
    heavy: bool,
}

impl Share {
    /// A block was bought; only what the dice decided counts.
    pub(crate) const fn bought(&mut self, reason: Reason) {
        if matches!(reason, Reason::DieLowest | Reason::DieRound | Reason::Ahead) {
            self.bought += 1;
        }
    }

    /// A block arrived, from wherever.
    pub(crate) const fn arrived(&mut self) {
        self.blocks += 1;
        if self.blocks >= 2 * SHARE_BLOCKS {
            self.blocks /= 2;
            self.bought /= 2;
        }
    }

    /// This viewer has bought more than its share among so many, and not fallen back to it since.
    pub(crate) fn is_heavy(&mut self, viewers: usize) -> bool {
        let fair = self.blocks / u32::try_from(viewers).unwrap_or(u32::MAX).max(1);
        let bound = if self.heavy { fair } else { fair + fair / 4 + SHARE_EXCESS };
        self.heavy = self.bought > bound;
        self.heavy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_is_heavy_until_it_is_back_at_its_share() {
        let mut share = Share::default();
        (0..40).for_each(|_| share.arrived());
        (0..14).for_each(|_| share.bought(Reason::Ahead));
        assert!(!share.is_heavy(4), "10 would be fair, 14 is luck");
        share.bought(Reason::Deadline);
        assert!(!share.is_heavy(4), "a deadline is no turn");
        share.bought(Reason::DieLowest);
        assert!(share.is_heavy(4));
        (0..16).for_each(|_| share.arrived());
        assert!(share.is_heavy(4), "14 would be fair");
        (0..4).for_each(|_| share.arrived());
        assert!(!share.is_heavy(4));
    }
}
