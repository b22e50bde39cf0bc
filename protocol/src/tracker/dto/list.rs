//! A list of which only the first few entries are read.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The first `MAX` entries of a list; the others are passed over.
///
/// The length that a frame claims is not believed: serde's own `Vec` reserves up to a MiB for it.
#[derive(Debug)]
pub(super) struct First<T, const MAX: usize>(pub(super) Vec<T>);

impl<T, const MAX: usize> Default for First<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for First<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Entries(PhantomData))
    }
}

struct Entries<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Entries<T, MAX> {
    type Value = First<T, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<First<T, MAX>, A::Error> {
        let mut first = Vec::new();
        while first.len() < MAX {
            let Some(entry) = list.next_element()? else { return Ok(First(first)) };
            first.push(entry);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(First(first))
    }
}
