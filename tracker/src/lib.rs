//! The tracker: introduces the viewers of a stream to each other, and carries nothing else between them.
//!
//! Two halves with one door between them. [`registry`] is the pure core: who is in which swarm, who gets whose offer;
//! sans-IO, deterministic from its seed, the same one that the simulator runs. `serve` (feature `server`) is the shell:
//! one port that speaks WebSocket (JSON text and MessagePack binary) and a little HTTP. [`stun`] is a pure codec beside
//! them: viewers learn their address from outside by it.
//!
//! **Invariant:** the registry stores peers, never offers: an offer is handed on or dropped in the call that brought it.
//! **Invariant:** no message makes work that grows with the size of its swarm.
//! **Invariant:** swarms live in memory only; after a restart the viewers' next announces build them again, and links
//! that are open go on without a tracker.
//!
//! The wire is `protocol::tracker`, its text `docs/spec/tracker.md`.

pub mod nodes;
pub mod registry;
#[cfg(feature = "server")]
pub mod serve;
#[cfg(feature = "server")]
pub mod stun;
