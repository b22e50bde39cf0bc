//! Join tokens: who may announce in which swarm, and until when.
//!
//! [`service::token`] reads them. `exp` and `swarm` are required; `nbf`, `iss` and `aud` count where they are there or asked
//! for. `docs/spec/tracker.md` has the claims.

use protocol::id::InfoHash;
use serde::Deserialize;
use service::token::{Fault, Key, Reader};

/// Swarms that one token names at most.
const SWARMS_MAX: usize = 64;
/// Clocks of different machines differ; what RFC 7519 §4.1.4 calls some small leeway.
const LEEWAY_S: u64 = 10;

/// Why a viewer may not join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// No token came.
    Missing,
    /// It is no token, or nobody of ours signed it.
    Invalid,
    /// Its issuer or audience is another.
    NotForUs,
    /// Its time is over, or has not come.
    Expired,
    /// It is for other swarms.
    OtherSwarm,
}

impl Denial {
    /// Every one, in the order in which they are looked for.
    pub(crate) const ALL: [Self; 5] =
        [Self::Missing, Self::Invalid, Self::NotForUs, Self::Expired, Self::OtherSwarm];

    /// Its stable name, for metrics.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Invalid => "invalid",
            Self::NotForUs => "not_for_us",
            Self::Expired => "expired",
            Self::OtherSwarm => "other_swarm",
        }
    }

    /// What is wrong and what to do.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Missing => {
                "this tracker wants a join token: announce with `token`, or connect with ?token="
            }
            Self::Invalid => {
                "the join token is malformed, or signed with a key that is none of this tracker's"
            }
            Self::NotForUs => "the join token is of another issuer, or for another audience",
            Self::Expired => "the join token has ended, or has not begun; get a new one",
            Self::OtherSwarm => "the join token is for another swarm",
        }
    }
}

/// What a token allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// From then on, in seconds since 1970.
    from_s: u64,
    /// Until then, in seconds since 1970.
    until_s: u64,
    /// In these swarms; in all where there is no list.
    swarms: Option<Vec<InfoHash>>,
}

impl Grant {
    /// Whether it allows to be in this swarm now.
    pub(crate) fn allows(&self, now_s: u64, info_hash: InfoHash) -> Result<(), Denial> {
        if now_s >= self.until_s.saturating_add(LEEWAY_S) || now_s.saturating_add(LEEWAY_S) < self.from_s {
            return Err(Denial::Expired);
        }
        let listed = self.swarms.as_ref().is_none_or(|swarms| swarms.contains(&info_hash));
        if listed { Ok(()) } else { Err(Denial::OtherSwarm) }
    }
}

impl From<Fault> for Denial {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Invalid => Self::Invalid,
            Fault::NotForUs => Self::NotForUs,
        }
    }
}

/// Reads tokens.
#[derive(Debug)]
pub(crate) struct Verifier(Reader);

#[derive(Deserialize)]
struct Claims {
    exp: u64,
    #[serde(default)]
    nbf: u64,
    swarm: OneOrMany,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Verifier {
    /// With these keys; nobody where there are none.
    pub(crate) fn new(keys: &[Key], issuer: &str, audience: &str) -> Option<Self> {
        let reader = Reader::new(keys, issuer, audience);
        (!reader.is_empty()).then_some(Self(reader))
    }

    /// What the token allows. Times are the [`Grant`]'s to compare: it is asked again at every announce.
    pub(crate) fn read(&self, token: &str) -> Result<Grant, Denial> {
        self.0.read::<Claims>(token)?.grant()
    }
}

impl Claims {
    fn grant(self) -> Result<Grant, Denial> {
        let names = match self.swarm {
            OneOrMany::One(name) if name == "*" => {
                return Ok(Grant { from_s: self.nbf, until_s: self.exp, swarms: None });
            }
            OneOrMany::One(name) => vec![name],
            OneOrMany::Many(names) => names,
        };
        if names.len() > SWARMS_MAX {
            return Err(Denial::Invalid);
        }
        let swarms = names.iter().map(|name| hex(name)).collect::<Option<_>>().ok_or(Denial::Invalid)?;
        Ok(Grant { from_s: self.nbf, until_s: self.exp, swarms: Some(swarms) })
    }
}

/// 40 hexadecimal digits.
fn hex(name: &str) -> Option<InfoHash> {
    let digits = name.as_bytes();
    let mut hash = [0; 20];
    if digits.len() != 2 * hash.len() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(InfoHash(hash))
}

#[cfg(test)]
mod tests;
