//! The engine of `swarm` as a native program: headless viewers that play virtually, and a super-peer.
//!
//! A `viewer` is one task with one engine, and its hands beside it: `links` (the `webrtc` crate), `tracker` (a
//! WebSocket), `origin` (GETs), `playlist` (reloads), `player` (a clock in place of a video element), `check`
//! (SHA-256, Ed25519). [`program`] reads what is to be played, lets viewers come, reports, and lets them leave.
//!
//! **Invariant:** no rule of the swarm lives here: the same engine decides that decides in the page.
//! **Invariant:** a block is passed on or counted as played only after the engine had it checked.
//! **Invariant:** every queue, body and wait has a maximum ([`limits`]).

mod check;
mod config;
mod descriptor;
mod http;
mod keys;
pub mod limits;
mod links;
mod ops;
mod origin;
mod player;
mod playlist;
pub mod program;
mod report;
mod shaper;
mod tracker;
mod viewer;

pub use config::Config;
pub use descriptor::{Stream, StreamError};
pub use player::{Player, Tally};
pub use report::Report;
