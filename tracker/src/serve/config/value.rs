//! Values with a grammar of their own: allowed origins, servers for ICE, and secrets.

use std::fmt;

use protocol::limits::{NODE_ADDRESS_BYTES_MAX, NODE_NAME_BYTES_MAX, NODE_URL_BYTES_MAX};
use serde::{Deserialize, Serialize};

use crate::nodes::Node;

/// A page's origin as browsers send it (RFC 6454), or all hosts below a domain: `https://*.example.com`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

impl Origin {
    /// Whether a page of this origin is meant.
    #[must_use]
    pub fn admits(&self, origin: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        let Some((scheme, below)) = self.0.split_once("://*.") else { return origin == self.0 };
        let host = origin.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://"));
        let label = host.and_then(|host| host.strip_suffix(below)).and_then(|label| label.strip_suffix('.'));
        label.is_some_and(|label| !label.is_empty())
    }
}

impl TryFrom<String> for Origin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let sound = text.split_once("://").is_some_and(|(scheme, host)| {
            let host = host.strip_prefix("*.").unwrap_or(host);
            !scheme.is_empty() && !host.is_empty() && !host.contains(['/', '*', ' '])
        });
        if sound {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(format!("{text:?} is no origin; write https://example.com or https://*.example.com"))
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

/// A server for ICE: a `stun:` or `turn:` URI (RFC 7064, RFC 7065), or one of the two over TLS.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct IceUrl(String);

/// Bytes of such a URI: a name of 253 bytes with scheme, port and transport.
const ICE_URL_BYTES_MAX: usize = 300;

impl IceUrl {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IceUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let host = ["stun:", "stuns:", "turn:", "turns:"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let sound = |host: &str| {
            !host.is_empty() && !host.starts_with('/') && host.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if text.len() <= ICE_URL_BYTES_MAX && host.is_some_and(sound) {
            return Ok(Self(text));
        }
        Err(format!("{text:?} is no server for ICE; write stun:HOST:PORT or turn:HOST:PORT"))
    }
}

impl From<IceUrl> for String {
    fn from(url: IceUrl) -> Self {
        url.0
    }
}

/// Another tracker of the deployment, as `NAME URL ADDRESS`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct NodeEntry(pub Node);

impl TryFrom<String> for NodeEntry {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            [name, url, address]
                if name.len() <= NODE_NAME_BYTES_MAX
                    && url.len() <= NODE_URL_BYTES_MAX
                    && address.len() <= NODE_ADDRESS_BYTES_MAX =>
            {
                let [name, url, address] = [name, url, address].map(str::to_owned);
                Ok(Self(Node { name, url, address }))
            }
            _ => Err(format!("{text:?} is no node; write NAME URL HOST:PORT")),
        }
    }
}

impl From<NodeEntry> for String {
    fn from(NodeEntry(Node { name, url, address }): NodeEntry) -> Self {
        [name, url, address].join(" ")
    }
}

/// A word that nobody else may know.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Its bytes; none where there is no secret.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    /// Without the word.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "Secret()" } else { "Secret(…)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_by_pattern() {
        let rows = [
            ("https://example.com", "https://example.com", true),
            ("https://example.com", "HTTPS://Example.com", true),
            ("https://example.com", "http://example.com", false),
            ("https://example.com", "https://example.com:8443", false),
            ("https://example.com:8443", "https://example.com:8443", true),
            ("https://*.example.com", "https://live.example.com", true),
            ("https://*.example.com", "https://a.b.example.com", true),
            ("https://*.example.com", "https://example.com", false),
            ("https://*.example.com", "https://.example.com", false),
            ("https://*.example.com", "https://evilexample.com", false),
            ("https://*.example.com", "https://example.com.evil.net", false),
            ("https://example.com", "null", false),
        ];
        for (pattern, origin, admitted) in rows {
            let pattern_parsed = Origin::try_from(pattern.to_owned()).unwrap();
            assert_eq!(pattern_parsed.admits(origin), admitted, "{pattern} {origin}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in ["", "example.com", "https://", "https://*.", "https://a/b", "https://*", "https://a.*.b"]
        {
            assert!(Origin::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn servers_for_ice_are_uris_of_theirs() {
        for text in ["stun:t.example", "stun:[2001:db8::1]:3478", "turns:t.example:443?transport=tcp"] {
            assert_eq!(IceUrl::try_from(text.to_owned()).unwrap().as_str(), text);
        }
        let long = format!("turn:{}", "x".repeat(ICE_URL_BYTES_MAX));
        for text in ["", "stun:", "stun://t.example", "http:t.example", "turn:a b", &long] {
            assert!(IceUrl::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert!(!format!("{:?}", Secret("north".to_owned())).contains("north"));
    }
}
