//! The engine, seen from a page: numbers and bytes in, numbers and bytes out.
//!
//! Owns the translation between `swarm`'s types and what JavaScript can say, and nothing else.
//! **Invariant:** no rule of the swarm lives here, and none in the TypeScript around it: that owns the sockets, the
//! connections, WebCrypto and the media bytes, and does what it is told.
//! **Invariant:** times are milliseconds of `performance.now()`; sequence numbers are doubles, exact below 2^53.
//! **Invariant:** an id of another length, a number out of range, a kind that does not exist: refused at the door, never a
//! panic.
//!
//! The door is narrow on purpose: two functions, `engine_input` and `engine_poll`, carry a kind and its fields (`replay::kind`).
//! A function per input and an import per output are 6 KB (brotli) more of glue for the same sentences. It is also why the
//! page may do what it likes between two outputs: nothing of the module is borrowed then.
//!
//! The module has no panic hook and formats nothing: a trap reaches the page as a `WebAssembly.RuntimeError`, which ends
//! the session's use of the engine; playback goes on by plain HLS.
#![cfg(target_arch = "wasm32")]

#[cfg(feature = "comments")]
mod comments;
#[cfg(any(feature = "engine", feature = "recorder"))]
mod config;
#[cfg(any(feature = "engine", feature = "recorder"))]
#[cfg_attr(not(feature = "engine"), expect(dead_code, reason = "the recorder reads a configuration only"))]
mod convert;
#[cfg(feature = "engine")]
mod engine;
#[cfg(feature = "engine")]
mod input;
#[cfg(feature = "engine")]
mod output;
#[cfg(feature = "recorder")]
mod recorder;
#[cfg(feature = "engine")]
mod rows;

#[cfg(feature = "comments")]
pub use comments::Comments;
#[cfg(feature = "engine")]
pub use engine::{
    data_body, engine_bytes, engine_create, engine_free, engine_input, engine_poll, engine_report,
};
#[cfg(feature = "recorder")]
pub use recorder::Recorder;

/// A third of the size of std's allocator for wasm (2.5 KB of brotli less), and constant time.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
