//! What the nodes of one chat edge tell each other beside the events of rooms (`docs/spec/bus.md`, "Chat nodes").

use std::net::SocketAddr;
use std::sync::Arc;

use super::{Class, Operation, RoomEvent, RoomKey};
use crate::limits::{
    CHAT_BODY_BYTES_MAX, CHAT_KEY_BYTES_MAX, CHAT_NODE_ADDRESSES_MAX, CHAT_NODE_HOLDERS_MAX,
    CHAT_NODE_PLACE_BYTES_MAX, CHAT_NODE_ROOMS_MAX, CHAT_NODE_TEXT_BYTES_MAX, CHAT_PAST_BYTES_MAX,
    CHAT_PAST_MESSAGES_MAX, CHAT_ROOM_BYTES_MAX, NODE_NAME_BYTES_MAX,
};
use crate::pack::{DecodeError, Fault, Reader, Writer};
use crate::rendezvous::mixed;

/// The version of everything here.
const VERSION: u8 = 1;
const ROOMS: u8 = 16;
const SUPERSEDE: u8 = 17;
const HOLDERS: u8 = 18;
const ASK: u8 = 19;
const PAST: u8 = 20;
const KEPT: u8 = 21;
const ELSEWHERE: u8 = 22;
const HANDED: u8 = 23;
/// Bytes of a name among [`Holders`].
const HOLDER_BYTES: usize = 8;
/// Bytes around the body of one message of a past, at the most.
const AROUND_BYTES: usize = 32;

/// What a node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Holds viewers and numbers rooms.
    All,
    /// Holds viewers.
    Edge,
    /// Numbers rooms.
    Logic,
}

/// What a node tells of itself with each heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What it does.
    pub role: Role,
    /// Its name in the node list.
    pub domain: String,
    /// Where viewers connect.
    pub addresses: Vec<SocketAddr>,
    /// It speaks TLS there.
    pub tls: bool,
    /// Its region.
    pub region: String,
    /// Its zone.
    pub zone: String,
    /// Its weight among the others.
    pub weight: u32,
}

/// One life of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The node's name.
    pub node: String,
    /// Which of its lives.
    pub epoch: u64,
}

/// A part of a round in which an edge tells what rooms it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rooms {
    /// Whose.
    pub life: Life,
    /// Which round; each is greater than the one before.
    pub round: u64,
    /// The round ends with this part.
    pub last: bool,
    /// Connections that said who they are.
    pub live: u32,
    /// Addresses that they come from.
    pub addresses: u32,
    /// Rooms and their members.
    pub rooms: Vec<(RoomKey, u32)>,
}

/// Somebody whom an edge may hold: a user or a key, as 64 bits that stand for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holder(pub u64);

/// What changed in whom an edge holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holders {
    /// Whose.
    pub life: Life,
    /// Its number: one more than that of the letter before.
    pub number: u64,
    /// Everything is told anew from here on.
    pub begins: bool,
    /// What was told since it began is all.
    pub whole: bool,
    /// These came.
    pub came: Vec<Holder>,
    /// These went.
    pub went: Vec<Holder>,
}

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Letter {
    /// Rooms that an edge holds.
    Rooms(Rooms),
    /// A connection on this node has this key now.
    Supersede(String, String),
    /// Whom an edge holds.
    Holders(Holders),
    /// A question: what came last in this room?
    Ask(RoomKey),
    /// The answer: the last messages of one room, in its order.
    Past(RoomKey, Vec<RoomEvent>),
    /// An answer: the message is numbered, or on disk, as it was asked.
    Kept,
    /// An answer: as far as this node knows the room is not numbered here.
    Elsewhere,
    /// A room that was numbered here is another's from now on, after this epoch.
    Handed(RoomKey, u32),
}

impl Role {
    const fn number(self) -> u8 {
        match self {
            Self::All => 0,
            Self::Edge => 1,
            Self::Logic => 2,
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::All),
            1 => Some(Self::Edge),
            2 => Some(Self::Logic),
            _ => None,
        }
    }
}

