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
/// Newcomers per second by default: connecting and announcing costs about 45 µs of CPU, so half a core.
pub const JOINS_PER_S: u32 = 10_000;
/// The longest that a newcomer is told to wait for its turn.
pub const JOIN_WAIT_MAX: Duration = Duration::from_secs(60);
/// Offers handed to a viewer that lacks links before it no longer counts as lacking, until it announces again: what one
/// announce may offer itself, and of those some are never answered.
pub const OFFERS_HANDED_MAX: u8 = 10;
/// Session descriptions of one viewer that are looked at for its NAT: all of a network show the same, but the first may have
/// been made before its page was lent servers.
pub const DESCRIPTIONS_MAX: u8 = 8;
/// A connection whose peer id another one claims has so long to show that it lives, by default. A mobile link that is busy
/// answers a ping in one or two seconds.
pub const PROBE: Duration = Duration::from_secs(5);
/// What a full tracker tells those it refuses, at least: the shortest announce interval.
pub const FULL_RETRY_S: u32 = 30;

/// When the `nth` of those that were refused is to come back, in seconds: they were many at once, and come back one after
/// another over twice that time.
#[must_use]
pub const fn retry_s(nth: u64) -> u32 {
    FULL_RETRY_S + (nth % (FULL_RETRY_S as u64 + 1)) as u32
}
