//! What the engine tells of itself: totals, neighbours, and for each block of the window its status, source and reason.

use protocol::id::{BlockKey, PeerId};
use protocol::time::Instant;

use crate::io::LinkId;

/// Totals since the start, in bytes of block bodies unless said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Verified, from the origin.
    pub origin_bytes: u64,
    /// Verified, from viewers.
    pub peer_bytes: u64,
    /// Verified, from super-peers.
    pub super_peer_bytes: u64,
    /// Sent to viewers. Never more than the three above together (unless this is a super-peer).
    pub upload_bytes: u64,
    /// Arrived and not used: duplicates.
    pub duplicate_bytes: u64,
    /// Arrived and not used: after the answer was given up.
    pub late_bytes: u64,
    /// Arrived and refuted by the list.
    pub bad_bytes: u64,
    /// Blocks from the origin.
    pub origin_blocks: u64,
    /// Blocks from viewers and super-peers.
    pub peer_blocks: u64,
    /// Blocks bought from the origin because their deadline was near.
    pub deadline_blocks: u64,
    /// Messages sent, data included.
    pub messages_sent: u64,
    /// Messages received, data included.
    pub messages_received: u64,
    /// Segments handed to the player.
    pub segments_ready: u64,
    /// Segments given up to plain HLS.
    pub segments_given_up: u64,
    /// Neighbours cut for an offence.
    pub peers_banned: u64,
    /// Open links.
    pub links: u16,
    /// Viewers of the swarm, as the tracker last said, and no fewer than are linked; 0 while there is no tracker.
    pub swarm_size: u32,
}

/// How much an engine keeps of each kind; each has its maximum in [`crate::limits`] or in its configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Segments known.
    pub segments: usize,
    /// Bytes of blocks that have arrived.
    pub bytes: u64,
    /// Wishes of the player.
    pub wants: usize,
    /// Checks of signatures.
    pub checks: usize,
    /// GETs open.
    pub gets: usize,
    /// Of those, of blocks that exist.
    pub downloads: usize,
    /// Of lists.
    pub lists: usize,
    /// Those that wait for what does not exist yet, blocks and lists.
    pub waiting: usize,
    /// Links that are open, or have a partner already.
    pub linked: usize,
    /// Offers and dials without a partner.
    pub offers: usize,
    /// Peers remembered as banned.
    pub bans: usize,
    /// Neighbours.
    pub peers: usize,
    /// Requests open.
    pub requests: usize,
    /// The most of them at one neighbour.
    pub requests_at_one: usize,
    /// The most requests of one neighbour that were given up and may still be answered.
    pub cancelled_at_one: usize,
    /// The most segments of which one neighbour's holdings are remembered.
    pub segments_of_one: usize,
}

/// One neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerView {
    /// Its link.
    pub link: LinkId,
    /// Its id.
    pub peer: PeerId,
    /// Verified bytes it gave.
    pub received_bytes: u64,
    /// Bytes it was sent.
    pub sent_bytes: u64,
    /// Median time from request to last byte, in milliseconds; 0 while unknown.
    pub block_ms: u32,
    /// Open requests to it.
    pub requests: u8,
    /// It belongs to the operator.
    pub super_peer: bool,
}

/// One block of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockView {
    /// The block.
    pub block: BlockKey,
    /// Its bytes; 0 while unknown.
    pub bytes: u32,
    /// Where it stands.
    pub status: Status,
    /// Neighbours that hold it.
    pub supply: u8,
    /// Neighbours that lack it, and this viewer while it does.
    pub demand: u8,
    /// Why it is where it stands.
    pub reason: Reason,
    /// The neighbour it came or is coming from.
    pub from: Option<PeerId>,
    /// When the engine first knew of it.
    pub seen: Instant,
    /// When it was verified.
    pub done: Option<Instant>,
}

/// A block's status, as the published design has it, by source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// Not downloaded.
    Missing = 0,
    /// Downloading from a neighbour.
    FromPeer = 1,
    /// Downloading from the origin.
    FromOrigin = 2,
    /// Arrived, not yet verified.
    Checking = 3,
    /// Downloaded from a neighbour.
    HavePeer = 4,
    /// Downloaded from the origin.
    HaveOrigin = 5,
}

/// Why a block is being, or was, fetched from where it is; or why it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// Nothing decided yet.
    Unseen = 0,
    /// A neighbour holds it.
    NeighbourHolds = 1,
    /// A neighbour holds it, but is busy or out of budget.
    HoldersBusy = 2,
    /// A neighbour, or a rumour, promises to fetch it.
    Promised = 3,
    /// This viewer's die is the lowest near it: its turn to seed.
    DieLowest = 4,
    /// The die was not the lowest, but its round came: nobody else had stepped in.
    DieRound = 5,
    /// Another's turn; waiting for the round.
    DieWaiting = 6,
    /// Uplinks are short: bought at first sight.
    EarlyBuy = 7,
    /// The deadline is near.
    Deadline = 8,
    /// Start-up: the player waits for its first frame.
    StartUp = 9,
    /// No neighbour at all, or P2P is off.
    Alone = 10,
    /// The swarm should have spread it by now, and no neighbour has it.
    LinksAtFault = 11,
    /// Asked for ahead of its existence.
    Ahead = 12,
}
