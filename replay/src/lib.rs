//! Recordings of an engine (`docs/spec/replay.md`): everything that it saw, when, and a running hash of what it did.
//!
//! [`Recorder`] stands between a shell and its engine: it takes each input and each output as a [`Row`], takes out of it
//! what could tell of a person ([`mask`]), and appends it to a bounded file. [`Recording`] reads such a file, and
//! [`Recording::replay`] runs it again: the engine is a function of its inputs, so the hashes agree, or point to the
//! first input after which they do not.
//!
//! **Invariant:** no session description, no text of a tracker, no name of a stream, no swarm's id and no byte of media
//! is in a recording. Peer ids are: they are random, for one session, and the public die depends on them.
//! **Invariant:** a recording never outgrows its maximum; a file from outside is a value or a typed error.
//! **Invariant:** masking does not change what the engine does: it replaces only what the engine passes through.

pub mod kind;
pub mod mask;
mod read;
mod recorder;
mod row;
mod rows;
mod run;
mod trace;

pub use read::{Entry, ReadError, Recording};
pub use recorder::{Recorder, State};
pub use row::Row;
pub use run::{Difference, Outcome};

/// The first element of every recording.
pub const MAGIC: &str = "shoal-replay";
/// The version that follows it.
pub const VERSION: u8 = 1;
/// The engine that this package replays: a recording replays where the engine is the one that made it.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");
/// Bytes of a recording at most, whoever makes it.
pub const RECORDING_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of a recording where nobody says otherwise: about an hour of a viewer with a dozen neighbours.
pub const RECORDING_BYTES: usize = 16 * 1024 * 1024;
