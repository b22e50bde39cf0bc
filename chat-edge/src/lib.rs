//! The chat edge: a room's comments, to everybody in it, at once and accounted for.
//!
//! The pure core is sans-IO. [`logic`] numbers what is published; [`room`] decides when a room's messages go out and
//! which of them, and closes them into a [`tick`]; [`ring`] holds the ticks and where in them each member is;
//! [`session`] is what one connection says, over [`websocket`] or bare TCP. `serve` (feature `server`) is the shell:
//! threads of sockets, the push API, configuration, signals.
//!
//! **Invariant:** a member costs a cursor, not a queue. What is sent to a room is encoded at most once for each form
//! that somebody in it reads.
//! **Invariant:** published × members = delivered + declared drops, by class and reason, whatever the sockets do
//! ([`ring::Account`]).
//! **Invariant:** messages of a room arrive in the order of the room, or not at all.
//!
//! The wire is `protocol::chat`, its text `docs/spec/chat.md`.

pub mod comment;
pub mod filter;
pub mod logic;
pub mod moderation;
pub mod ring;
pub mod room;
pub mod router;
#[cfg(feature = "server")]
pub mod serve;
pub mod session;
#[cfg(feature = "server")]
pub mod store;
pub mod tick;
pub mod websocket;
