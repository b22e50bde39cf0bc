//! What the tracker and the page tell each other past the engine: text frames beside its binary ones
//! (`docs/spec/tracker.md`, "For the page").

use serde::{Deserialize, Serialize};

/// Servers for ICE as a page's `RTCPeerConnection` takes them (W3C WebRTC, `RTCIceServer`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct IceServer {
    /// `stun:`, `turn:` and `turns:` URIs (RFC 7064, RFC 7065).
    pub urls: Vec<String>,
    /// The user at the TURN server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The user's password there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// The servers for ICE that the operator lends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "action", rename = "ice")]
pub struct Ice {
    /// The servers.
    pub ice_servers: Vec<IceServer>,
    /// Seconds for which their credentials hold.
    pub ttl: u32,
}

impl Ice {
    /// As a text frame.
    #[must_use]
    pub fn encode(&self) -> String {
        // Strings and numbers only: this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From a text frame.
    ///
    /// # Errors
    /// Where it is another one.
    pub fn decode(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_written_as_a_page_takes_them() {
        let stun = IceServer { urls: vec!["stun:t.example:3478".into()], username: None, credential: None };
        let turn = IceServer {
            urls: vec!["turn:t.example".into()],
            username: Some("1:a".into()),
            credential: Some("b=".into()),
        };
        let ice = Ice { ice_servers: vec![stun, turn], ttl: 60 };
        let text = r#"{"action":"ice","ice_servers":[{"urls":["stun:t.example:3478"]},{"urls":["turn:t.example"],"username":"1:a","credential":"b="}],"ttl":60}"#;
        assert_eq!(ice.encode(), text);
        assert_eq!(Ice::decode(text).unwrap(), ice);
        assert!(Ice::decode(r#"{"action":"announce"}"#).is_err());
    }
}
