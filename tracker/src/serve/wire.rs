//! How a client speaks, and is spoken to: WebTorrent's JSON in text frames, or the same in MessagePack in binary ones.

use protocol::tracker::{ClientMessage, ServerMessage, binary, text};
use tokio_tungstenite::tungstenite::Message;

/// One of the two encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Text frames.
    Json,
    /// Binary frames.
    MessagePack,
}

/// Characters of a refusal's reason: parsers quote what they read, and a stranger decides how long that is.
const REASON_CHARS_MAX: usize = 200;

impl Encoding {
    /// The frame that says it.
    pub(super) fn encode(self, message: &ServerMessage) -> Message {
        match self {
            Self::Json => Message::text(text::encode_server(message)),
            Self::MessagePack => Message::binary(binary::encode_server(message)),
        }
    }
}

/// What a text frame says, or why it says nothing.
pub(super) fn decode_text(frame: &str) -> Result<ClientMessage, String> {
    text::decode_client(frame).map_err(|error| in_short(format!("this is no tracker message: {error}")))
}

/// What a binary frame says, or why it says nothing.
pub(super) fn decode_binary(frame: &[u8]) -> Result<ClientMessage, String> {
    binary::decode_client(frame).map_err(|error| in_short(format!("this is no tracker message: {error}")))
}

fn in_short(reason: String) -> String {
    match reason.char_indices().nth(REASON_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &reason[..end]),
        None => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_one_character_past_its_maximum() {
        let at_limit = "ü".repeat(REASON_CHARS_MAX);
        assert_eq!(in_short(at_limit.clone()), at_limit);
        assert_eq!(in_short(format!("{at_limit}x")), format!("{at_limit}…"));
    }
}
