//! The data message `[6, request id, body]`, taken apart so that the body never enters a codec: the shell keeps the
//! body's bytes and passes only the header on.

use super::{KIND_DATA, RequestId};
use crate::limits::{BLOCK_BYTES, PEER_MESSAGE_BYTES_MAX};
use crate::pack::{Reader, Writer};

/// Bytes of the longest header: the array, the kind, a request id of 32 bits, a `bin` of 16 bits.
pub const DATA_HEADER_BYTES_MAX: usize = 1 + 1 + 5 + 3;

const ELEMENTS: usize = 3;

/// What precedes the `body_bytes` of a block that answers request `id`.
#[must_use]
pub fn data_header(id: RequestId, body_bytes: u32) -> Vec<u8> {
    debug_assert!((1..=BLOCK_BYTES).contains(&body_bytes), "no block has this size");
    let mut writer = Writer::with_capacity(DATA_HEADER_BYTES_MAX);
    writer.array(ELEMENTS).uint(KIND_DATA).uint(id.0).bin_header(body_bytes);
    writer.into_bytes()
}

/// The request that a data message answers and the length of its header, from the message's first bytes (at least
/// [`DATA_HEADER_BYTES_MAX`] of them, or all) and its whole length. `None` for every other message, and for a data
/// message that breaks the specification: both are [`super::Message::decode`]'s to judge.
#[must_use]
pub fn parse_data_header(prefix: &[u8], message_bytes: usize) -> Option<(RequestId, usize)> {
    let mut reader = Reader::new(prefix);
    reader.array_exactly(ELEMENTS);
    let kind = reader.u8();
    let id = RequestId(reader.u32());
    let body_bytes = reader.bin_header(BLOCK_BYTES as usize);
    let whole = body_bytes > 0 && reader.at() + body_bytes == message_bytes;
    (kind == KIND_DATA && whole && message_bytes <= PEER_MESSAGE_BYTES_MAX).then_some((id, reader.at()))
}
