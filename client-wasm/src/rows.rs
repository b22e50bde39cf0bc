//! Reports as flat rows of doubles: nothing is allocated per field, and nothing is named twice on the wire.
//!
//! The column names below are the contract with `npm/src/internal/rows.ts`; a test there reads this file.
//! A peer id takes four columns of 5 bytes each, big-endian: 40 bits are exact in a double.

use protocol::id::PeerId;
use swarm::report::{BlockView, PeerView, Stats};

use crate::convert::millis;

/// stats: originBytes peerBytes superPeerBytes uploadBytes duplicateBytes lateBytes badBytes originBlocks peerBlocks
/// deadlineBlocks messagesSent messagesReceived segmentsReady segmentsGivenUp peersBanned links swarmSize
pub(crate) fn stats(stats: &Stats) -> Vec<f64> {
    vec![
        stats.origin_bytes as f64,
        stats.peer_bytes as f64,
        stats.super_peer_bytes as f64,
        stats.upload_bytes as f64,
        stats.duplicate_bytes as f64,
        stats.late_bytes as f64,
        stats.bad_bytes as f64,
        stats.origin_blocks as f64,
        stats.peer_blocks as f64,
        stats.deadline_blocks as f64,
        stats.messages_sent as f64,
        stats.messages_received as f64,
        stats.segments_ready as f64,
        stats.segments_given_up as f64,
        stats.peers_banned as f64,
        f64::from(stats.links),
        f64::from(stats.swarm_size),
    ]
}

/// peer: link peer0 peer1 peer2 peer3 receivedBytes sentBytes blockMs requests superPeer
pub(crate) fn peers(peers: impl Iterator<Item = PeerView>) -> Vec<f64> {
    let mut rows = Vec::new();
    for peer in peers {
        rows.push(peer.link.0.into());
        rows.extend_from_slice(&id(Some(peer.peer)));
        rows.extend_from_slice(&[
            peer.received_bytes as f64,
            peer.sent_bytes as f64,
            f64::from(peer.block_ms),
            f64::from(peer.requests),
            f64::from(u8::from(peer.super_peer)),
        ]);
    }
    rows
}

/// block: rendition segment block bytes status supply demand reason hasFrom from0 from1 from2 from3 seenMs doneMs
///
/// `doneMs` is infinite while the block is not verified.
pub(crate) fn blocks(blocks: impl Iterator<Item = BlockView>) -> Vec<f64> {
    let mut rows = Vec::new();
    for view in blocks {
        let key = view.block.segment;
        rows.extend_from_slice(&[
            f64::from(key.rendition.0),
            key.segment.0 as f64,
            f64::from(view.block.block.0),
            f64::from(view.bytes),
            f64::from(view.status as u8),
            f64::from(view.supply),
            f64::from(view.demand),
            f64::from(view.reason as u8),
            f64::from(u8::from(view.from.is_some())),
        ]);
        rows.extend_from_slice(&id(view.from));
        rows.extend_from_slice(&[millis(view.seen), view.done.map_or(f64::INFINITY, millis)]);
    }
    rows
}

fn id(peer: Option<PeerId>) -> [f64; 4] {
    let PeerId(bytes) = peer.unwrap_or(PeerId([0; 20]));
    let (fifths, _) = bytes.as_chunks::<5>();
    let mut columns = [0.0; 4];
    for (column, fifth) in columns.iter_mut().zip(fifths) {
        *column = fifth.iter().fold(0.0, |sum, byte| sum * 256.0 + f64::from(*byte));
    }
    columns
}
