//! The descriptor as JSON.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::{Descriptor, Fault, Key, Parts, RenditionParts, Template, VERSION, base64url};
use crate::id::{InfoHash, KeyId};
use crate::limits::{BLOCK_BYTES, DESCRIPTOR_BYTES_MAX};

/// Why a text is no descriptor.
#[derive(Debug)]
pub enum ParseError {
    /// Longer than [`DESCRIPTOR_BYTES_MAX`].
    TooLong,
    /// It is not JSON, or a value has another type than its key wants.
    Json(serde_json::Error),
    /// A part breaks its rule.
    Fault(Fault),
}

#[derive(Serialize, Deserialize)]
struct Dto {
    version: u64,
    stream: String,
    swarm: String,
    trackers: Vec<String>,
    keys: Vec<KeyDto>,
    renditions: Vec<RenditionDto>,
    block_bytes: u64,
    blocks: String,
    hashes: String,
    target_duration_ms: u32,
}

#[derive(Serialize, Deserialize)]
struct KeyDto {
    id: u32,
    ed25519: String,
}

#[derive(Serialize, Deserialize)]
struct RenditionDto {
    name: String,
    playlist: String,
}

impl Descriptor {
    /// A descriptor from its JSON; unknown keys are passed over.
    ///
    /// # Errors
    /// [`ParseError`].
    pub fn parse(json: &str) -> Result<Self, ParseError> {
        if json.len() > DESCRIPTOR_BYTES_MAX {
            return Err(ParseError::TooLong);
        }
        let dto = serde_json::from_str::<Dto>(json).map_err(ParseError::Json)?;
        dto.parse().and_then(Self::new).map_err(ParseError::Fault)
    }

    /// Its JSON, keys in the order of the specification.
    #[must_use]
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string(&Dto::from(&self.parts));
        debug_assert!(json.is_ok(), "strings and integers are JSON");
        json.unwrap_or_default()
    }
}

impl Dto {
    fn parse(self) -> Result<Parts, Fault> {
        if self.version != u64::from(VERSION) {
            return Err(Fault::Version);
        }
        let swarm = parse_hex(&self.swarm).ok_or(Fault::Swarm)?;
        let keys = self.keys.iter().map(KeyDto::parse).collect::<Option<_>>().ok_or(Fault::Keys)?;
        if self.block_bytes != u64::from(BLOCK_BYTES) {
            return Err(Fault::BlockBytes);
        }
        let renditions = self.renditions.into_iter();
        Ok(Parts {
            stream: self.stream,
            swarm: InfoHash(swarm),
            trackers: self.trackers,
            keys,
            renditions: renditions
                .map(|RenditionDto { name, playlist }| RenditionParts { name, playlist })
                .collect(),
            blocks: Template(self.blocks),
            hashes: Template(self.hashes),
            target_duration_ms: self.target_duration_ms,
        })
    }
}

impl KeyDto {
    fn parse(&self) -> Option<Key> {
        base64url::decode_key(&self.ed25519).map(|ed25519| Key { id: KeyId(self.id), ed25519 })
    }
}

impl From<&Parts> for Dto {
    fn from(parts: &Parts) -> Self {
        let key = |key: &Key| KeyDto { id: key.id.0, ed25519: base64url::encode(&key.ed25519) };
        let rendition = |parts: &RenditionParts| RenditionDto {
            name: parts.name.clone(),
            playlist: parts.playlist.clone(),
        };
        Self {
            version: u64::from(VERSION),
            stream: parts.stream.clone(),
            swarm: hex(&parts.swarm.0),
            trackers: parts.trackers.clone(),
            keys: parts.keys.iter().map(key).collect(),
            renditions: parts.renditions.iter().map(rendition).collect(),
            block_bytes: u64::from(BLOCK_BYTES),
            blocks: parts.blocks.0.clone(),
            hashes: parts.hashes.0.clone(),
            target_duration_ms: parts.target_duration_ms,
        }
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn parse_hex(text: &str) -> Option<[u8; 20]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; 20];
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    let digit = |digit: u8| DIGITS.iter().position(|other| *other == digit);
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
    }
    Some(bytes)
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the descriptor is too long"),
            Self::Json(error) => error.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl core::error::Error for ParseError {}
