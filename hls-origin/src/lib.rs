//! The origin: live fMP4 in; playlists, segments, and blocks with signed hashes out.
//!
//! Without default features this is the pure core: what the bytes mean ([`ingest`]), where a segment ends
//! ([`segment`]), what stays available and for how long ([`window`]), what a block is and who vouches for it
//! ([`blocks`]), and how it is all written down for players ([`playlist`]); [`stream`] routes between them. The
//! feature `server` (on by default) adds `serve`: sockets, files, the clock and the binary.
//!
//! **Invariant:** the core has no clock, no entropy and no socket: moments, names and keys are arguments.
//! **Invariant:** a listed segment is whole; what is listed is never edited, only appended to and removed from the
//! front (RFC 8216 §6.2.1).
//! **Invariant:** media sequence numbers never rewind, across publishers and restarts.

pub mod blocks;
pub mod ingest;
pub mod playlist;
pub mod segment;
pub mod stream;
pub mod window;

#[cfg(feature = "server")]
pub mod serve;

#[cfg(test)]
#[path = "../tests/fixture/mod.rs"]
mod fixture;
