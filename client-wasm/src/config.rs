//! What the page tells the engine at its start.

use protocol::id::KeyId;
use swarm::io::{Config, Links};

use crate::convert::{Numbers, info_hash, peer_id};

/// Bytes of the seed, the peer's id and the swarm's id, in this order before the stream's name.
const SEED: usize = 8;
const ID: usize = 20;

/// The configuration of `bytes`: seed (8), peer id (20), swarm (20), stream name (the rest, UTF-8); and of `numbers`: target
/// duration in ms, trackers, upload (0 or 1), links to aim at, links at most, cache bytes at most, then key ids.
/// `None` where the bytes are too few or the name is no text.
pub(crate) fn parse(numbers: &[f64], bytes: &[u8]) -> Option<Config> {
    let (seed, rest) = bytes.split_at_checked(SEED)?;
    let (peer, rest) = rest.split_at_checked(ID)?;
    let (swarm, stream) = rest.split_at_checked(ID)?;
    let fields = Numbers(numbers);
    Some(Config {
        seed: u64::from_le_bytes(seed.try_into().ok()?),
        peer_id: peer_id(peer)?,
        info_hash: info_hash(swarm)?,
        stream: protocol::pack::text(stream)?.to_owned(),
        keys: numbers.get(6..)?.iter().map(|id| KeyId(*id as u32)).collect(),
        target_duration_ms: fields.u32(0),
        trackers: fields.u32(1) as u8,
        p2p: true,
        upload: fields.flag(2),
        super_peer: false,
        links: Links { aim: fields.u32(3) as u16, max: fields.u32(4) as u16 },
        cache_bytes_max: fields.u64(5),
    })
}
