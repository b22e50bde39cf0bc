//! Several addresses in one text, with commas between them.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// At least one address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Addresses(Vec<SocketAddr>);

/// Addresses that one process listens on at most.
pub(crate) const ADDRESSES_MAX: usize = 16;

impl Addresses {
    /// The addresses.
    pub fn iter(&self) -> impl Iterator<Item = SocketAddr> {
        self.0.iter().copied()
    }
}

impl From<Vec<SocketAddr>> for Addresses {
    fn from(addresses: Vec<SocketAddr>) -> Self {
        Self(addresses)
    }
}

impl TryFrom<String> for Addresses {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parsed = text.split(',').map(|address| {
            let address = address.trim();
            address.parse().map_err(|_| format!("{address:?} is no address and port"))
        });
        let addresses: Vec<SocketAddr> = parsed.collect::<Result<_, _>>()?;
        if addresses.len() > ADDRESSES_MAX {
            return Err(format!("at most {ADDRESSES_MAX} addresses"));
        }
        Ok(Self(addresses))
    }
}

impl From<Addresses> for String {
    fn from(addresses: Addresses) -> Self {
        addresses.to_string()
    }
}

impl fmt::Display for Addresses {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        out.write_str(&texts.join(","))
    }
}
