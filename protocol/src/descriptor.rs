//! The stream descriptor: the JSON by which a player finds trackers, keys and blocks (`docs/spec/descriptor.md`).
//!
//! [`Parts`] is what it says, [`Descriptor`] is parts that keep every rule: there is no other way to make one.
//!
//! The swarm of a stream is the first 20 bytes of SHA-256 over [`SWARM_DOMAIN`] and the stream's id, an operator's
//! secret that survives restarts; whoever serves the descriptor computes it, so that this package needs no hash.

mod base64url;
mod json;
mod template;

pub use json::ParseError;
pub use template::Template;

use crate::id::{BlockKey, InfoHash, KeyId, Rendition, SegmentKey};
use crate::limits::{
    KEYS_MAX, RENDITIONS_MAX, STREAM_NAME_BYTES_MAX, TARGET_DURATION_MS_MAX, TRACKERS_MAX, URL_BYTES_MAX,
};

/// The version that `version` carries.
pub const VERSION: u8 = 1;

/// What precedes the stream's id in the hash that names its swarm.
pub const SWARM_DOMAIN: &str = "shoal-swarm-1:";

/// What a descriptor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The stream's name, as in its URLs and in its hash lists.
    pub stream: String,
    /// The swarm of all its renditions.
    pub swarm: InfoHash,
    /// `ws:` or `wss:` URLs, in order of preference; none means that viewers do not find one another.
    pub trackers: Vec<String>,
    /// Keys that may sign hash lists: the current one first.
    pub keys: Vec<Key>,
    /// Renditions; a [`Rendition`] on the wire is an index into them.
    pub renditions: Vec<RenditionParts>,
    /// A block's URL, of `{rendition}`, `{segment}` and `{block}`.
    pub blocks: Template,
    /// A hash list's URL, of `{rendition}` and `{segment}`.
    pub hashes: Template,
    /// EXT-X-TARGETDURATION in milliseconds.
    pub target_duration_ms: u32,
}

/// A key that may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its short name in hash lists.
    pub id: KeyId,
    /// The Ed25519 public key (RFC 8032 §5.1.5).
    pub ed25519: [u8; 32],
}

/// One rendition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenditionParts {
    /// Its name: a segment of URLs.
    pub name: String,
    /// Its media playlist's URL.
    pub playlist: String,
}

/// A descriptor that keeps every rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    parts: Parts,
}

/// Which part breaks its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `version` is not [`VERSION`].
    Version,
    /// `stream` is no name.
    Stream,
    /// `swarm` is not 40 lower-case hexadecimal digits.
    Swarm,
    /// Too many trackers, or one that is no `ws:` or `wss:` URL.
    Trackers,
    /// No key, too many, two with one id, or one that is not 32 bytes in base64url.
    Keys,
    /// No rendition, too many, two with one name, a name that is none, or a playlist without a URL.
    Renditions,
    /// `block_bytes` is not [`crate::limits::BLOCK_BYTES`].
    BlockBytes,
    /// `blocks` does not have each of its placeholders once.
    Blocks,
    /// `hashes` does not have each of its placeholders once.
    Hashes,
    /// `target_duration_ms` is zero or absurd.
    TargetDuration,
}

impl Descriptor {
    /// The descriptor of these parts.
    ///
    /// # Errors
    /// The first [`Fault`], in the order of its variants.
    pub fn new(parts: Parts) -> Result<Self, Fault> {
        let rules = [
            (is_name(&parts.stream), Fault::Stream),
            (trackers_valid(&parts.trackers), Fault::Trackers),
            (keys_valid(&parts.keys), Fault::Keys),
            (renditions_valid(&parts.renditions), Fault::Renditions),
            (parts.blocks.is_of(&["rendition", "segment", "block"]), Fault::Blocks),
            (parts.hashes.is_of(&["rendition", "segment"]), Fault::Hashes),
            ((1..=TARGET_DURATION_MS_MAX).contains(&parts.target_duration_ms), Fault::TargetDuration),
        ];
        match rules.into_iter().find(|(kept, _)| !kept) {
            Some((_, fault)) => Err(fault),
            None => Ok(Self { parts }),
        }
    }

    /// What it says.
    #[must_use]
    pub const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// A block's URL, relative to the descriptor's own; `None` for a rendition that there is not.
    #[must_use]
    pub fn block_url(&self, block: BlockKey) -> Option<String> {
        let rendition = self.name_of(block.segment.rendition)?;
        let (segment, block) = (block.segment.segment.0.to_string(), block.block.0.to_string());
        Some(self.parts.blocks.fill(&[("rendition", rendition), ("segment", &segment), ("block", &block)]))
    }

    /// The URL of a segment's hash list that covers at least `blocks` blocks; `None` for a rendition that there is not.
    #[must_use]
    pub fn hashes_url(&self, segment: SegmentKey, blocks: u16) -> Option<String> {
        let rendition = self.name_of(segment.rendition)?;
        let number = segment.segment.0.to_string();
        let mut url = self.parts.hashes.fill(&[("rendition", rendition), ("segment", &number)]);
        url.push_str(if url.contains('?') { "&blocks=" } else { "?blocks=" });
        url.push_str(&blocks.to_string());
        Some(url)
    }

    fn name_of(&self, rendition: Rendition) -> Option<&str> {
        self.parts.renditions.get(usize::from(rendition.0)).map(|parts| parts.name.as_str())
    }
}

/// A name of a stream or rendition is 1 to [`STREAM_NAME_BYTES_MAX`] of the characters that a URL never escapes
/// (RFC 3986 §2.3), and no dot segment.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (1..=STREAM_NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(unreserved)
        && !matches!(name, "." | "..")
}

fn is_url(url: &str) -> bool {
    (1..=URL_BYTES_MAX).contains(&url.len()) && url.bytes().all(|byte| byte.is_ascii_graphic())
}

fn trackers_valid(trackers: &[String]) -> bool {
    let valid = |url: &String| is_url(url) && (url.starts_with("ws://") || url.starts_with("wss://"));
    trackers.len() <= TRACKERS_MAX && trackers.iter().all(valid)
}

fn keys_valid(keys: &[Key]) -> bool {
    let distinct = keys.iter().enumerate().all(|(at, key)| keys[..at].iter().all(|other| other.id != key.id));
    (1..=KEYS_MAX).contains(&keys.len()) && distinct
}

fn renditions_valid(renditions: &[RenditionParts]) -> bool {
    let valid = |(at, parts): (usize, &RenditionParts)| {
        is_name(&parts.name)
            && is_url(&parts.playlist)
            && renditions[..at].iter().all(|other| other.name != parts.name)
    };
    (1..=usize::from(RENDITIONS_MAX)).contains(&renditions.len()) && renditions.iter().enumerate().all(valid)
}

impl core::fmt::Display for Fault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Version => "version is unknown",
            Self::Stream => "stream is no name",
            Self::Swarm => "swarm is not 40 hexadecimal digits",
            Self::Trackers => "trackers are too many, or one is no ws: or wss: URL",
            Self::Keys => "keys are none, too many, doubled or no keys",
            Self::Renditions => "renditions are none, too many, doubled or malformed",
            Self::BlockBytes => "block_bytes is another than this code's",
            Self::Blocks => "blocks does not have {rendition}, {segment} and {block} once each",
            Self::Hashes => "hashes does not have {rendition} and {segment} once each",
            Self::TargetDuration => "target_duration_ms is out of range",
        })
    }
}

impl core::error::Error for Fault {}
