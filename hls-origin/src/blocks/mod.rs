//! Blocks: a segment's bytes in pieces of 61,440, hashed as they arrive, vouched for by a signed list.
//!
//! A block is final once all its bytes are in; it is hashed then, once, and offered at once, before its segment ends.
//! The list of the hashes so far is signed anew with each final block; the one that closes the segment is chained to
//! the one before, so that an omission shows (`docs/spec/hash-list.md`).

mod growing;
mod signer;
#[cfg(test)]
mod tests;

pub use self::growing::{Growing, Whole};
pub use self::signer::{Signer, SignerKey};
