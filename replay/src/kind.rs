//! The kinds of inputs and outputs by number, and what the numbers and bytes of each are: as recordings have them
//! (`docs/spec/replay.md`), and as a page hands them to the module and gets them from it. Where a page has milliseconds a
//! recording has microseconds. `client-wasm/npm/src/internal/wire.ts` has the same lists; a test there reads this file.

/// Kinds of inputs.
pub mod input {
    /// The moment of the last timeout has come.
    pub const TIMEOUT: u8 = 0;
    /// A playlist: ended (0 or 1), then rows of rendition, segment, start (ms of stream time), duration (ms).
    pub const PLAYLIST: u8 = 1;
    /// Where the player is: at, buffered until (ms of stream time), playing.
    pub const PLAYHEAD: u8 = 2;
    /// A wish: want, rendition, segment.
    pub const WANT: u8 = 3;
    /// A wish taken back: want.
    pub const UNWANT: u8 = 4;
    /// Another rendition is watched: rendition.
    pub const RENDITION: u8 = 5;
    /// What the viewer allows: background, upload.
    pub const CONDITIONS: u8 = 6;
    /// A block from the origin: fetch, handle, bytes.
    pub const FETCHED: u8 = 7;
    /// A list from the origin: fetch; bytes: the list.
    pub const FETCHED_LIST: u8 = 8;
    /// The origin does not have it yet: fetch, milliseconds after which to ask again.
    pub const FETCH_NOT_YET: u8 = 9;
    /// The origin does not have it: fetch.
    pub const FETCH_ABSENT: u8 = 10;
    /// The origin cannot be had: fetch.
    pub const FETCH_UNREACHABLE: u8 = 11;
    /// A digest: handle; bytes: SHA-256.
    pub const VERIFIED: u8 = 12;
    /// A verdict on a list: check, valid; bytes: SHA-256 of what was signed.
    pub const LIST_VERIFIED: u8 = 13;
    /// The tracker's socket is open.
    pub const TRACKER_OPEN: u8 = 14;
    /// It is closed.
    pub const TRACKER_CLOSED: u8 = 15;
    /// The tracker said something; bytes: a binary frame.
    pub const TRACKER_MESSAGE: u8 = 16;
    /// An offer was made: link; bytes: the session description in UTF-8.
    pub const OFFER: u8 = 17;
    /// An answer was made: link; bytes: the session description in UTF-8.
    pub const ANSWER: u8 = 18;
    /// A channel is open: link.
    pub const LINK_OPEN: u8 = 19;
    /// A link is over: link.
    pub const LINK_CLOSED: u8 = 20;
    /// A message: link; bytes: the message.
    pub const MESSAGE: u8 = 21;
    /// A data message's header: link, handle of the body, its bytes; bytes: the header.
    pub const DATA: u8 = 22;
    /// What waits in a send buffer: link, bytes waiting.
    pub const BUFFERED: u8 = 23;
    /// The viewer leaves.
    pub const LEAVE: u8 = 24;
    /// The player has loaded a segment by itself: its bytes.
    pub const LOADED: u8 = 25;
}

/// Kinds of outputs.
pub mod output {
    /// Nothing more until this moment (ms, infinite where there is none). Ends every drain.
    pub const TIMEOUT: u8 = 0;
    /// A message: link; bytes: the message.
    pub const TRANSMIT: u8 = 1;
    /// A data message: link, handle of the body; bytes: the header.
    pub const TRANSMIT_BLOCK: u8 = 2;
    /// Make an offer: link.
    pub const DIAL: u8 = 3;
    /// Make an answer: link; bytes: the offer in UTF-8.
    pub const ACCEPT: u8 = 4;
    /// An offer was answered: link; bytes: the answer in UTF-8.
    pub const ANSWERED: u8 = 5;
    /// Close a link: link.
    pub const CLOSE: u8 = 6;
    /// Connect to a tracker: place in the list of trackers.
    pub const TRACKER_CONNECT: u8 = 7;
    /// Say something to the tracker; bytes: the frame.
    pub const TRACKER: u8 = 8;
    /// Get a block: fetch, rendition, segment, block.
    pub const FETCH: u8 = 9;
    /// Get a list: fetch, rendition, segment, blocks.
    pub const FETCH_LIST: u8 = 10;
    /// Abort a GET: fetch.
    pub const CANCEL_FETCH: u8 = 11;
    /// Hash: handle.
    pub const VERIFY: u8 = 12;
    /// Check a signature: check, key; bytes: what was signed, and the 64 bytes of the signature after it.
    pub const VERIFY_LIST: u8 = 13;
    /// Forget bytes: handle.
    pub const RELEASE: u8 = 14;
    /// A segment is whole: want, then handles.
    pub const READY: u8 = 15;
    /// A segment cannot be had: want.
    pub const GIVE_UP: u8 = 16;
    /// A neighbour came: link; bytes: the neighbour's id.
    pub const PEER_JOINED: u8 = 17;
    /// A neighbour left: link; bytes: the neighbour's id.
    pub const PEER_LEFT: u8 = 18;
    /// A neighbour was cut: offence; bytes: the neighbour's id.
    pub const PEER_BANNED: u8 = 19;
    /// A block was verified: rendition, segment, block; bytes: the neighbour's id, or none for the origin.
    pub const BLOCK_ARRIVED: u8 = 20;
    /// The origin refuted itself: rendition, segment, block.
    pub const ORIGIN_BAD: u8 = 21;
    /// The tracker refused; bytes: its words in UTF-8.
    pub const TRACKER_REFUSED: u8 = 22;
}
