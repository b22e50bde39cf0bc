//! Keys of tokens as an operator writes them, and the networks of proxies.

use std::fmt;
use std::net::IpAddr;

use ed25519_dalek::SigningKey;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use service::token::{self, Key};

/// Keys at most: a token is tried with each of its algorithm.
pub(crate) const TOKEN_KEYS_MAX: usize = 8;
/// Proxies at most.
const PROXIES_MAX: usize = 64;
/// What stands before an Ed25519 seed in PKCS #8 (RFC 8410 §7).
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A key that tokens are signed with.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenKey {
    /// The public half of a pair, which reads tokens; or a shared secret, which reads and makes them.
    Plain(Key),
    /// A pair: reads them and makes them.
    Ed25519Pair {
        /// The public half.
        public: [u8; 32],
        /// The whole, in PKCS #8.
        pkcs8: Vec<u8>,
    },
}

impl TokenKey {
    /// What of it reads tokens.
    #[must_use]
    pub fn public(&self) -> Key {
        match self {
            Self::Plain(key) => key.clone(),
            Self::Ed25519Pair { public, .. } => Key::Ed25519(*public),
        }
    }
}

impl TryFrom<String> for TokenKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let form = "a token key is ed25519:PUBLIC, ed25519-pair:SEED or hs256:SECRET";
        match text.trim().split_once(':') {
            Some(("ed25519" | "hs256", _)) => Key::parse(text.trim()).map(Self::Plain),
            Some(("ed25519-pair", seed)) => {
                let seed = token::bytes(seed)?;
                let seed: [u8; 32] =
                    seed.try_into().map_err(|_| "the seed of an Ed25519 pair has 32 bytes")?;
                let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
                Ok(Self::Ed25519Pair { public, pkcs8: [PKCS8_HEAD.as_slice(), &seed].concat() })
            }
            Some(_) | None => Err(form),
        }
    }
}

impl fmt::Debug for TokenKey {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(key) => key.fmt(f),
            Self::Ed25519Pair { .. } => f.write_str("Ed25519Pair(…)"),
        }
    }
}

/// Some keys: a text with commas between them.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenKeys {
    text: String,
    keys: Vec<TokenKey>,
}

impl TokenKeys {
    /// The keys.
    #[must_use]
    pub fn as_slice(&self) -> &[TokenKey] {
        &self.keys
    }
}

impl fmt::Debug for TokenKeys {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.keys.fmt(f)
    }
}

impl TryFrom<String> for TokenKeys {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let keys: Vec<TokenKey> = parts.map(|part| part.to_owned().try_into()).collect::<Result<_, _>>()?;
        if keys.len() > TOKEN_KEYS_MAX {
            Err("at most 8 token keys; remove old ones")
        } else {
            Ok(Self { text, keys })
        }
    }
}

impl From<TokenKeys> for String {
    fn from(keys: TokenKeys) -> Self {
        keys.text
    }
}

/// Proxies whose word about a client's address is believed: networks with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Whose request it is that came from `peer`: its own where that is no proxy, else the last that it names.
    #[must_use]
    pub fn client(&self, peer: IpAddr, forwarded_for: Option<&str>) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.0.iter().any(|network| network.contains(&peer)) {
            return peer;
        }
        let named = forwarded_for.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
        named.unwrap_or(peer)
    }
}

impl TryFrom<String> for Proxies {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
        let proxies: Vec<IpNet> = parts
            .map(network)
            .collect::<Result<_, _>>()
            .map_err(|_| "proxies are networks such as 10.0.0.0/8")?;
        if proxies.len() > PROXIES_MAX { Err("at most 64 proxies") } else { Ok(Self(proxies)) }
    }
}

impl From<Proxies> for String {
    fn from(proxies: Proxies) -> Self {
        proxies.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn keys_are_read_and_never_shown() {
        let secret = format!("hs256:{}", URL_SAFE_NO_PAD.encode([7; 32]));
        let public = format!("ed25519:{}", URL_SAFE_NO_PAD.encode([8; 32]));
        let pair = format!("ed25519-pair:{}", URL_SAFE_NO_PAD.encode([9; 32]));
        let keys = TokenKeys::try_from(format!("{secret}, {public},{pair}")).unwrap();
        assert_eq!(keys.as_slice().len(), 3);
        assert_eq!(format!("{keys:?}"), "[Hs256(…), Ed25519(…), Ed25519Pair(…)]");
        let short = format!("hs256:{}", URL_SAFE_NO_PAD.encode([7; 31]));
        for text in ["rs256:AAAA", "hs256", "hs256:====", &short, "ed25519:AAAA", "ed25519-pair:AAAA"] {
            assert!(TokenKeys::try_from(text.to_owned()).is_err(), "{text}");
        }
        let many = vec![secret.as_str(); TOKEN_KEYS_MAX];
        assert!(TokenKeys::try_from(many.join(",")).is_ok());
        assert!(TokenKeys::try_from([many.as_slice(), &[&secret]].concat().join(",")).is_err());
    }

    #[test]
    fn only_proxies_are_asked_whose_request_it_is() {
        let proxies = Proxies::try_from("10.0.0.0/31, ::1".to_owned()).unwrap();
        let rows = [
            ("10.0.0.1", Some("1.1.1.1, 2.2.2.2"), "2.2.2.2"),
            ("10.0.0.1", None, "10.0.0.1"),
            ("10.0.0.1", Some("x"), "10.0.0.1"),
            ("10.0.0.2", Some("2.2.2.2"), "10.0.0.2"),
            ("::ffff:10.0.0.1", Some("2.2.2.2"), "2.2.2.2"),
        ];
        for (peer, forwarded, wanted) in rows {
            assert_eq!(
                proxies.client(peer.parse().unwrap(), forwarded),
                wanted.parse::<IpAddr>().unwrap(),
                "{peer}"
            );
        }
        assert!(Proxies::try_from("10.0.0.0:80".to_owned()).is_err());
    }
}
