//! The kinds of inputs and outputs by number. `client-wasm/src/input.rs` and `output.rs` have the same numbers and say
//! what the numbers and bytes of each are; a test holds the lists together.

/// Kinds of inputs.
pub mod input {
    /// The moment of the last timeout has come.
    pub const TIMEOUT: u8 = 0;
    /// A playlist.
    pub const PLAYLIST: u8 = 1;
    /// Where the player is.
    pub const PLAYHEAD: u8 = 2;
    /// A wish.
    pub const WANT: u8 = 3;
    /// A wish taken back.
    pub const UNWANT: u8 = 4;
    /// The rendition watched.
    pub const RENDITION: u8 = 5;
    /// Background, upload.
    pub const CONDITIONS: u8 = 6;
    /// A block from the origin.
    pub const FETCHED: u8 = 7;
    /// A list from the origin.
    pub const FETCHED_LIST: u8 = 8;
    /// 503.
    pub const FETCH_NOT_YET: u8 = 9;
    /// 404 or 410.
    pub const FETCH_ABSENT: u8 = 10;
    /// Any other failure.
    pub const FETCH_UNREACHABLE: u8 = 11;
    /// A digest.
    pub const VERIFIED: u8 = 12;
    /// A verdict on a list.
    pub const LIST_VERIFIED: u8 = 13;
    /// The tracker's socket is open.
    pub const TRACKER_OPEN: u8 = 14;
    /// It is closed.
    pub const TRACKER_CLOSED: u8 = 15;
    /// A frame of the tracker.
    pub const TRACKER_MESSAGE: u8 = 16;
    /// An offer was made.
    pub const OFFER: u8 = 17;
    /// An answer was made.
    pub const ANSWER: u8 = 18;
    /// A channel is open.
    pub const LINK_OPEN: u8 = 19;
    /// A link is over.
    pub const LINK_CLOSED: u8 = 20;
    /// A message.
    pub const MESSAGE: u8 = 21;
    /// A data message's header.
    pub const DATA: u8 = 22;
    /// What waits in a send buffer.
    pub const BUFFERED: u8 = 23;
    /// The viewer leaves.
    pub const LEAVE: u8 = 24;
}

/// Kinds of outputs.
pub mod output {
    /// Nothing more until then.
    pub const TIMEOUT: u8 = 0;
    /// A message.
    pub const TRANSMIT: u8 = 1;
    /// A data message.
    pub const TRANSMIT_BLOCK: u8 = 2;
    /// Make an offer.
    pub const DIAL: u8 = 3;
    /// Make an answer.
    pub const ACCEPT: u8 = 4;
    /// An offer was answered.
    pub const ANSWERED: u8 = 5;
    /// Close a link.
    pub const CLOSE: u8 = 6;
    /// Connect to a tracker.
    pub const TRACKER_CONNECT: u8 = 7;
    /// A frame for the tracker.
    pub const TRACKER: u8 = 8;
    /// Get a block.
    pub const FETCH: u8 = 9;
    /// Get a list.
    pub const FETCH_LIST: u8 = 10;
    /// Abort a GET.
    pub const CANCEL_FETCH: u8 = 11;
    /// Hash.
    pub const VERIFY: u8 = 12;
    /// Check a signature.
    pub const VERIFY_LIST: u8 = 13;
    /// Forget bytes.
    pub const RELEASE: u8 = 14;
    /// A segment is whole.
    pub const READY: u8 = 15;
    /// A segment cannot be had.
    pub const GIVE_UP: u8 = 16;
    /// A neighbour came.
    pub const PEER_JOINED: u8 = 17;
    /// A neighbour left.
    pub const PEER_LEFT: u8 = 18;
    /// A neighbour was cut.
    pub const PEER_BANNED: u8 = 19;
    /// A block was verified.
    pub const BLOCK_ARRIVED: u8 = 20;
    /// The origin refuted itself.
    pub const ORIGIN_BAD: u8 = 21;
    /// The tracker refused.
    pub const TRACKER_REFUSED: u8 = 22;
}
