//! What goes into the engine and what comes out: the whole surface between the market and the world.

use protocol::id::{BlockKey, Digest, InfoHash, KeyId, PeerId, Rendition, SegmentKey};
use protocol::time::{Instant, StreamTime};

/// The shell's name for the bytes of one block that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub u32);

/// The engine's name for a connection to another viewer, or for an attempt at one. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);

/// The engine's name for one GET to the origin. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FetchId(pub u32);

/// The engine's name for one check of a signature. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub u32);

/// The shell's name for the player's wish for one segment. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WantId(pub u32);

/// What an engine is told once, at its start.
#[derive(Clone, Debug)]
pub struct Config {
    /// The seed of the engine's one generator.
    pub seed: u64,
    /// This viewer's id in the swarm.
    pub peer_id: PeerId,
    /// The swarm.
    pub info_hash: InfoHash,
    /// The stream's name: lists of other streams are refused.
    pub stream: String,
    /// Keys that may sign lists, at most [`protocol::limits::KEYS_MAX`].
    pub keys: Vec<KeyId>,
    /// EXT-X-TARGETDURATION, in milliseconds.
    pub target_duration_ms: u32,
    /// How many trackers the shell can connect to; 0 where there is none.
    pub trackers: u8,
    /// Trade with other viewers at all; without it every block comes from the origin.
    pub p2p: bool,
    /// Upload to other viewers.
    pub upload: bool,
    /// This peer belongs to the operator: its upload is not capped by its download.
    pub super_peer: bool,
    /// Links aimed at and links at most.
    pub links: Links,
    /// Bytes of verified blocks kept at most.
    pub cache_bytes_max: u64,
}

/// How many links an engine keeps.
#[derive(Clone, Copy, Debug)]
pub struct Links {
    /// Dialled up to this number.
    pub aim: u16,
    /// Never more than this; offers past it are declined.
    pub max: u16,
}

/// One segment of a playlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The segment.
    pub segment: SegmentKey,
    /// Its EXT-X-PROGRAM-DATE-TIME.
    pub start: StreamTime,
    /// Its EXTINF in milliseconds.
    pub duration_ms: u32,
}

/// Where the player is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Playhead {
    /// The stream time of the picture shown.
    pub at: StreamTime,
    /// The stream time up to which media is buffered without a gap.
    pub buffered_until: StreamTime,
    /// Playing (or stalled and wishing to play); false when paused or before the first frame.
    pub playing: bool,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// The moment of the last [`Output::Timeout`] has come.
    Timeout,

    /// The player loaded or reloaded a media playlist.
    Playlist {
        /// Every segment listed that the shell has not reported yet, oldest first.
        segments: &'a [Listed],
        /// The playlist carries EXT-X-ENDLIST.
        ended: bool,
    },
    /// Where the player is; several times a second while it plays.
    Playhead(Playhead),
    /// The player wants this segment; answered by [`Output::Ready`] or [`Output::GiveUp`].
    Want {
        /// The wish.
        want: WantId,
        /// The segment.
        segment: SegmentKey,
    },
    /// The player no longer wants it.
    Unwant {
        /// The wish.
        want: WantId,
    },
    /// The player has loaded a segment by itself, of so many bytes: they may be uploaded as what the engine downloads may.
    Loaded {
        /// How many there are; more than [`limits::LOADED_BYTES_MAX`](crate::limits::LOADED_BYTES_MAX) count as those.
        bytes: u32,
    },
    /// The player watches this rendition from now on.
    Rendition(Rendition),
    /// The viewer leaves: neighbours and tracker are told, every link is closed. Nothing is expected after it.
    Leave,
    /// The page went to the background or came back; a cellular link, saveData or a low battery count as the former's
    /// `upload: false`.
    Conditions {
        /// Timers may be throttled: no dice, download only.
        background: bool,
        /// Uploading is allowed now.
        upload: bool,
    },

    /// The GET brought the block. The shell holds its bytes under `handle`.
    Fetched {
        /// The GET.
        fetch: FetchId,
        /// The bytes' name.
        handle: Handle,
        /// How many there are.
        bytes: u32,
    },
    /// The GET brought a hash list: its bytes as the origin encoded them.
    FetchedList {
        /// The GET.
        fetch: FetchId,
        /// The body.
        bytes: &'a [u8],
    },
    /// The GET failed.
    FetchFailed {
        /// The GET.
        fetch: FetchId,
        /// How.
        failure: FetchFailure,
    },

    /// The digest asked for by [`Output::Verify`].
    Verified {
        /// The bytes' name.
        handle: Handle,
        /// Their SHA-256.
        digest: Digest,
    },
    /// The verdict asked for by [`Output::VerifyList`].
    ListVerified {
        /// The check.
        check: CheckId,
        /// The signature is the key's.
        valid: bool,
        /// SHA-256 of what was signed: the link of the chain.
        digest: Digest,
    },

    /// The tracker connection asked for by [`Output::TrackerConnect`] is open.
    TrackerOpen,
    /// It failed or was closed.
    TrackerClosed,
    /// A binary frame of the tracker.
    TrackerMessage(&'a [u8]),

    /// The offer asked for by [`Output::Dial`].
    Offer {
        /// The attempt.
        link: LinkId,
        /// The session description, candidates gathered.
        sdp: &'a str,
    },
    /// The answer asked for by [`Output::Accept`].
    Answer {
        /// The attempt.
        link: LinkId,
        /// The session description, candidates gathered.
        sdp: &'a str,
    },
    /// The data channel is open.
    LinkOpen {
        /// The link.
        link: LinkId,
    },
    /// The link, or the attempt at it, is over; the shell has forgotten it.
    LinkClosed {
        /// The link.
        link: LinkId,
    },
    /// A message that is not data.
    Message {
        /// The link.
        link: LinkId,
        /// The whole message.
        bytes: &'a [u8],
    },
    /// A data message. The shell holds its body under `handle`.
    Data {
        /// The link.
        link: LinkId,
        /// The message up to its body.
        header: &'a [u8],
        /// The body's name.
        handle: Handle,
        /// The body's bytes.
        bytes: u32,
    },
    /// Bytes that still wait in the link's send buffer; reported when it falls to zero and at most every 50 ms besides.
    Buffered {
        /// The link.
        link: LinkId,
        /// `RTCDataChannel.bufferedAmount`.
        bytes: u32,
    },
}

