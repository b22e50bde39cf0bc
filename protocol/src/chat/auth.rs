//! The body of a connection's first frame (operation 7): it also shows which dialect the client speaks.
//!
//! Clients differ in spacing, in key order, in which keys they leave out and in the types of those that do not matter to
//! them; what we do not need is not looked at.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::RoomKey;
use crate::limits::{CHAT_ACCEPTS_MAX, CHAT_FOLLOWS_MAX, CHAT_HISTORY_MAX, CHAT_KEY_BYTES_MAX};

/// Who a client says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// It speaks GOIM.
    Goim(Goim),
    /// It speaks Bilibili's live protocol.
    Bilibili(Bilibili),
}

/// A GOIM client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goim {
    /// Its user; 0 where it has none.
    pub mid: i64,
    /// The name of this connection, where the client chose one.
    pub key: Option<String>,
    /// Its room, where it wants one.
    pub room: Option<RoomKey>,
    /// Operations outside rooms that it wants.
    pub accepts: Vec<u32>,
    /// Our extension, where it asks for it.
    pub extension: Option<Wishes>,
    /// Users whose lines it always sees, however much is said.
    pub follows: Vec<i64>,
    /// The token that says who it is, where it shows one.
    pub token: Option<String>,
}

/// A client of Bilibili's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bilibili {
    /// Its user; 0 is a guest.
    pub uid: u64,
    /// The room's number.
    pub room: u64,
    /// The compression that it reads.
    pub protocol: Protocol,
    /// The token that it was given, where it shows one.
    pub token: Option<String>,
}

/// What a client of Bilibili's decompresses (`protover`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Nothing: `protover` is 0, 1 or absent.
    #[default]
    Plain,
    /// zlib: 2.
    Zlib,
    /// brotli: 3.
    Brotli,
}

/// What a client of ours asks of the extension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Go on after this message, where the room still has what came then.
    pub resume: Option<Position>,
    /// So many of the last messages, where it cannot or need not go on: at most [`CHAT_HISTORY_MAX`].
    pub history: usize,
}

/// A place in a room's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The life of the room's numbering.
    pub epoch: u32,
    /// The last message that was seen.
    pub sequence: u64,
}

/// Why a body is no authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthFault {
    /// No JSON object.
    NotJson,
    /// A field that we need has another type, or is out of its bounds: the field.
    Field(&'static str),
}

impl AuthFault {
    /// A stable word for logs and counters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotJson => "auth_not_json",
            Self::Field(_) => "auth_field",
        }
    }
}

/// Reads the body. A `roomid` or a `protover` is Bilibili's, everything else GOIM's.
///
/// # Errors
/// Where it is no JSON object, or a field that we need cannot be meant.
pub fn parse(body: &[u8]) -> Result<Auth, AuthFault> {
    let fields: Map<String, Value> = serde_json::from_slice(body).map_err(|_| AuthFault::NotJson)?;
    if fields.contains_key("roomid") || fields.contains_key("protover") {
        return parse_bilibili(&fields).map(Auth::Bilibili);
    }
    parse_goim(&fields).map(Auth::Goim)
}

fn parse_bilibili(fields: &Map<String, Value>) -> Result<Bilibili, AuthFault> {
    let protocol = match fields.get("protover").and_then(Value::as_u64) {
        Some(2) => Protocol::Zlib,
        Some(3) => Protocol::Brotli,
        _ => Protocol::Plain,
    };
    Ok(Bilibili {
        // Open-platform clients send a random number here that may have any size.
        uid: fields.get("uid").and_then(Value::as_u64).unwrap_or(0),
        room: fields.get("roomid").and_then(Value::as_u64).ok_or(AuthFault::Field("roomid"))?,
        protocol,
        token: text(fields, "key", CHAT_TOKEN_BYTES_MAX)?,
    })
}

fn parse_goim(fields: &Map<String, Value>) -> Result<Goim, AuthFault> {
    let room = text(fields, "room_id", usize::MAX)?;
    let room = room.map(|name| RoomKey::parse(&name).ok_or(AuthFault::Field("room_id"))).transpose()?;
    let accepts = match fields.get("accepts") {
        None | Some(Value::Null) => Vec::new(),
        Some(list) => Vec::<u32>::deserialize(list).map_err(|_| AuthFault::Field("accepts"))?,
    };
    if accepts.len() > CHAT_ACCEPTS_MAX {
        return Err(AuthFault::Field("accepts"));
    }
    Ok(Goim {
        mid: fields.get("mid").and_then(Value::as_i64).unwrap_or(0),
        key: text(fields, "key", CHAT_KEY_BYTES_MAX)?,
        room,
        accepts,
        extension: fields.get("shoal").map(parse_wishes).transpose()?,
        follows: fields
            .get("shoal")
            .and_then(|shoal| shoal.get("follows"))
            .map_or(Ok(Vec::new()), follows)?,
        token: text(fields, "token", CHAT_TOKEN_BYTES_MAX)?,
    })
}

fn parse_wishes(value: &Value) -> Result<Wishes, AuthFault> {
    let number = |of: &Value, key: &str| match of.get(key) {
        None => Ok(None),
        Some(number) => number.as_u64().map(Some).ok_or(AuthFault::Field("shoal")),
    };
    if number(value, "version")? != Some(1) {
        return Err(AuthFault::Field("shoal"));
    }
    let history = usize::try_from(number(value, "history")?.unwrap_or(0)).unwrap_or(usize::MAX);
    let position = match (number(value, "epoch")?, number(value, "sequence")?) {
        (None, None) => None,
        (Some(epoch), Some(sequence)) => {
            let epoch = u32::try_from(epoch).map_err(|_| AuthFault::Field("shoal"))?;
            Some(Position { epoch, sequence })
        }
        _ => return Err(AuthFault::Field("shoal")),
    };
    Ok(Wishes { resume: position, history: history.min(CHAT_HISTORY_MAX) })
}

fn follows(value: &Value) -> Result<Vec<i64>, AuthFault> {
    let users = Vec::<i64>::deserialize(value).map_err(|_| AuthFault::Field("shoal"))?;
    if users.len() > CHAT_FOLLOWS_MAX { Err(AuthFault::Field("shoal")) } else { Ok(users) }
}

/// Bytes of a token: those that we sign are far below.
const CHAT_TOKEN_BYTES_MAX: usize = 2_048;

fn text(
    fields: &Map<String, Value>,
    key: &'static str,
    bytes_max: usize,
) -> Result<Option<String>, AuthFault> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) if text.len() <= bytes_max => Ok(Some(text.clone())),
        Some(_) => Err(AuthFault::Field(key)),
    }
}
