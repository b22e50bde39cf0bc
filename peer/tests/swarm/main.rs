//! Native viewers at a real tracker and a real origin, all in the test's own process, over loopback.

#![cfg(test)]

#[path = "../../../hls-origin/tests/fixture/mod.rs"]
mod fixture;

mod crowd;
mod liar;
mod program;
mod recording;
mod stage;
mod super_peer;
mod trade;
