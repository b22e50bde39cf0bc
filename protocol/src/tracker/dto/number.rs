//! Counts as JavaScript writes them: integers, floats, null for what JSON cannot say (Infinity).

use core::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// A count: `None` for null, and for a number that is none (negative, NaN).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count(pub(super) Option<u64>);

impl Count {
    /// The count, where it fits in 32 bits; past that the greatest.
    pub(super) fn u32(self) -> Option<u32> {
        self.0.map(|count| u32::try_from(count).unwrap_or(u32::MAX))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Number)
    }
}

struct Number;

impl Visitor<'_> for Number {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Count, E> {
        Ok(Count(None))
    }

    fn visit_u64<E: Error>(self, count: u64) -> Result<Count, E> {
        Ok(Count(Some(count)))
    }

    fn visit_i64<E: Error>(self, count: i64) -> Result<Count, E> {
        Ok(Count(u64::try_from(count).ok()))
    }

    fn visit_f64<E: Error>(self, count: f64) -> Result<Count, E> {
        // A cast from float saturates, which is what a count past 2⁶⁴ deserves.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked, and saturating"
        )]
        Ok(Count((count >= 0.0).then_some(count as u64)))
    }
}