impl Facts {
    /// The facts as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(256);
        writer.array(7).uint(self.role.number()).str(&self.domain).array(self.addresses.len());
        for address in &self.addresses {
            writer.str(&address.to_string());
        }
        writer.bool(self.tls).str(&self.region).str(&self.zone).uint(self.weight);
        writer.into_bytes()
    }

    /// Facts from their bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for everything that the specification does not allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.array_exactly(7);
        let at = reader.at();
        let role = Role::from_number(reader.u8());
        reader.check(role.is_some(), at, Fault::Kind);
        let domain = reader.str(CHAT_NODE_TEXT_BYTES_MAX).to_owned();
        let count = reader.array(CHAT_NODE_ADDRESSES_MAX);
        let at = reader.at();
        let texts = reader.values(count, |reader| reader.str(CHAT_NODE_TEXT_BYTES_MAX));
        // One address has one text, or two facts would be the same.
        let address =
            |text: &&str| text.parse().ok().filter(|address: &SocketAddr| address.to_string() == *text);
        let addresses: Option<Vec<SocketAddr>> = texts.iter().map(address).collect();
        reader.check(addresses.is_some(), at, Fault::Contradiction);
        let tls = reader.bool();
        let [region, zone] = [(); 2].map(|()| reader.str(CHAT_NODE_PLACE_BYTES_MAX).to_owned());
        let weight = reader.u32();
        let (role, addresses) = (role.unwrap_or(Role::Edge), addresses.unwrap_or_default());
        reader.finish(Self { role, domain, addresses, tls, region, zone, weight })
    }
}

impl Holder {
    /// A user.
    #[must_use]
    pub fn user(user: i64) -> Self {
        Self::of(0, user.to_be_bytes())
    }

    /// A connection's key.
    #[must_use]
    pub fn key(key: &str) -> Self {
        Self::of(1, key.bytes())
    }

    /// [`mixed`] over the kind and what it is called.
    fn of(kind: u8, name: impl IntoIterator<Item = u8>) -> Self {
        Self(mixed([kind].into_iter().chain(name)))
    }
}

impl Letter {
    /// The letter as bytes. Of a past that is too long the oldest messages stay behind.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(64);
        match self {
            Self::Rooms(rooms) => write_rooms(&mut writer, rooms),
            Self::Supersede(node, key) => {
                writer.array(4).uint(VERSION).uint(SUPERSEDE).str(node).str(key);
            }
            Self::Holders(holders) => write_holders(&mut writer, holders),
            Self::Ask(room) => {
                writer.array(3).uint(VERSION).uint(ASK).str(room.as_str());
            }
            Self::Past(room, messages) => write_past(&mut writer, room, messages),
            Self::Kept => {
                writer.array(2).uint(VERSION).uint(KEPT);
            }
            Self::Elsewhere => {
                writer.array(2).uint(VERSION).uint(ELSEWHERE);
            }
            Self::Handed(room, epoch) => {
                writer.array(4).uint(VERSION).uint(HANDED).str(room.as_str()).uint(*epoch);
            }
        }
        writer.into_bytes()
    }

    /// A letter from its bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for everything that the specification does not allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let elements = reader.array(9);
        let at = reader.at();
        let version = reader.u8();
        reader.check(version == VERSION, at, Fault::Version);
        let at = reader.at();
        let kind = reader.u8();
        let expected = match kind {
            ROOMS => 8,
            SUPERSEDE | PAST | HANDED => 4,
            HOLDERS => 9,
            ASK => 3,
            KEPT | ELSEWHERE => 2,
            _ => return Err(reader.error(at, Fault::Kind)),
        };
        reader.check(elements == expected, 0, Fault::Length);
        let letter = match kind {
            ROOMS => Self::Rooms(read_rooms(&mut reader)?),
            SUPERSEDE => {
                let node = read_name(&mut reader);
                Self::Supersede(node, reader.str(CHAT_KEY_BYTES_MAX).to_owned())
            }
            HOLDERS => Self::Holders(read_holders(&mut reader)),
            ASK => Self::Ask(read_room(&mut reader)?),
            PAST => read_past(&mut reader)?,
            HANDED => Self::Handed(read_room(&mut reader)?, reader.u32()),
            KEPT => Self::Kept,
            _ => Self::Elsewhere,
        };
        reader.finish(letter)
    }
}

fn write_rooms(writer: &mut Writer, told: &Rooms) {
    writer.array(8).uint(VERSION).uint(ROOMS).str(&told.life.node).uint(told.life.epoch).uint(told.round);
    // Two numbers in one list keep the letter's own list short.
    writer.bool(told.last).array(2).uint(told.live).uint(told.addresses).array(told.rooms.len());
    for (room, members) in &told.rooms {
        writer.array(2).str(room.as_str()).uint(*members);
    }
}

