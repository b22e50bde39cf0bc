//! What a viewer does: the free market of blocks (`docs/spec/market.md`).
//!
//! The engine is sans-IO and holds no media bytes. It has one input and one poll:
//!
//! 1. The shell hands in everything that happens with [`Engine::handle_input`], with the time it happened at.
//! 2. **The drain rule:** after each input the shell calls [`Engine::poll_output`] until it answers
//!    [`Output::Timeout`], and hands in [`Input::Timeout`] at that moment at the latest. An input that comes before the
//!    outputs of the last one were drained is a breach, and is reported by a debug assertion.
//!
//! Media is dealt in as [`Handle`]s: names of bytes that the shell holds. The shell makes a handle for each body that
//! arrives, and forgets it at [`Output::Release`].
//!
//! **Invariant:** bytes uploaded never exceed bytes downloaded, at any moment, unless the shell runs a super-peer.
//! **Invariant:** a block is played or passed on only after its digest matched the origin's signed list.
//! **Invariant:** every map, queue and retry has a maximum named in `limits`.
//! **Invariant:** no clock, no entropy, no hash-map iteration: the same inputs at the same times with the same seed
//! give the same outputs.

mod announce;
mod budget;
mod die;
mod early;
mod encoder;
mod engine;
mod holdings;
pub mod io;
pub mod limits;
mod links;
mod lists;
mod market;
mod median;
mod origin;
mod pace;
mod peer;
pub mod picture;
mod position;
mod promise;
pub mod report;
mod rng;
mod schedule;
mod share;
mod timers;
mod upload;
mod wants;
mod window;

pub use engine::Engine;
pub use io::{Config, Event, FetchFailure, Handle, Input, LinkId, Output};
