//! The bus over a real NATS, which these tests start, beside the one in memory: one module per behaviour.

// Helpers outside test functions may panic too: `cfg(test)` tells clippy so.
#![cfg(test)]

mod away;
mod both;
mod limits;
mod presence;
mod sites;
mod world;
