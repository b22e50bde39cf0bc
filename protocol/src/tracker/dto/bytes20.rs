//! Ids of 20 bytes: in text a string with one character per byte, in binary `bin`.

use core::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::{InfoHash, OfferId, PeerId};

const ID_BYTES: usize = 20;
const EXPECTED: &str = "20 bytes, or a string of 20 characters U+0000 to U+00FF";

/// An id as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bytes20(pub(super) [u8; ID_BYTES]);

impl From<Bytes20> for InfoHash {
    fn from(id: Bytes20) -> Self {
        Self(id.0)
    }
}

impl From<Bytes20> for PeerId {
    fn from(id: Bytes20) -> Self {
        Self(id.0)
    }
}

impl From<Bytes20> for OfferId {
    fn from(id: Bytes20) -> Self {
        Self(id.0)
    }
}

impl Serialize for Bytes20 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_bytes(&self.0);
        }
        // Characters above U+007F take two bytes of UTF-8 each.
        let mut utf8 = [0; 2 * ID_BYTES];
        let mut length = 0;
        for byte in self.0 {
            length += char::from(byte).encode_utf8(&mut utf8[length..]).len();
        }
        serializer.serialize_str(core::str::from_utf8(&utf8[..length]).map_err(serde::ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Bytes20 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Id)
        } else {
            deserializer.deserialize_bytes(Id)
        }
    }
}

struct Id;

impl Visitor<'_> for Id {
    type Value = Bytes20;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Bytes20, E> {
        let mut id = [0; ID_BYTES];
        let mut characters = text.chars();
        for byte in &mut id {
            let next = characters.next().and_then(|character| u8::try_from(u32::from(character)).ok());
            *byte = next.ok_or_else(|| E::custom(EXPECTED))?;
        }
        if characters.next().is_none() { Ok(Bytes20(id)) } else { Err(E::custom(EXPECTED)) }
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes20, E> {
        bytes.try_into().map(Bytes20).map_err(|_| E::custom(EXPECTED))
    }
}

/// One id or a list of them.
#[derive(Debug, Default)]
pub(super) struct OneOrMany(pub(super) Vec<Bytes20>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Ids)
    }
}

struct Ids;

impl<'de> Visitor<'de> for Ids {
    type Value = OneOrMany;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id, or a list of ids")
    }

    fn visit_unit<E: Error>(self) -> Result<OneOrMany, E> {
        Ok(OneOrMany::default())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMany, E> {
        Id.visit_str(text).map(|id| OneOrMany(vec![id]))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<OneOrMany, E> {
        Id.visit_bytes(bytes).map(|id| OneOrMany(vec![id]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut ids: A) -> Result<OneOrMany, A::Error> {
        let mut all = Vec::new();
        while let Some(id) = ids.next_element()? {
            all.push(id);
        }
        Ok(OneOrMany(all))
    }
}
