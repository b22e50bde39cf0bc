//! The messages between two viewers: MessagePack arrays `[kind, …]` over one data channel (`docs/spec/peer.md`).
//!
//! A peer sends media only when asked; every answer carries the id of its request; answers come in any order.

mod data;
mod decode;
mod encode;

pub use data::{DATA_HEADER_BYTES_MAX, data_header, parse_data_header};

use crate::id::{BlockKey, PeerId, SegmentKey};

/// The version that [`Message::Hello`] carries.
pub const VERSION: u8 = 1;

/// A request's number: chosen by the asker, unique on its link while the request is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

/// One message; the number in brackets is its kind on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// \[0\] First on every link; again when what it says of the sender has changed.
    Hello(Hello),
    /// \[1\] All that the sender holds, segment by segment; after `Hello`, and whenever a difference would be longer.
    Window(Vec<SegmentStatus>),
    /// \[2\] Blocks that the sender has verified since and would serve.
    Have(Vec<BlockKey>),
    /// \[3\] The sender is fetching this block from the origin: a promise that expires.
    Fetching(Fetching),
    /// \[4\] A neighbour of the sender said `Fetching`; relayed once, never further.
    Rumour(Fetching),
    /// \[5\] Please send this block.
    Request(Request),
    /// \[7\] Not now, or not at all.
    Refuse(Refuse),
    /// \[8\] The asker no longer wants this request answered.
    Cancel(RequestId),
    /// \[9\] A signed hash list, as the origin encoded it.
    List(Vec<u8>),
    /// \[10\] Please send the list of this segment that covers at least so many blocks.
    ListWanted(ListWanted),
    /// \[11\] What the sender could still upload.
    Budget(Budget),
    /// \[12\] One byte of news: the tail probe that makes SCTP repair a lost last packet at once.
    Probe,
    /// \[13\] The sender leaves.
    Bye,
}

/// The kind of a data message: `[6, request id, body]`; its body is never inside a [`Message`].
pub const KIND_DATA: u8 = 6;

/// The greatest weight of a die.
pub const WEIGHT_MAX: u8 = 8;

/// The kinds on the wire; 6 is [`KIND_DATA`].
mod kind {
    pub(super) const HELLO: u8 = 0;
    pub(super) const WINDOW: u8 = 1;
    pub(super) const HAVE: u8 = 2;
    pub(super) const FETCHING: u8 = 3;
    pub(super) const RUMOUR: u8 = 4;
    pub(super) const REQUEST: u8 = 5;
    pub(super) const REFUSE: u8 = 7;
    pub(super) const CANCEL: u8 = 8;
    pub(super) const LIST: u8 = 9;
    pub(super) const LIST_WANTED: u8 = 10;
    pub(super) const BUDGET: u8 = 11;
    pub(super) const PROBE: u8 = 12;
    pub(super) const BYE: u8 = 13;
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// [`VERSION`] of the sender.
    pub version: u8,
    /// The sender's id, as the tracker knows it.
    pub peer: PeerId,
    /// The sender will upload.
    pub serves: bool,
    /// The sender belongs to the operator: exempt from the cap, its bytes reported apart.
    pub super_peer: bool,
    /// Weight of the sender's die, from its measured uplink and spare budget: 0 (never) to [`WEIGHT_MAX`].
    pub weight: u8,
}

/// What of one segment the sender holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentStatus {
    /// The segment.
    pub segment: SegmentKey,
    /// Bit i of byte i/8, lowest first: block i is held. At most 128 bytes; trailing zero bytes are left out.
    pub have: Vec<u8>,
}

/// A promise to fetch a block from the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetching {
    /// The block.
    pub block: BlockKey,
    /// Milliseconds for which the sender believes this promise, counted from arrival; the receiver has its own maximum.
    pub wait_ms: u16,
}

/// A request for one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub id: RequestId,
    /// The block.
    pub block: BlockKey,
    /// Milliseconds until the asker would turn to the origin: holders serve in this order.
    pub due_ms: u16,
}

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refuse {
    /// The request.
    pub id: RequestId,
    /// The reason.
    pub reason: Refusal,
    /// Milliseconds after which asking again makes sense; 0 where it never does.
    pub retry_ms: u16,
}

/// The reasons for refusing, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// \[0\] The sender does not upload.
    NoUpload,
    /// \[1\] The sender does not hold the block.
    Absent,
    /// \[2\] The sender's upload has reached its download.
    Budget,
    /// \[3\] One block is on the wire and one is waiting.
    Busy,
    /// \[4\] The asker has given too little, and others wait.
    Unfair,
}

impl Refusal {
    const ALL: [Self; 5] = [Self::NoUpload, Self::Absent, Self::Budget, Self::Busy, Self::Unfair];

    /// Its number on the wire.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::NoUpload => 0,
            Self::Absent => 1,
            Self::Budget => 2,
            Self::Busy => 3,
            Self::Unfair => 4,
        }
    }

    /// The reason with this number on the wire.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

/// A wish for a segment's hash list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListWanted {
    /// The segment.
    pub segment: SegmentKey,
    /// The least number of blocks that the list must cover; a closing list always answers.
    pub blocks: u16,
}

/// What the sender could upload now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes that its total download still allows it to upload.
    pub spare_bytes: u64,
    /// Its measured uplink in kbit/s; 0 while unknown.
    pub uplink_kbit: u32,
    /// Blocks waiting or on the wire.
    pub queued: u8,
}
