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
