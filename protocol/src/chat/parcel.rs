//! Events as bytes, between the processes of the chat edge (`docs/spec/bus.md`).

use std::sync::Arc;

use super::{Class, Direct, Event, Operation, RoomEvent, RoomKey, To};
use crate::limits::{CHAT_ADDRESSEES_MAX, CHAT_BODY_BYTES_MAX, CHAT_KEY_BYTES_MAX, CHAT_ROOM_BYTES_MAX};
use crate::pack::{DecodeError, Fault, Reader, Writer};

/// The version of everything here.
const VERSION: u8 = 1;
/// An event of a room.
const ROOM: u8 = 0;
/// A direct message by keys.
const KEYS: u8 = 1;
/// A direct message by users.
const USERS: u8 = 2;
/// A direct message to every connection.
const EVERYBODY: u8 = 3;
/// Bytes around the body of an event, at the most but for a room's name or addressees.
const AROUND_BYTES: usize = 64;

impl Event {
    /// The event as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Room(event) => encode_room(event),
            Self::Direct(direct) => encode_direct(direct),
        }
    }

    /// An event from its bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for everything that the specification does not allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let elements = reader.array(8);
        let at = reader.at();
        let version = reader.u8();
        reader.check(version == VERSION, at, Fault::Version);
        let at = reader.at();
        let kind = reader.u8();
        let expected = if kind == ROOM { 8 } else { 5 };
        reader.check(elements == expected, 0, Fault::Length);
        let event = match kind {
            ROOM => Self::Room(read_room(&mut reader)?),
            KEYS => read_direct(&mut reader, |reader| To::Keys(read_keys(reader))),
            USERS => read_direct(&mut reader, |reader| To::Users(read_users(reader))),
            EVERYBODY => read_direct(&mut reader, |reader| {
                reader.array_exactly(0);
                To::Everybody
            }),
            _ => return Err(reader.error(at, Fault::Kind)),
        };
        reader.finish(event)
    }
}

fn encode_room(event: &RoomEvent) -> Vec<u8> {
    let room = event.room.as_str();
    let mut writer = Writer::with_capacity(AROUND_BYTES + room.len() + event.body.len());
    writer.array(8).uint(VERSION).uint(ROOM).str(room).uint(event.epoch).uint(event.sequence);
    writer.uint(event.class.number()).uint(event.operation.0).bin(&event.body);
    writer.into_bytes()
}

fn encode_direct(direct: &Direct) -> Vec<u8> {
    let mut writer = Writer::with_capacity(AROUND_BYTES + direct.body.len());
    writer.array(5).uint(VERSION);
    match &direct.to {
        To::Keys(keys) => {
            writer.uint(KEYS).array(keys.len());
            keys.iter().for_each(|key| {
                writer.str(key);
            });
        }
        To::Users(users) => {
            writer.uint(USERS).array(users.len());
            users.iter().for_each(|user| {
                writer.uint(user.cast_unsigned());
            });
        }
        To::Everybody => {
            writer.uint(EVERYBODY).array(0);
        }
    }
    writer.uint(direct.operation.0).bin(&direct.body);
    writer.into_bytes()
}

fn read_room(reader: &mut Reader<'_>) -> Result<RoomEvent, DecodeError> {
    let at = reader.at();
    let room = RoomKey::parse(reader.str(CHAT_ROOM_BYTES_MAX));
    let room = room.ok_or_else(|| reader.error(at, Fault::Contradiction))?;
    let (epoch, sequence) = (reader.u32(), reader.u64());
    let at = reader.at();
    let class = Class::from_number(reader.u8()).ok_or_else(|| reader.error(at, Fault::Kind))?;
    let operation = Operation(reader.u32());
    Ok(RoomEvent { room, epoch, sequence, class, operation, body: read_body(reader) })
}

fn read_direct<'a>(reader: &mut Reader<'a>, to: impl FnOnce(&mut Reader<'a>) -> To) -> Event {
    let to = to(reader);
    let operation = Operation(reader.u32());
    Event::Direct(Direct { to, operation, body: read_body(reader) })
}

fn read_keys(reader: &mut Reader<'_>) -> Vec<String> {
    let count = reader.array(CHAT_ADDRESSEES_MAX);
    reader.values(count, |reader| reader.str(CHAT_KEY_BYTES_MAX).to_owned())
}

fn read_users(reader: &mut Reader<'_>) -> Vec<i64> {
    let count = reader.array(CHAT_ADDRESSEES_MAX);
    reader.values(count, |reader| reader.u64().cast_signed())
}

fn read_body(reader: &mut Reader<'_>) -> Arc<[u8]> {
    reader.bin(CHAT_BODY_BYTES_MAX).into()
}
