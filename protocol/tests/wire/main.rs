//! The wire formats from outside: one module per behaviour.

// Helpers outside test functions may panic too: `cfg(test)` tells clippy so.
#![cfg(test)]

mod generate;
mod round_trip;
mod tracker_frames;
mod tracker_interop;
