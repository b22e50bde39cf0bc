//! Join tokens: who may announce in which swarm, and until when.
//!
//! A JWT (RFC 7519) signed with EdDSA or HS256; `none` and every other algorithm are unknown here. `exp` and `swarm` are
//! required; `nbf`, `iss` and `aud` count where they are there or asked for. `docs/spec/tracker.md` has the claims.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use protocol::id::InfoHash;
use serde::Deserialize;

use crate::serve::config::value::TokenKey;

/// Bytes of a token at most; real ones have 200 to 400.
const TOKEN_BYTES_MAX: usize = 2_048;
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

/// Reads tokens.
pub(crate) struct Verifier {
    keys: Vec<(Algorithm, DecodingKey)>,
    issuer: String,
    audience: String,
}

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
    pub(crate) fn new(keys: &[TokenKey], issuer: &str, audience: &str) -> Option<Self> {
        let keys: Vec<_> = keys
            .iter()
            .map(|key| match key {
                TokenKey::Ed25519(key) => (Algorithm::EdDSA, DecodingKey::from_ed_der(key)),
                TokenKey::Hs256(key) => (Algorithm::HS256, DecodingKey::from_secret(key)),
            })
            .collect();
        (!keys.is_empty()).then(|| Self { keys, issuer: issuer.to_owned(), audience: audience.to_owned() })
    }

    /// What the token allows.
    pub(crate) fn read(&self, token: &str) -> Result<Grant, Denial> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Denial::Invalid);
        }
        let algorithm = decode_header(token).map_err(|_| Denial::Invalid)?.alg;
        let validation = self.validation(algorithm);
        let fitting = self.keys.iter().filter(|(of, _)| *of == algorithm);
        let mut denial = Denial::Invalid;
        for (_, key) in fitting {
            match decode::<Claims>(token, key, &validation) {
                Ok(token) => return token.claims.grant(),
                Err(error) if is_for_others(error.kind()) => denial = Denial::NotForUs,
                Err(_) => {}
            }
        }
        Err(denial)
    }

    /// Times are the [`Grant`]'s to compare: it is asked again at every announce.
    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.validate_exp = false;
        validation.validate_aud = !self.audience.is_empty();
        let mut required = vec!["exp"];
        if !self.audience.is_empty() {
            validation.set_audience(&[&self.audience]);
            required.push("aud");
        }
        if !self.issuer.is_empty() {
            validation.set_issuer(&[&self.issuer]);
            required.push("iss");
        }
        validation.set_required_spec_claims(&required);
        validation
    }
}

impl std::fmt::Debug for Verifier {
    /// Without the keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

fn is_for_others(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience | ErrorKind::MissingRequiredClaim(_))
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
