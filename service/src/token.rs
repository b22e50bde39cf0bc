//! Tokens that others sign and a server reads: JWTs (RFC 7519) with EdDSA or HS256; `none` and every other algorithm are
//! unknown here.
//!
//! A server says which claims it wants, by a type, and which keys it believes. **Invariant:** a key is tried only with the
//! algorithm that it is of: a public key is never taken for a secret. Times are not compared here: tokens outlive the moment
//! in which they are read, so whoever keeps one asks again.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Bytes of a token at most; real ones have 200 to 500.
pub const TOKEN_BYTES_MAX: usize = 2_048;
/// Bytes of a shared secret at least (RFC 7518 §3.2: as long as its hash).
const SECRET_BYTES_MIN: usize = 32;

/// A key that tokens are signed with, as far as reading them goes.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Key {
    /// The public half of an Ed25519 pair (JWS `EdDSA`, RFC 8037).
    Ed25519([u8; 32]),
    /// A shared secret (JWS `HS256`, RFC 7518 §3.2).
    Hs256(Vec<u8>),
}

impl Key {
    /// As an operator writes it: `ed25519:` and the public key, or `hs256:` and the secret, in base64url without padding.
    ///
    /// # Errors
    /// What is wrong with it, for the operator.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (algorithm, key) = text.split_once(':').ok_or("a token key is ed25519:PUBLIC or hs256:SECRET")?;
        let key = bytes(key)?;
        match algorithm {
            "ed25519" => {
                let key = key.try_into().map_err(|_| "an Ed25519 public key has 32 bytes")?;
                Ok(Self::Ed25519(key))
            }
            "hs256" if key.len() >= SECRET_BYTES_MIN => Ok(Self::Hs256(key)),
            "hs256" => Err("an HS256 secret has at least 32 bytes"),
            _ => Err("tokens are signed with ed25519 or hs256"),
        }
    }

    /// As an operator writes it.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Ed25519(key) => format!("ed25519:{}", URL_SAFE_NO_PAD.encode(key)),
            Self::Hs256(key) => format!("hs256:{}", URL_SAFE_NO_PAD.encode(key)),
        }
    }
}

impl TryFrom<String> for Key {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        Self::parse(&text)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_text()
    }
}

impl fmt::Debug for Key {
    /// Without the key: configurations are printed in errors and tests.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519(_) => "Ed25519(…)",
            Self::Hs256(_) => "Hs256(…)",
        })
    }
}

/// The bytes of a key as operators write them.
///
/// # Errors
/// Where it is no base64url.
pub fn bytes(key: &str) -> Result<Vec<u8>, &'static str> {
    URL_SAFE_NO_PAD.decode(key).map_err(|_| "a token key is base64url without padding")
}

/// Why a token says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no token, or nobody of ours signed it.
    Invalid,
    /// Its issuer or audience is another.
    NotForUs,
}

/// Reads tokens.
pub struct Reader {
    keys: Vec<(Algorithm, DecodingKey)>,
    issuer: String,
    audience: String,
}

impl Reader {
    /// Believes these keys; an issuer or an audience that is empty is not looked at.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a Key>, issuer: &str, audience: &str) -> Self {
        let keys = keys.into_iter().map(|key| match key {
            Key::Ed25519(key) => (Algorithm::EdDSA, DecodingKey::from_ed_der(key)),
            Key::Hs256(key) => (Algorithm::HS256, DecodingKey::from_secret(key)),
        });
        Self { keys: keys.collect(), issuer: issuer.to_owned(), audience: audience.to_owned() }
    }

    /// Nobody is believed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Its claims, whatever the time is; `exp` must be among them.
    ///
    /// # Errors
    /// Where none of the keys signed it, or it says something else than `Claims`.
    pub fn read<Claims: DeserializeOwned>(&self, token: &str) -> Result<Claims, Fault> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Fault::Invalid);
        }
        let algorithm = decode_header(token).map_err(|_| Fault::Invalid)?.alg;
        let validation = self.validation(algorithm);
        let mut fault = Fault::Invalid;
        for (_, key) in self.keys.iter().filter(|(of, _)| *of == algorithm) {
            match decode::<Claims>(token, key, &validation) {
                Ok(token) => return Ok(token.claims),
                Err(error) if is_for_others(error.kind()) => fault = Fault::NotForUs,
                Err(_) => {}
            }
        }
        Err(fault)
    }

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

impl fmt::Debug for Reader {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

fn is_for_others(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience | ErrorKind::MissingRequiredClaim(_))
}

#[cfg(test)]
mod tests;
