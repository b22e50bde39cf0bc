//! Names of peers, swarms, segments and blocks: newtypes, so that no two bare integers ever stand side by side.

/// A viewer of a swarm: 20 bytes, as WebTorrent has it; chosen at random for each session, never kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub [u8; 20]);

/// A swarm: the first 20 bytes of SHA-256 over `shoal-swarm-1:` and the stream's id; one swarm a stream, all
/// renditions together (`docs/spec/tracker.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InfoHash(pub [u8; 20]);

/// One offer of a viewer: 20 bytes chosen by the offerer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferId(pub [u8; 20]);

/// A rendition's place in the descriptor's list of renditions, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rendition(pub u8);

/// A segment's media sequence number (RFC 8216 §4.3.3.2); for one stream it never rewinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment(pub u64);

/// A block's place in its segment, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block(pub u16);

/// One segment of one rendition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentKey {
    /// Which segment; first, so that keys of all renditions sort by time.
    pub segment: Segment,
    /// Of which rendition.
    pub rendition: Rendition,
}

/// One block of one segment of one rendition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockKey {
    /// The segment.
    pub segment: SegmentKey,
    /// The block's place in it.
    pub block: Block,
}

/// A SHA-256 digest (FIPS 180-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// What the first closing list of a stream chains to.
    pub const ZERO: Self = Self([0; 32]);
}

/// A signing key's short name: the first 4 bytes of SHA-256 of the Ed25519 public key, big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

impl BlockKey {
    /// Block `block` of `segment`.
    #[must_use]
    pub const fn new(segment: SegmentKey, block: Block) -> Self {
        Self { segment, block }
    }
}

impl SegmentKey {
    /// Segment `segment` of `rendition`.
    #[must_use]
    pub const fn new(rendition: Rendition, segment: Segment) -> Self {
        Self { segment, rendition }
    }
}
