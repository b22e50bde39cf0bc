//! Requests to neighbours: which holder is asked, and how long its answer is waited for.

use protocol::id::BlockKey;
use protocol::limits::BLOCK_BYTES;
use protocol::time::{Duration, Instant};

use crate::io::LinkId;
use crate::limits::{
    BLOCK_MS_UNKNOWN, DEADLINE_ANYHOW, REQUEST_TIME_MAX, REQUEST_TIME_MIN, REQUESTS_PER_LINK_MAX,
};
use crate::peer::Peer;
use crate::rng::Rng;

/// The supply of one block among the neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Supply {
    /// Neighbours that hold it and upload.
    pub(crate) holders: u8,
    /// One of them can be asked now.
    pub(crate) askable: bool,
    /// When the next one that cannot, can.
    pub(crate) askable_at: Instant,
}

/// Counts the holders of a block.
pub(crate) fn supply<'a>(peers: impl Iterator<Item = &'a Peer>, key: BlockKey, now: Instant) -> Supply {
    let mut supply = Supply { holders: 0, askable: false, askable_at: Instant::NEVER };
    for peer in peers.filter(|peer| peer.supplies(key)) {
        supply.holders = supply.holders.saturating_add(1);
        if is_askable(peer, now) {
            supply.askable = true;
        } else if peer.retry_at > now {
            supply.askable_at = supply.askable_at.min(peer.retry_at);
        }
    }
    supply
}

/// The holder to ask: of two drawn by lot the one with more spare budget for each block that it already has to send;
/// were it always the one with most, all would ask the same.
pub(crate) fn choose<'a>(
    peers: impl Iterator<Item = &'a Peer>,
    key: BlockKey,
    now: Instant,
    rng: &mut Rng,
) -> Option<LinkId> {
    let mut askable: Vec<(u64, LinkId)> = peers
        .filter(|peer| peer.supplies(key) && is_askable(peer, now))
        .map(|peer| (score(peer), peer.link))
        .collect();
    let first = draw(&mut askable, rng)?;
    Some(draw(&mut askable, rng).filter(|second| second.0 > first.0).unwrap_or(first).1)
}

/// How long the answer of this neighbour is waited for: three times what is expected; longer where there is time, since
/// a lost packet takes half a second to repair and the block would then come twice. Never past the moment at which the
/// block is bought anyhow: what a neighbour says of its pace must not save it from the fault.
pub(crate) fn patience(peer: &Peer, lead: Duration) -> Duration {
    let least = (lead / 3).clamp(REQUEST_TIME_MIN, REQUEST_TIME_MAX);
    let left = lead.saturating_sub(DEADLINE_ANYHOW).max(REQUEST_TIME_MIN);
    expected(peer).saturating_mul(3).clamp(least, REQUEST_TIME_MAX).min(left)
}

/// A queue of requests before this one, each as long as the neighbour's median.
fn expected(peer: &Peer) -> Duration {
    let uplink_kbit = peer.budget.map_or(0, |budget| budget.uplink_kbit);
    let by_uplink = (BLOCK_BYTES * 8).checked_div(uplink_kbit).unwrap_or(BLOCK_MS_UNKNOWN);
    let one_ms = match peer.block_ms() {
        0 => by_uplink,
        median => median.max((BLOCK_BYTES * 8).checked_div(uplink_kbit).unwrap_or(0)),
    };
    let before = u32::try_from(peer.asked.len()).unwrap_or(u32::MAX);
    Duration::from_millis(u64::from(one_ms)).saturating_mul(before.saturating_add(1))
}

fn is_askable(peer: &Peer, now: Instant) -> bool {
    peer.retry_at <= now && peer.asked.len() < REQUESTS_PER_LINK_MAX && spare_blocks(peer) > 0
}

