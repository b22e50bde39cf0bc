//! What a connection is answered.

use protocol::chat::{HEADER_BYTES, Header, Operation};

use crate::tick::Transport;
use crate::websocket;

/// What an authentication is answered; clients compare the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthCode {
    /// You are in.
    Accepted,
    /// Not with this token.
    Token,
    /// It cannot be meant.
    Request,
}

impl AuthCode {
    /// The body.
    #[must_use]
    pub const fn body(self) -> &'static [u8] {
        match self {
            Self::Accepted => b"{\"code\":0}",
            Self::Token => b"{\"code\":-101}",
            Self::Request => b"{\"code\":-400}",
        }
    }
}

/// Operations from here on are the application's own.
pub(super) const BUSINESS: u32 = 1_000;

/// Appends the reply to a frame: the next operation (a message upstream gets its own again, as GOIM does it), its sequence and version mirrored.
pub fn reply(to: Header, body: &[u8], transport: Transport, out: &mut Vec<u8>) {
    if transport == Transport::WebSocket {
        websocket::binary_header(HEADER_BYTES + body.len(), out);
    }
    let operation = if to.operation == Operation::SEND || to.operation.0 >= BUSINESS {
        to.operation
    } else {
        Operation(to.operation.0.saturating_add(1))
    };
    Header { version: to.version.mirrored(), operation, sequence: to.sequence }.encode(body, out);
}
