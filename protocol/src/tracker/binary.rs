//! The tracker's binary frames by serde: the same maps as the text frames, in MessagePack.
//!
//! A server reads with this what any MessagePack writer may send: integers of every width, floats, keys in any order.

use std::io::Cursor;

use rmp_serde::decode::Error as ReadError;
use serde::Deserialize;

use super::dto::{ClientFrame, ClientOut, Rule, ServerFrame, ServerOut};
use super::{ClientMessage, Extras, Hints, ServerMessage};
use crate::limits::TRACKER_FRAME_BYTES_MAX;

/// Values inside values inside values: our messages nest four deep; unknown fields may a little more.
const DEPTH_MAX: usize = 32;

/// Why a binary frame is no message.
#[derive(Debug)]
pub enum BinaryError {
    /// It is not MessagePack, or a value has another type than its key wants.
    Pack(ReadError),
    /// Bytes are left after the message.
    Trailing,
    /// It breaks a rule of the protocol.
    Rule(Rule),
}

/// A viewer's message from a binary frame.
///
/// # Errors
/// [`BinaryError`].
pub fn decode_client(bytes: &[u8]) -> Result<ClientMessage, BinaryError> {
    read::<ClientFrame<'_>>(bytes)?.parse().map_err(BinaryError::Rule)
}

/// The same, with what the frame says beside its message; no message where it only brings a token.
///
/// # Errors
/// [`BinaryError`].
pub fn decode_client_with_extras(bytes: &[u8]) -> Result<(Option<ClientMessage>, Extras), BinaryError> {
    read::<ClientFrame<'_>>(bytes)?.parse_with_extras().map_err(BinaryError::Rule)
}

/// The tracker's message from a binary frame.
///
/// # Errors
/// [`BinaryError`].
pub fn decode_server(bytes: &[u8]) -> Result<ServerMessage, BinaryError> {
    read::<ServerFrame<'_>>(bytes)?.parse().map_err(BinaryError::Rule)
}

/// A viewer's message as a binary frame.
#[must_use]
pub fn encode_client(message: &ClientMessage) -> Vec<u8> {
    written(rmp_serde::to_vec_named(&ClientOut::from(message)))
}

/// The tracker's message as a binary frame.
#[must_use]
pub fn encode_server(message: &ServerMessage) -> Vec<u8> {
    encode_server_with_hints(message, Hints::default())
}

/// The same; a reply tells these hints, too.
#[must_use]
pub fn encode_server_with_hints(message: &ServerMessage, hints: Hints<'_>) -> Vec<u8> {
    written(rmp_serde::to_vec_named(&ServerOut::new(message, hints)))
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, BinaryError> {
    if bytes.len() > TRACKER_FRAME_BYTES_MAX {
        return Err(BinaryError::Rule(Rule::TooLong));
    }
    let mut reader = rmp_serde::Deserializer::new(Cursor::new(bytes));
    reader.set_max_depth(DEPTH_MAX);
    let value = T::deserialize(&mut reader).map_err(BinaryError::Pack)?;
    if reader.position() == bytes.len() as u64 { Ok(value) } else { Err(BinaryError::Trailing) }
}

/// Writing fails only for values of unknown length, and for writers that fail: ours have lengths, and go to memory.
fn written(bytes: Result<Vec<u8>, rmp_serde::encode::Error>) -> Vec<u8> {
    debug_assert!(bytes.is_ok(), "a message that MessagePack cannot say");
    bytes.unwrap_or_default()
}

impl core::fmt::Display for BinaryError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Pack(error) => error.fmt(f),
            Self::Trailing => f.write_str("bytes are left after the message"),
            Self::Rule(rule) => rule.fmt(f),
        }
    }
}

impl core::error::Error for BinaryError {}
