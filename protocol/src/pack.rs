//! The lower level of MessagePack that every codec here shares: a bounded reader, a canonical writer, one error type.
//!
//! Only the forms that our messages use are written: nil, bool, unsigned integers, `str`, `bin`, `array`, `map`. Every
//! value has exactly one encoding, the smallest; the reader refuses a longer one, so that two different byte strings
//! never mean the same message. What is unknown can be skipped whatever its form.
//!
//! By hand, because the generic readers and writers of `rmp` know neither offsets nor canonical forms and cost the
//! browser's module more than these do; in tests `rmp` is the oracle.

mod error;
mod form;
mod reader;
mod writer;

pub use error::{DecodeError, Fault, Form};
pub use reader::Reader;
pub use writer::Writer;

/// Text, where the bytes are UTF-8. What std has for it reads words at a time, for long texts, and is thrice the code.
#[must_use]
pub fn text(bytes: &[u8]) -> Option<&str> {
    let mut chunks = bytes.utf8_chunks();
    chunks.next().map_or(Some(""), |chunk| chunk.invalid().is_empty().then(|| chunk.valid()))
}
