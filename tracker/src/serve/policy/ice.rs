//! Servers for ICE that the operator lends to pages, with credentials that end soon.
//!
//! The TURN REST scheme (draft-uberti-behave-turn-rest-00): tracker and TURN server share a secret; a user is the second in
//! which it ends and a word, its password the secret's HMAC-SHA1 of that. The TURN server needs to know nobody.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::tracker::page::{Ice, IceServer};
use ring::hmac;

use crate::serve::Config;

/// What is lent.
#[derive(Debug)]
pub(crate) struct Lent {
    stun: Vec<String>,
    turn: Vec<String>,
    /// The secret; without one, TURN servers are named without credentials.
    key: Option<hmac::Key>,
    /// Seconds for which credentials hold.
    ttl_s: u32,
}

impl Lent {
    /// As configured; nothing where no server is named.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let urls = config.ice_servers.iter().map(|url| url.as_str().to_owned());
        let (turn, stun): (Vec<_>, Vec<_>) = urls.partition(|url| url.starts_with("turn"));
        let secret = config.turn_secret.as_bytes();
        // The scheme's hash; keyed like this SHA-1 is sound still (RFC 6151 §2 says why for the older MD5).
        let key = (!secret.is_empty()).then(|| hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret));
        (!config.ice_servers.is_empty()).then_some(Self { stun, turn, key, ttl_s: config.turn_ttl_s })
    }

    /// For a page: `word` tells its user from others'.
    pub(crate) fn lend(&self, now_s: u64, word: u64) -> Ice {
        let plain = |urls: &[String]| IceServer { urls: urls.to_vec(), username: None, credential: None };
        let stun = (!self.stun.is_empty()).then(|| plain(&self.stun));
        let turn = (!self.turn.is_empty()).then(|| match &self.key {
            None => plain(&self.turn),
            Some(key) => {
                let username = format!("{}:{word:016x}", now_s + u64::from(self.ttl_s));
                let credential = STANDARD.encode(hmac::sign(key, username.as_bytes()));
                IceServer { urls: self.turn.clone(), username: Some(username), credential: Some(credential) }
            }
        });
        Ice { ice_servers: stun.into_iter().chain(turn).collect(), ttl: self.ttl_s }
    }

    /// Seconds after which a page gets new credentials with its next announce.
    pub(crate) const fn renewed_after_s(&self) -> u64 {
        self.ttl_s as u64 / 2
    }
}

#[cfg(test)]
mod tests {
    use service::config::Settings;

    use super::*;

    fn lent(text: &str) -> Option<Lent> {
        Lent::new(&Config::from_layers([service::config::file(text).unwrap()]).unwrap())
    }

    /// The credential as `printf '1790003600:000000000000002a' | openssl dgst -sha1 -hmac north -binary | base64` says it.
    #[test]
    fn a_user_ends_in_time_and_its_password_is_the_secret_s_hash_of_it() {
        let text = "ice_servers = ['stun:t.example:3478', 'turn:t.example']\nturn_secret = 'north'\nturn_ttl_s = 3600";
        let ice = lent(text).unwrap().lend(1_790_000_000, 42);
        let [stun, turn] = ice.ice_servers.as_slice() else { panic!("{ice:?}") };
        assert_eq!((stun.urls.as_slice(), &stun.username), (&["stun:t.example:3478".to_owned()][..], &None));
        assert_eq!(turn.username.as_deref(), Some("1790003600:000000000000002a"));
        assert_eq!(turn.credential.as_deref(), Some("3DcXJjVh6/1SQXuKnaOy2ETAsNQ="));
        assert_eq!(ice.ttl, 3_600);
    }

    #[test]
    fn without_servers_nothing_is_lent_and_without_a_secret_no_credentials() {
        assert!(lent("").is_none());
        let ice = lent("ice_servers = ['turns:t.example:443?transport=tcp']").unwrap().lend(0, 0);
        assert_eq!(ice.ice_servers.len(), 1);
        assert_eq!(ice.ice_servers[0].credential, None);
    }
}
