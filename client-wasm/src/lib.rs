//! The engine, seen from a page: numbers, strings and byte arrays in, calls of the page's own functions out.
//!
//! Owns the translation between `swarm`'s types and what JavaScript can say, and nothing else.
//! **Invariant:** no rule of the swarm lives here, and none in the TypeScript around it: that owns the sockets, the
//! connections, WebCrypto and the media bytes, and does what it is told.
//! **Invariant:** times are milliseconds of `performance.now()`; sequence numbers are doubles, exact below 2^53.
//! **Invariant:** an id of 20 bytes that is not 20 bytes long, a number out of range: refused at the door, never a panic.
//!
//! The module has no panic hook and formats nothing: a trap reaches the page as a `WebAssembly.RuntimeError`, which ends
//! the session's use of the engine; playback goes on by plain HLS.
#![cfg(target_arch = "wasm32")]

mod config;
mod convert;
mod engine;
mod rows;
mod shell;

pub use config::Config;
pub use engine::{Engine, data_body};
pub use shell::Shell;