/// Why a GET to the origin failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchFailure {
    /// 503: due, but not final yet; ask again after this many milliseconds.
    NotYet {
        /// From Retry-After.
        retry_ms: u32,
    },
    /// 404 or 410: gone, or never there.
    Absent,
    /// Any other status, a time-out, a network that failed.
    Unreachable,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Nothing more until this moment ([`Instant::NEVER`]: until the next input). Ends every drain.
    Timeout(Instant),

    /// Send this message on the link.
    Transmit {
        /// The link.
        link: LinkId,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Send a data message: `header`, then the bytes of `handle`.
    TransmitBlock {
        /// The link.
        link: LinkId,
        /// The message up to its body.
        header: Vec<u8>,
        /// The body.
        handle: Handle,
    },
    /// Make a connection and its offer; answer with [`Input::Offer`] or [`Input::LinkClosed`].
    Dial {
        /// The attempt.
        link: LinkId,
    },
    /// Make a connection from this offer, and its answer; answer with [`Input::Answer`] or [`Input::LinkClosed`].
    Accept {
        /// The attempt.
        link: LinkId,
        /// The offer.
        sdp: String,
    },
    /// The other side answered the offer of this attempt.
    Answered {
        /// The attempt.
        link: LinkId,
        /// The answer.
        sdp: String,
    },
    /// Close and forget the link; answer with [`Input::LinkClosed`].
    Close {
        /// The link.
        link: LinkId,
    },

    /// Connect to the tracker with this place in the shell's list; answer with [`Input::TrackerOpen`] or
    /// [`Input::TrackerClosed`].
    TrackerConnect {
        /// From 0 to `Config::trackers` - 1.
        tracker: u8,
    },
    /// Send this binary frame to the tracker.
    Tracker(Vec<u8>),

    /// GET a block from the origin. The block may not exist yet: the GET waits for it there, one target duration at most.
    Fetch {
        /// The GET.
        fetch: FetchId,
        /// The block.
        block: BlockKey,
    },
    /// GET a segment's hash list that covers at least `blocks` blocks; it may wait as `Fetch` does.
    FetchList {
        /// The GET.
        fetch: FetchId,
        /// The segment.
        segment: SegmentKey,
        /// The least number of blocks; 0 asks for what there is.
        blocks: u16,
    },
    /// Abort the GET; no answer is due.
    CancelFetch {
        /// The GET.
        fetch: FetchId,
    },

    /// Hash these bytes; answer with [`Input::Verified`].
    Verify {
        /// The bytes.
        handle: Handle,
    },
    /// Check Ed25519 (RFC 8032) over `signed`; answer with [`Input::ListVerified`].
    VerifyList {
        /// The check.
        check: CheckId,
        /// The key.
        key: KeyId,
        /// What was signed.
        signed: Vec<u8>,
        /// The signature.
        signature: [u8; 64],
    },
    /// Forget these bytes.
    Release {
        /// The bytes.
        handle: Handle,
    },

    /// The segment is whole and verified: these handles, in order, are its bytes. They stay valid until released, and
    /// are not released before the next input.
    Ready {
        /// The wish.
        want: WantId,
        /// The segment's blocks.
        blocks: Vec<Handle>,
    },
    /// The engine cannot provide this segment (no hash list to be had): the player loads it as plain HLS does.
    GiveUp {
        /// The wish.
        want: WantId,
    },

    /// Something worth telling a person.
    Event(Event),
}

/// What a page may want to show or log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A neighbour said hello.
    PeerJoined {
        /// The link.
        link: LinkId,
        /// The neighbour.
        peer: PeerId,
    },
    /// A neighbour left, or its link broke.
    PeerLeft {
        /// The link.
        link: LinkId,
        /// The neighbour.
        peer: PeerId,
    },
    /// A neighbour was cut for what it did.
    PeerBanned {
        /// The neighbour.
        peer: PeerId,
        /// What it did.
        offence: Offence,
    },
    /// A verified block came in.
    BlockArrived {
        /// The block.
        block: BlockKey,
        /// From a neighbour, or from the origin.
        from: Option<PeerId>,
    },
    /// The origin itself sent bytes that its own list refutes.
    OriginBad {
        /// The block.
        block: BlockKey,
    },
    /// The tracker refused, in its words.
    TrackerRefused {
        /// What it said.
        reason: String,
    },
}

/// What gets a neighbour cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offence {
    /// A block whose digest the signed list refutes.
    BadBlock,
    /// A list whose signature is not the origin's.
    BadList,
    /// A message that breaks the specification or a limit.
    BadMessage,
    /// More messages than a neighbour has reason to send.
    Flood,
    /// Data that was not asked for.
    Unasked,
    /// Promises and requests that time out again and again.
    Unreliable,
}
