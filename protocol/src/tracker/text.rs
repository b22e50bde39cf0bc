//! The tracker's text frames: WebTorrent's JSON.

mod forwarded;

use serde::Serialize;

use super::dto::{ClientFrame, ClientOut, Rule, ServerFrame, ServerOut};
use super::{ClientMessage, Extras, Hints, ServerMessage};
use crate::limits::TRACKER_FRAME_BYTES_MAX;

/// Why a text frame is no message.
#[derive(Debug)]
pub enum TextError {
    /// It is not JSON, or a value has another type than its key wants.
    Json(serde_json::Error),
    /// It breaks a rule of the protocol.
    Rule(Rule),
}

/// A viewer's message from a text frame.
///
/// # Errors
/// [`TextError`].
pub fn decode_client(text: &str) -> Result<ClientMessage, TextError> {
    check_length(text)?;
    serde_json::from_str::<ClientFrame<'_>>(text).map_err(TextError::Json)?.parse().map_err(TextError::Rule)
}

/// The same, with what the frame says beside its message; no message where it only brings a token.
///
/// # Errors
/// [`TextError`].
pub fn decode_client_with_extras(text: &str) -> Result<(Option<ClientMessage>, Extras), TextError> {
    check_length(text)?;
    serde_json::from_str::<ClientFrame<'_>>(text)
        .map_err(TextError::Json)?
        .parse_with_extras()
        .map_err(TextError::Rule)
}

/// The tracker's message from a text frame.
///
/// # Errors
/// [`TextError`].
pub fn decode_server(text: &str) -> Result<ServerMessage, TextError> {
    check_length(text)?;
    serde_json::from_str::<ServerFrame<'_>>(text).map_err(TextError::Json)?.parse().map_err(TextError::Rule)
}

/// A viewer's message as a text frame.
#[must_use]
pub fn encode_client(message: &ClientMessage) -> String {
    let sdp_bytes = match message {
        ClientMessage::Announce(announce) => announce.offers.iter().map(|offer| offer.sdp.len()).sum(),
        ClientMessage::Answer(answer) => answer.sdp.len(),
        ClientMessage::Scrape(_) => 0,
    };
    written(&ClientOut::from(message), sdp_bytes)
}

/// The tracker's message as a text frame.
#[must_use]
pub fn encode_server(message: &ServerMessage) -> String {
    encode_server_with_hints(message, Hints::default())
}

/// The same; a reply tells these hints, too.
#[must_use]
pub fn encode_server_with_hints(message: &ServerMessage, hints: Hints<'_>) -> String {
    match message {
        ServerMessage::Offer(offer) => forwarded::write(offer, "offer"),
        ServerMessage::Answer(answer) => forwarded::write(answer, "answer"),
        ServerMessage::Reply(_) | ServerMessage::Scrape(_) | ServerMessage::Failure(_) => {
            written(&ServerOut::new(message, hints), 0)
        }
    }
}

fn check_length(text: &str) -> Result<(), TextError> {
    if text.len() <= TRACKER_FRAME_BYTES_MAX { Ok(()) } else { Err(TextError::Rule(Rule::TooLong)) }
}

/// Bytes around the session descriptions of a message: keys, and ids whose every byte is escaped.
const AROUND_BYTES: usize = 640;

/// Room for all of it is taken at once; of a session description every 16th byte is one to escape (measured: line ends).
/// Writing fails only for maps whose keys are no strings, and for writers that fail: ours are strings and memory.
fn written(message: &impl Serialize, sdp_bytes: usize) -> String {
    let mut text = Vec::with_capacity(AROUND_BYTES + sdp_bytes + sdp_bytes / 8);
    let done = serde_json::to_writer(&mut text, message);
    debug_assert!(done.is_ok(), "a message that JSON cannot say");
    String::from_utf8(text).unwrap_or_default()
}

impl core::fmt::Display for TextError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::Rule(rule) => rule.fmt(f),
        }
    }
}

impl core::error::Error for TextError {}
