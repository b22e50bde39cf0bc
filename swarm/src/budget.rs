//! The budget: what a viewer may upload, which is what it has downloaded and verified, less what it has sent.
//!
//! **Invariant:** sent ≤ downloaded, always, unless the peer belongs to the operator.

use protocol::limits::BLOCK_BYTES;

use crate::limits::UNFAIR_RESERVE;

/// The account of one viewer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    downloaded: u64,
    sent: u64,
    exempt: bool,
    /// What neighbours were last told.
    told: Option<u64>,
}

impl Budget {
    pub(crate) const fn new(exempt: bool) -> Self {
        Self { downloaded: 0, sent: 0, exempt, told: None }
    }

    /// Verified bytes came in.
    pub(crate) const fn earn(&mut self, bytes: u64) {
        self.downloaded += bytes;
    }

    /// Bytes that may be sent now.
    pub(crate) const fn spare(&self) -> u64 {
        if self.exempt { SPARE_EXEMPT } else { self.downloaded.saturating_sub(self.sent) }
    }

    /// A block of so many bytes may be promised; one who only takes gets nothing of the reserve.
    pub(crate) const fn allows(&self, bytes: u32, unfair: bool) -> bool {
        self.spare() >= bytes as u64 + if unfair { UNFAIR_RESERVE } else { 0 }
    }

    /// Takes the bytes of one block out of the budget; false where they are not in it.
    pub(crate) fn spend(&mut self, bytes: u64) -> bool {
        if bytes > self.spare() {
            return false;
        }
        self.sent += bytes;
        debug_assert!(self.exempt || self.sent <= self.downloaded, "upload must never exceed download");
        true
    }

    /// The spare bytes differ enough from what neighbours were told: by more than a block and by a quarter, or
    /// between enough for one block and not.
    pub(crate) fn is_news(&self) -> bool {
        let spare = self.spare();
        self.told.is_none_or(|told| {
            let block = u64::from(BLOCK_BYTES);
            let moved = told.abs_diff(spare);
            // At the bound, where most viewers of a large swarm live, every block in and out would be news.
            let spent = told >= block && spare < block;
            let earned = told < block && spare >= block * EARNED_BLOCKS;
            spent || earned || (moved > block * EARNED_BLOCKS && moved > told / 4)
        })
    }

    /// The spare bytes, now told.
    pub(crate) const fn tell(&mut self) -> u64 {
        self.told = Some(self.spare());
        self.spare()
    }
}

/// Blocks that a spent budget has to earn before it is worth telling.
const EARNED_BLOCKS: u64 = 2;

/// What an operator's peer says that it could still upload: more than any viewer, and no overflow in anybody's sum.
const SPARE_EXEMPT: u64 = 1 << 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_downloaded_can_be_sent_once_and_not_a_byte_more() {
        let mut budget = Budget::new(false);
        assert!(!budget.spend(1));
        budget.earn(100);
        assert!(budget.spend(60));
        assert!(!budget.spend(41));
        assert!(budget.spend(40));
        assert_eq!(budget.spare(), 0);
    }

    #[test]
    fn an_operators_peer_sends_what_it_likes() {
        let mut budget = Budget::new(true);
        assert!(budget.spend(1 << 30));
    }

    #[test]
    fn takers_get_nothing_of_the_reserve_and_others_all_of_it() {
        let mut budget = Budget::new(false);
        budget.earn(u64::from(BLOCK_BYTES) - 1);
        assert!(!budget.allows(BLOCK_BYTES, false));
        budget.earn(1);
        assert!(budget.allows(BLOCK_BYTES, false) && !budget.allows(BLOCK_BYTES, true));
        budget.earn(UNFAIR_RESERVE - 1);
        assert!(!budget.allows(BLOCK_BYTES, true), "a byte short of the reserve and a block");
        budget.earn(1);
        assert!(budget.allows(BLOCK_BYTES, true));
        assert!(budget.spend(BLOCK_BYTES.into()) && budget.spare() == UNFAIR_RESERVE, "the reserve is left");
        assert!(!budget.allows(BLOCK_BYTES, true) && budget.allows(BLOCK_BYTES, false));
    }

    #[test]
    fn only_a_change_that_matters_is_news() {
        let block = u64::from(BLOCK_BYTES);
        let mut budget = Budget::new(false);
        budget.earn(20 * block);
        assert!(budget.is_news());
        assert_eq!(budget.tell(), 20 * block);
        budget.earn(block);
        assert!(!budget.is_news());
        budget.earn(5 * block);
        assert!(budget.is_news());
    }
}
