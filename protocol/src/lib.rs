//! Every wire format of Shoal, and nothing that acts on one.
//!
//! Owns ids, time, limits, block arithmetic, the signed hash list, the messages between peers (MessagePack) and
//! between a viewer and the tracker (WebTorrent JSON, and the same model in MessagePack), chat frames, the stream descriptor,
//! and what servers tell each other (room events, presence).
//! The texts are in `docs/spec/`; the golden vectors in `protocol/vectors/` are read by Rust and TypeScript alike.
//!
//! **Invariant:** decoding never panics and never allocates more than its input's length times a small constant:
//! bytes from outside become a value or a typed error.
//! **Invariant:** pure: no clock, no entropy, no socket; it builds for `wasm32-unknown-unknown`.

pub mod block;
pub mod chat;
#[cfg(feature = "serde")]
pub mod descriptor;
pub mod hash_list;
pub mod id;
pub mod limits;
pub mod pack;
pub mod peer;
pub mod presence;
pub mod rendezvous;
pub mod time;
pub mod tracker;
