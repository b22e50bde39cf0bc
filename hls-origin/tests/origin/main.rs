//! The origin over a real port: one module a behaviour, one process for all.
//!
//! Encoders are the fixture's; where ffmpeg is installed it publishes too.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the helpers of tests fail as tests do: clippy's own leave covers only functions marked as tests"
)]

#[path = "../fixture/mod.rs"]
mod fixture;

mod app;
mod blocks;
mod doors;
mod faults;
mod ffmpeg;
mod hostile;
mod operating;
mod playlists;
mod program;
mod publishing;
mod raw;
mod restarts;
mod segments;
mod semantics;
