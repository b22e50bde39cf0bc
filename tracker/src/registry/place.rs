//! Where a viewer is, as far as the shell tells: what makes two viewers near.
//!
//! The registry compares these and knows nothing else of them: no address of anybody is in it.

use core::fmt;
use core::num::{NonZeroU32, NonZeroU64};

/// A public address, as the shell's secret hash of it: viewers with an equal one are behind one router.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub NonZeroU64);

/// An autonomous system by its number (RFC 6793): one operator's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(pub NonZeroU32);

/// Bytes of a region's name at most.
pub const REGION_BYTES_MAX: usize = 8;

/// A region by the name that the operator's table gives it: a country's two letters (ISO 3166-1), or a name of the
/// operator's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region([u8; REGION_BYTES_MAX]);

impl Region {
    /// Of 1 to [`REGION_BYTES_MAX`] printable ASCII characters.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let sound = (1..=REGION_BYTES_MAX).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let mut bytes = [0; REGION_BYTES_MAX];
        bytes.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from.to_ascii_uppercase());
        sound.then_some(Self(bytes))
    }

    /// Its name, in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(REGION_BYTES_MAX);
        core::str::from_utf8(&self.0[..length]).unwrap_or_default()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// All of it; nothing where nothing is known, and then the viewer is near to nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Its public address.
    pub address: Option<Address>,
    /// Its network.
    pub network: Option<Network>,
    /// Its region.
    pub region: Option<Region>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_one_to_eight_plain_characters() {
        let rows = [
            ("de", Some("DE")),
            ("eu-west2", Some("EU-WEST2")),
            ("eu-west-2", None),
            ("", None),
            ("d e", None),
            ("dé", None),
            ("<b>", None),
        ];
        for (name, wanted) in rows {
            assert_eq!(Region::parse(name).as_ref().map(Region::as_str), wanted, "{name}");
        }
    }
}
