//! The wire formats from outside: one module per behaviour.

// Helpers outside test functions may panic too: `cfg(test)` tells clippy so.
#![cfg(test)]

mod blocks_vectors;
mod bus_vectors;
mod chat_frames;
mod chat_vectors;
mod descriptor_vectors;
mod generate;
mod hash_list_vectors;
mod limits;
mod oracle;
mod pack_forms;
mod peer_vectors;
mod round_trip;
mod tracker_frames;
mod tracker_interop;
mod tracker_vectors;
mod vectors;
