//! `rmp-serde` reads what our writers write and writes the very same bytes: ours is MessagePack, in its smallest forms.

use core::fmt;

use proptest::prelude::*;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::generate;

/// Any value of the forms that we write.
#[derive(Debug, PartialEq)]
enum Any {
    Nil,
    Bool(bool),
    Uint(u64),
    Str(String),
    Bin(Vec<u8>),
    Array(Vec<Any>),
    Map(Vec<(Any, Any)>),
}

impl Serialize for Any {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nil => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Uint(value) => serializer.serialize_u64(*value),
            Self::Str(value) => serializer.serialize_str(value),
            Self::Bin(value) => serializer.serialize_bytes(value),
            Self::Array(values) => {
                let mut array = serializer.serialize_seq(Some(values.len()))?;
                values.iter().try_for_each(|value| array.serialize_element(value))?;
                array.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor)
    }
}

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Any;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a form that we write")
    }

    fn visit_unit<E: Error>(self) -> Result<Any, E> {
        Ok(Any::Nil)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Any, E> {
        Ok(Any::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Any, E> {
        Ok(Any::Uint(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Any, E> {
        Ok(Any::Str(value.into()))
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<Any, E> {
        Ok(Any::Bin(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Any, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Any::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Any::Map(entries))
    }
}

fn check(ours: &[u8]) -> Result<(), TestCaseError> {
    let value = rmp_serde::from_slice::<Any>(ours).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let theirs = rmp_serde::to_vec(&value).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(theirs, ours);
    Ok(())
}

proptest! {
    #[test]
    fn peer_messages_are_messagepack(message in generate::message()) {
        check(&message.encode())?;
    }

    #[test]
    fn hash_lists_are_messagepack(list in generate::hash_list()) {
        check(&list.attach([9; 64]).encode())?;
    }

    #[test]
    fn tracker_frames_are_messagepack(client in generate::client_message(), server in generate::server_message()) {
        check(&client.encode())?;
        check(&server.encode())?;
    }

    #[test]
    fn a_data_message_is_messagepack(id in any::<u32>(), body in prop::collection::vec(any::<u8>(), 1..2_000)) {
        let length = u32::try_from(body.len()).expect("short");
        let mut message = protocol::peer::data_header(protocol::peer::RequestId(id), length);
        message.extend_from_slice(&body);
        check(&message)?;
        let value = rmp_serde::from_slice::<Any>(&message).expect("checked");
        prop_assert_eq!(value, Any::Array(vec![Any::Uint(6), Any::Uint(id.into()), Any::Bin(body)]));
    }
}
