//! How a client speaks, and is spoken to: WebTorrent's JSON in text frames, or the same in MessagePack in binary ones.

use protocol::limits::FAILURE_REASON_BYTES_MAX;
use protocol::tracker::{ClientMessage, Extras, Forwarded, Hints, ServerMessage, binary, text};
use tokio_tungstenite::tungstenite::Message;

/// One of the two encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Text frames.
    Json,
    /// Binary frames.
    MessagePack,
}

/// What a frame says: a message, unless it only brings a token, and what is beside it.
pub(super) type Spoken = (Option<ClientMessage>, Extras);

/// What stands for the rest of a reason that is too long: parsers quote what they read, and a stranger decides how long
/// that is.
const REST: &str = "…";

impl Encoding {
    /// The offer that a frame of ours hands on, if it is one.
    pub(super) fn offer(frame: &Message) -> Option<Forwarded> {
        let message = match frame {
            Message::Text(frame) => text::decode_server(frame).ok(),
            Message::Binary(frame) => binary::decode_server(frame).ok(),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => None,
        };
        if let Some(ServerMessage::Offer(offer)) = message { Some(offer) } else { None }
    }

    /// The frame that says it.
    pub(super) fn encode(self, message: &ServerMessage, hints: Hints<'_>) -> Message {
        match self {
            Self::Json => Message::text(text::encode_server_with_hints(message, hints)),
            Self::MessagePack => Message::binary(binary::encode_server_with_hints(message, hints)),
        }
    }
}

/// What a text frame says, or why it says nothing.
pub(super) fn decode_text(frame: &str) -> Result<Spoken, String> {
    text::decode_client_with_extras(frame)
        .map_err(|error| in_short(format!("this is no tracker message: {error}")))
}

/// What a binary frame says, or why it says nothing.
pub(super) fn decode_binary(frame: &[u8]) -> Result<Spoken, String> {
    binary::decode_client_with_extras(frame)
        .map_err(|error| in_short(format!("this is no tracker message: {error}")))
}

fn in_short(reason: String) -> String {
    if reason.len() <= FAILURE_REASON_BYTES_MAX {
        return reason;
    }
    let end = reason.floor_char_boundary(FAILURE_REASON_BYTES_MAX - REST.len());
    format!("{}{REST}", &reason[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_one_byte_past_its_maximum_and_between_characters() {
        let at_limit = "ü".repeat(FAILURE_REASON_BYTES_MAX / 2);
        assert_eq!(in_short(at_limit.clone()), at_limit);
        let cut = in_short(format!("{at_limit}x"));
        assert!(cut.len() <= FAILURE_REASON_BYTES_MAX && cut.ends_with("ü…"), "{cut}");
    }
}
