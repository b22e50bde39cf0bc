//! The tracker's messages as serde types: one shape for text and for binary frames.
//!
//! Ids know which of the two they are in (`is_human_readable`): a string with one character of U+0000–U+00FF per byte,
//! or 20 bytes. What stock clients are seen to do is accepted: null for absent, numbers that are not integers, unknown
//! fields and events.

mod bytes20;
mod client;
mod list;
mod number;
mod server;

pub(super) use client::{ClientFrame, ClientOut};
pub(super) use server::{ServerFrame, ServerOut};

use serde::{Deserialize, Serialize};

/// Why a frame that parses is still not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The frame is longer than [`crate::limits::TRACKER_FRAME_BYTES_MAX`].
    TooLong,
    /// `action` is neither `announce` nor `scrape`.
    UnknownAction,
    /// This required key is missing or null.
    Missing(&'static str),
    /// This list or string is longer than its named maximum.
    OverLimit(&'static str),
}

impl core::fmt::Display for Rule {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::TooLong => f.write_str("the frame is too long"),
            Self::UnknownAction => f.write_str("the action is neither announce nor scrape"),
            Self::Missing(key) => write!(f, "{key} is missing"),
            Self::OverLimit(key) => write!(f, "{key} is over its limit"),
        }
    }
}

/// A session description in its envelope; `type` says what its key says already, and is not looked at.
#[derive(Deserialize)]
struct SdpIn {
    sdp: String,
}

#[derive(Serialize)]
struct SdpOut<'a> {
    r#type: &'static str,
    sdp: &'a str,
}

impl SdpIn {
    fn parse(self) -> Result<String, Rule> {
        if self.sdp.len() <= crate::limits::SDP_BYTES_MAX {
            Ok(self.sdp)
        } else {
            Err(Rule::OverLimit("sdp"))
        }
    }
}
