//! The server's side of WebSocket (RFC 6455), in place: no buffer of a connection's own, nothing negotiated.
//!
//! A client's frame is unmasked where it lies; the server's frames are two to ten bytes before what is shared with
//! everybody else. That is why this is here, and no library: one that reads and writes for us keeps kilobytes for every
//! silent viewer.

mod frame;
mod handshake;

pub use frame::{
    Close, Fault, Frame, HEADER_BYTES_MAX, Opcode, binary_header, close_frame, decode, pong_frame,
};
pub use handshake::{Answer, HEAD_BYTES_MAX, answer};
