//! Chat frames: the 16-byte header that GOIM and Bilibili's live rooms share, and our extension of it
//! (`docs/spec/chat.md`).
//!
//! Both dialects put the same five big-endian fields before a body and differ in what version and body mean:
//! [`Version`] has both readings. A connection's dialect shows in the body of its first frame ([`auth`], feature
//! `serde`). Compressed batches are opaque here: what is inside them, once somebody decompressed it, is again frames
//! ([`Frames`]).

#[cfg(feature = "serde")]
pub mod auth;
pub mod event;
mod frame;
pub mod node;
mod parcel;

pub use event::{Class, Direct, Event, RoomEvent, RoomKey, To};
pub use frame::{EXTENDED_HEADER_BYTES, Extension, Fault, Frame, Frames, HEADER_BYTES, Header, Reader};

/// How a body is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16);

impl Version {
    /// Bilibili: one JSON body as it is. Clients may send everything with it.
    pub const PLAIN: Self = Self(0);
    /// Bilibili: control frames (auth, heartbeat, their replies). GOIM: every frame.
    pub const CONTROL: Self = Self(1);
    /// Bilibili: frames end to end, compressed with zlib (RFC 1950).
    pub const ZLIB: Self = Self(2);
    /// Bilibili: frames end to end, compressed with brotli (RFC 7932).
    pub const BROTLI: Self = Self(3);

    /// The version of a reply to a frame of this version: the same, where it is one that carries control frames.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        if self.0 == 0 { Self::PLAIN } else { Self::CONTROL }
    }
}

/// What a frame is for. Numbers from 1,000 are the business's own (GOIM's push API names them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation(pub u32);

impl Operation {
    /// Client: I am still here.
    pub const HEARTBEAT: Self = Self(2);
    /// Server: four bytes, how many are in the room.
    pub const HEARTBEAT_REPLY: Self = Self(3);
    /// GOIM client: a message upstream.
    pub const SEND: Self = Self(4);
    /// Bilibili: a room's event. GOIM: the reply to [`Self::SEND`], or a push that chose this number.
    pub const MESSAGE: Self = Self(5);
    /// Client: who I am and which room I want.
    pub const AUTH: Self = Self(7);
    /// Server: you are in, or why not.
    pub const AUTH_REPLY: Self = Self(8);
    /// GOIM server, WebSocket only: the body is whole frames, end to end.
    pub const RAW: Self = Self(9);
    /// GOIM client: another room; the body is its name, an empty one leaves.
    pub const CHANGE_ROOM: Self = Self(12);
    /// GOIM server: the reply to [`Self::CHANGE_ROOM`].
    pub const CHANGE_ROOM_REPLY: Self = Self(13);
    /// GOIM client: push these operations to me too; the body is a list with commas.
    pub const SUBSCRIBE: Self = Self(14);
    /// GOIM server: the reply to [`Self::SUBSCRIBE`].
    pub const SUBSCRIBE_REPLY: Self = Self(15);
    /// GOIM client: push these operations to me no longer.
    pub const UNSUBSCRIBE: Self = Self(16);
    /// GOIM server: the reply to [`Self::UNSUBSCRIBE`].
    pub const UNSUBSCRIBE_REPLY: Self = Self(17);
    /// A client of ours: another token from now on, the text itself.
    pub const TOKEN: Self = Self(20);
    /// The reply to [`Self::TOKEN`]: like that to [`Self::AUTH`].
    pub const TOKEN_REPLY: Self = Self(21);
}