fn write_holders(writer: &mut Writer, told: &Holders) {
    let bytes = |holders: &[Holder]| -> Vec<u8> {
        holders.iter().flat_map(|holder| holder.0.to_be_bytes()).collect()
    };
    writer.array(9).uint(VERSION).uint(HOLDERS).str(&told.life.node).uint(told.life.epoch);
    writer.uint(told.number).bool(told.begins).bool(told.whole);
    writer.bin(&bytes(&told.came)).bin(&bytes(&told.went));
}

fn write_past(writer: &mut Writer, room: &RoomKey, messages: &[RoomEvent]) {
    let mut left = CHAT_PAST_BYTES_MAX;
    let fits = |message: &&RoomEvent| {
        let bytes = message.body.len() + AROUND_BYTES;
        let fits = bytes <= left;
        left = left.saturating_sub(bytes);
        fits
    };
    let newest = messages.iter().rev().take(CHAT_PAST_MESSAGES_MAX).take_while(fits).count();
    let newest = messages.get(messages.len() - newest..).unwrap_or_default();
    writer.array(4).uint(VERSION).uint(PAST).str(room.as_str()).array(newest.len());
    for RoomEvent { epoch, sequence, class, operation, body, .. } in newest {
        writer.array(5).uint(*epoch).uint(*sequence).uint(class.number()).uint(operation.0).bin(body);
    }
}

fn read_name(reader: &mut Reader<'_>) -> String {
    let at = reader.at();
    let name = reader.str(NODE_NAME_BYTES_MAX).to_owned();
    reader.check(!name.is_empty(), at, Fault::Limit);
    name
}

fn read_room(reader: &mut Reader<'_>) -> Result<RoomKey, DecodeError> {
    let at = reader.at();
    RoomKey::parse(reader.str(CHAT_ROOM_BYTES_MAX)).ok_or_else(|| reader.error(at, Fault::Contradiction))
}

fn read_rooms(reader: &mut Reader<'_>) -> Result<Rooms, DecodeError> {
    let life = Life { node: read_name(reader), epoch: reader.u64() };
    let (round, last) = (reader.u64(), reader.bool());
    reader.array_exactly(2);
    let (live, addresses) = (reader.u32(), reader.u32());
    let count = reader.array(CHAT_NODE_ROOMS_MAX);
    let mut rooms = Vec::new();
    while rooms.len() < count && reader.is_sound() {
        reader.array_exactly(2);
        rooms.push((read_room(reader)?, reader.u32()));
    }
    Ok(Rooms { life, round, last, live, addresses, rooms })
}

fn read_holders(reader: &mut Reader<'_>) -> Holders {
    let life = Life { node: read_name(reader), epoch: reader.u64() };
    let number = reader.u64();
    let (begins, whole) = (reader.bool(), reader.bool());
    let [came, went] = [(); 2].map(|()| {
        let at = reader.at();
        let bytes = reader.bin(CHAT_NODE_HOLDERS_MAX * HOLDER_BYTES);
        let (holders, rest) = bytes.as_chunks::<HOLDER_BYTES>();
        reader.check(rest.is_empty(), at, Fault::Length);
        holders.iter().map(|holder| Holder(u64::from_be_bytes(*holder))).collect()
    });
    Holders { life, number, begins, whole, came, went }
}

fn read_past(reader: &mut Reader<'_>) -> Result<Letter, DecodeError> {
    let room = read_room(reader)?;
    let count = reader.array(CHAT_PAST_MESSAGES_MAX);
    let mut messages = Vec::new();
    while messages.len() < count && reader.is_sound() {
        reader.array_exactly(5);
        let (epoch, sequence) = (reader.u32(), reader.u64());
        let at = reader.at();
        let class = Class::from_number(reader.u8()).ok_or_else(|| reader.error(at, Fault::Kind))?;
        let operation = Operation(reader.u32());
        let body: Arc<[u8]> = reader.bin(CHAT_BODY_BYTES_MAX).into();
        messages.push(RoomEvent { room: room.clone(), epoch, sequence, class, operation, body });
    }
    Ok(Letter::Past(room, messages))
}
