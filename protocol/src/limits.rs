//! The named maxima of everything that crosses a wire.
//!
//! A limit is checked where bytes are decoded, so that nothing past it exists inside the process; tests hold each at
//! the limit and one past it.

/// Bytes of one block of a segment; the last block of a segment may be shorter (`docs/spec/blocks.md`).
pub const BLOCK_BYTES: u32 = 61_440;
/// Bytes of one message on a data channel: what every WebRTC stack announces at least (RFC 8841 §6.1 default is
/// 64 KiB; `webrtc` for Rust announces 65,536).
pub const PEER_MESSAGE_BYTES_MAX: usize = 65_535;
/// Blocks of one segment: 1,024 × 61,440 B is 62.9 MB, above the 50 MB cap that an origin puts on a segment.
pub const BLOCKS_PER_SEGMENT_MAX: u16 = 1_024;
/// Renditions of one stream (qualities and audio tracks together).
pub const RENDITIONS_MAX: u8 = 32;
/// Bytes of a stream's name: it is a path segment of every URL.
pub const STREAM_NAME_BYTES_MAX: usize = 64;
/// Bytes of one encoded signed hash list: 1,024 hashes of 32 bytes and less than 1 KiB around them.
pub const HASH_LIST_BYTES_MAX: usize = 34_816;
/// Block ids in one `Have`, bits in one bitmap, rumours in one message.
pub const BLOCKS_PER_MESSAGE_MAX: usize = 256;
/// Segments whose bitmaps one `Window` message carries.
pub const SEGMENTS_PER_WINDOW_MAX: usize = 32;
/// Bytes of one tracker frame, text or binary: ten offers of 1,500-byte SDPs with JSON's escapes fit.
pub const TRACKER_FRAME_BYTES_MAX: usize = 65_536;
/// Bytes of one session description (real ones are about 1,200).
pub const SDP_BYTES_MAX: usize = 8_192;
/// Offers in one announce (what the field's trackers relay at most).
pub const OFFERS_PER_ANNOUNCE_MAX: usize = 10;
/// Info hashes in one scrape.
pub const SCRAPE_HASHES_MAX: usize = 64;
/// Swarms in one reply to a scrape: with ids of 20 bytes it stays below a frame even as JSON that escapes every
/// character (120 bytes an id, 60 for the counts).
pub const SCRAPE_FILES_MAX: usize = 256;
/// Peers accused in one announce.
pub const ACCUSED_PER_ANNOUNCE_MAX: usize = 8;
/// Peers reached that one announce reports, and as many that were not: as many as a viewer has links at most.
pub const REPORTED_PER_ANNOUNCE_MAX: usize = 16;
/// Bytes of a tracker's refusal in words.
pub const FAILURE_REASON_BYTES_MAX: usize = 512;
/// Trackers named by one descriptor.
pub const TRACKERS_MAX: usize = 8;
/// Signing keys named by one descriptor: the current one and the one before it, during a rotation.
pub const KEYS_MAX: usize = 2;
/// Bytes of a descriptor: 32 renditions and 8 trackers with the longest URLs take 24 KB; the rest is room for keys that
/// this version does not know.
pub const DESCRIPTOR_BYTES_MAX: usize = 65_536;
/// Bytes of one URL in a descriptor.
pub const URL_BYTES_MAX: usize = 512;
/// The longest target duration, in milliseconds: a minute, ten times what live streams use.
pub const TARGET_DURATION_MS_MAX: u32 = 60_000;
/// Bytes of one chat frame from a client: GOIM's 4,096 of body and the header.
pub const CHAT_CLIENT_FRAME_BYTES_MAX: usize = 4_112;
/// Bytes of one published message's body: four times what a client may send, for gifts with their pictures' addresses.
pub const CHAT_BODY_BYTES_MAX: usize = 16_384;
/// Bytes of one chat frame from the server, and of what a compressed one unpacks to: a batch of several bodies.
pub const CHAT_SERVER_FRAME_BYTES_MAX: usize = 65_536;
/// Bytes of a chat room's name.
pub const CHAT_ROOM_BYTES_MAX: usize = 128;
/// Bytes of a chat connection's key: GOIM makes UUIDs of 36.
pub const CHAT_KEY_BYTES_MAX: usize = 64;
/// Operations outside rooms that one chat connection may want.
pub const CHAT_ACCEPTS_MAX: usize = 64;
/// Users whose lines one viewer is always shown.
pub const CHAT_FOLLOWS_MAX: usize = 64;
/// Messages of a room's past that a client may ask for when it joins: what fits on a screen.
pub const CHAT_HISTORY_MAX: usize = 50;
/// Keys or users that one direct chat message names.
pub const CHAT_ADDRESSEES_MAX: usize = 1_000;
/// Rooms that a chat node names in one letter: with the longest names it stays below a letter's size.
pub const CHAT_NODE_ROOMS_MAX: usize = 2_000;
/// Users and keys that a chat node tells of in one list of one letter: two lists stay below a letter's size.
pub const CHAT_NODE_HOLDERS_MAX: usize = 32_768;
/// Addresses of one chat node: with everything else they stay below a beat's facts.
pub const CHAT_NODE_ADDRESSES_MAX: usize = 8;
/// Bytes of a chat node's domain and of each of its addresses: a name in DNS.
pub const CHAT_NODE_TEXT_BYTES_MAX: usize = 253;
/// Bytes of a chat node's region and of its zone.
pub const CHAT_NODE_PLACE_BYTES_MAX: usize = 64;
/// Messages of a room's past in one letter.
pub const CHAT_PAST_MESSAGES_MAX: usize = 1_024;
/// Their bytes: some less than a letter may have.
pub const CHAT_PAST_BYTES_MAX: usize = 900_000;
/// Bytes of a server's name among its like.
pub const NODE_NAME_BYTES_MAX: usize = 64;
/// Bytes of what such servers tell each other of themselves: an address or two.
pub const NODE_FACTS_BYTES_MAX: usize = 1_024;
/// Bytes of the address to which a tracker sends viewers: what the reason of a WebSocket's close holds (RFC 6455 §5.5).
pub const NODE_URL_BYTES_MAX: usize = 123;
/// Bytes of a server's address among its like: a name of 253 bytes and a port.
pub const NODE_ADDRESS_BYTES_MAX: usize = 259;