/// Blocks that its budget allows; one while it has not told.
fn spare_blocks(peer: &Peer) -> u64 {
    let asked = u64::try_from(peer.asked.len()).unwrap_or(u64::MAX);
    let told = peer.budget.map_or(1, |budget| budget.spare_bytes / u64::from(BLOCK_BYTES));
    told.saturating_sub(asked)
}

fn score(peer: &Peer) -> u64 {
    let queued = peer.budget.map_or(0, |budget| u64::from(budget.queued)) + peer.asked.len() as u64;
    spare_blocks(peer) * 64 / (queued + 1)
}

fn draw(from: &mut Vec<(u64, LinkId)>, rng: &mut Rng) -> Option<(u64, LinkId)> {
    if from.is_empty() {
        return None;
    }
    let place = usize::try_from(rng.below(from.len() as u64)).unwrap_or(0);
    Some(from.swap_remove(place))
}

#[cfg(test)]
mod tests {
    use protocol::id::PeerId;
    use protocol::peer::{Budget, Hello};

    use super::*;

    fn holder(link: u32, spare_blocks: u64) -> Peer {
        let mut peer = Peer::new(LinkId(link), PeerId([1; 20]), Instant::ZERO);
        peer.hello = Some(Hello { version: 1, peer: peer.id, serves: true, super_peer: false, weight: 1 });
        let spare_bytes = spare_blocks * u64::from(BLOCK_BYTES);
        peer.budget = Some(Budget { spare_bytes, uplink_kbit: 0, queued: 0 });
        peer.holdings.add(BlockKey::default());
        peer
    }

    #[test]
    fn the_holder_with_more_budget_is_asked() {
        let peers = [holder(1, 2), holder(2, 9)];
        let mut rng = Rng::new(1);
        for _ in 0..20 {
            let chosen = choose(peers.iter(), BlockKey::default(), Instant::ZERO, &mut rng);
            assert_eq!(chosen, Some(LinkId(2)));
        }
    }

    #[test]
    fn a_holder_without_budget_counts_as_supply_but_is_not_asked() {
        let peers = [holder(1, 0)];
        let supply = supply(peers.iter(), BlockKey::default(), Instant::ZERO);
        assert_eq!(supply, Supply { holders: 1, askable: false, askable_at: Instant::NEVER });
    }

    #[test]
    fn a_neighbour_has_only_so_many_requests_open() {
        let mut peers = [holder(1, 9)];
        for _ in 0..REQUESTS_PER_LINK_MAX {
            assert!(supply(peers.iter(), BlockKey::default(), Instant::ZERO).askable);
            peers[0].ask(BlockKey::default(), Instant::ZERO);
        }
        assert!(!supply(peers.iter(), BlockKey::default(), Instant::ZERO).askable);
    }

    #[test]
    fn patience_follows_the_neighbours_pace_within_its_bounds() {
        let mut peer = holder(1, 9);
        let patience = |peer: &Peer, lead_ms| patience(peer, Duration::from_millis(lead_ms)).as_millis();
        peer.took(Duration::from_millis(5));
        assert_eq!(patience(&peer, 0), REQUEST_TIME_MIN.as_millis());
        assert_eq!(patience(&peer, 3_000), 1_000);
        peer.took(Duration::from_millis(400));
        assert_eq!(patience(&peer, 3_000), 1_200);
        peer.took(Duration::from_millis(5_000));
        peer.took(Duration::from_millis(5_000));
        assert_eq!(patience(&peer, 60_000), REQUEST_TIME_MAX.as_millis());
    }

    #[test]
    fn patience_ends_when_the_block_is_bought_whatever_uplink_a_neighbour_names() {
        let mut peer = holder(1, 9);
        peer.budget = Some(Budget { spare_bytes: u64::MAX, uplink_kbit: 1, queued: 0 });
        let lead = Duration::from_millis(3_000);
        assert_eq!(patience(&peer, lead), lead.saturating_sub(DEADLINE_ANYHOW));
        assert_eq!(patience(&peer, Duration::from_secs(600)), REQUEST_TIME_MAX);
    }
}
