//! Messages between viewers.

use protocol::peer::{Message, data_header, parse_data_header};

use crate::hold;

/// A message of a data channel: one that carries media is told by its header.
pub(crate) fn message(bytes: &[u8]) {
    if let Ok(message) = Message::decode(bytes) {
        hold(message.encode() == bytes, "a message has one encoding");
    }
    if let Some((id, length)) = parse_data_header(bytes, bytes.len()) {
        let body = u32::try_from(bytes.len() - length).unwrap_or(u32::MAX);
        hold(data_header(id, body) == bytes[..length], "a header of media has one encoding");
    }
}
