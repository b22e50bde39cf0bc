//! The named maxima of the registry, and where each number comes from. Those of single messages are in
//! `protocol::limits`.

use protocol::time::Duration;

/// Peers of all swarms together: about 150 bytes each, so 150 MB at the very most.
pub const PEERS_MAX: usize = 1_000_000;
/// Peers that one connection speaks for. Clients pool one socket for all their swarms (p2p-media-loader: a swarm per
/// quality and audio track, each kept 30 s after it was left); 16 leaves them room, and bounds what one socket can fill.
pub const PEERS_PER_CONNECTION_MAX: usize = 16;
/// Twice the longest announce interval: one lost announce does not cost a viewer its place.
pub const PEER_LIFETIME: Duration = Duration::from_secs(240);
/// Every peer is looked at once in this time, so a silent one is gone at the latest this much after its lifetime.
pub const SWEEP_ROUND: Duration = Duration::from_secs(30);
/// Between two steps of the sweep: each step looks at a thirtieth of the peers, not at all of them at once.
pub const SWEEP_STEP: Duration = Duration::from_secs(1);
/// What a full tracker tells those it refuses, at least: the shortest announce interval.
pub const FULL_RETRY_S: u32 = 30;

/// When the `nth` of those that were refused is to come back, in seconds: they were many at once, and come back one after
/// another over twice that time.
#[must_use]
pub const fn retry_s(nth: u64) -> u32 {
    FULL_RETRY_S + (nth % (FULL_RETRY_S as u64 + 1)) as u32
}
