//! What an operator can set: defaults that run as they are; the merge over them is [`Settings`].
//!
//! A key is a field, its default, its words in [`keys`], and its rule where not every value can be meant.

mod addresses;
pub mod keys;
mod token_key;

use std::net::{Ipv4Addr, SocketAddr};

use protocol::limits::NODE_NAME_BYTES_MAX;
use protocol::time::Duration;
use serde::{Deserialize, Serialize};
use service::config::{Rule, Settings};

pub use addresses::Addresses;
pub use token_key::{Proxies, TokenKey, TokenKeys};

use crate::moderation;
use crate::room::{self, pace, quota};
use crate::store::Place;

/// The chat edge's configuration. The texts for operators are in [`keys::KEYS`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where viewers connect.
    pub listen: Addresses,
    /// Where the push API, health and metrics are.
    pub api_listen: SocketAddr,
    /// Where clients ask what they ask before they connect.
    pub web_listen: SocketAddr,
    /// Threads that hold viewers.
    pub threads: usize,
    /// Viewers at most.
    pub connections_max: usize,
    /// Connections of one address that have not said who they are, at most.
    pub handshakes_per_address_max: usize,
    /// Bytes of the system's send buffer for each viewer.
    pub send_buffer_bytes: usize,
    /// Milliseconds for a viewer to say who it is.
    pub handshake_timeout_ms: u64,
    /// Seconds between a GOIM client's heartbeats, as the node list tells it.
    pub goim_heartbeat_s: u32,
    /// Heartbeats of a GOIM client that may fail to come.
    pub goim_heartbeats_max: u32,
    /// Seconds after which a silent client of Bilibili's is gone.
    pub bilibili_silence_s: u32,
    /// Milliseconds between the ticks of a room that has just become busy.
    pub tick_min_ms: u64,
    /// Milliseconds between the ticks of the busiest room.
    pub tick_max_ms: u64,
    /// Control messages per second and room.
    pub control_per_s: u32,
    /// Paid messages per second and room.
    pub paid_per_s: u32,
    /// Viewers' own messages per second and room.
    pub own_per_s: u32,
    /// Comments per second and room.
    pub chat_per_s: u32,
    /// Likes and the like per second and room.
    pub ambient_per_s: u32,
    /// The name that the node list gives.
    pub domain: String,
    /// The certificate's file, in PEM; empty where TLS is a proxy's.
    pub tls_certificate: String,
    /// Its key's.
    pub tls_key: String,
    /// The port of the TLS proxy in front, as clients are told it.
    pub wss_port: u16,
    /// The region that the node list gives.
    pub region: String,
    /// The zone that the node list gives.
    pub zone: String,
    /// The weight that the node list gives.
    pub weight: u32,
    /// The servers of NATS, with commas between; empty where this process is alone.
    pub nats: String,
    /// The first word of every subject at NATS.
    pub nats_prefix: String,
    /// The name of this process among the others; one is made up where it is empty.
    pub node: String,
    /// What this process does.
    pub role: Role,
    /// Milliseconds for viewers to leave when the chat edge stops.
    pub drain_timeout_ms: u64,
    /// Where messages and decisions are kept: [`crate::store::Place`].
    pub store: String,
    /// Seconds of a room's past that a restart brings back.
    pub history_window_s: u64,
    /// Days that messages are kept; 0 is for ever.
    pub retention_days: u32,
    /// Keys of tokens.
    pub token_keys: TokenKeys,
    /// What a token's `iss` must be; not looked at where empty.
    pub token_issuer: String,
    /// What a token's `aud` must name; not looked at where empty.
    pub token_audience: String,
    /// Whether the `mid` of a GOIM client without a token is believed.
    pub trust_unsigned: bool,
    /// Proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Proxies,
    /// A file of words and expressions for every room; none where empty.
    pub filter_file: String,
    /// Characters of a comment.
    pub comment_characters_max: usize,
    /// Comments in ten seconds over one connection.
    pub connection_comments_per_10s: u32,
    /// Comments in ten seconds of one user.
    pub user_comments_per_10s: u32,
    /// Comments in ten seconds from one address.
    pub address_comments_per_10s: u32,
    /// Comments in ten seconds in one room.
    pub room_comments_per_10s: u32,
    /// Guests' tokens signed in ten seconds for one address; 0 signs none.
    pub guests_per_10s: u32,
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Holds viewers and numbers rooms.
    All,
    /// Holds viewers; others number.
    Edge,
    /// Numbers rooms, and has no port for viewers.
    Logic,
}

impl Default for Config {
    fn default() -> Self {
        let (pace, quota) = (pace::Config::default(), quota::Config::default());
        let judge = moderation::Config::default();
        Self {
            listen: Addresses::from(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 3101))]),
            api_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 3111)),
            web_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 3112)),
            threads: 1,
            connections_max: 100_000,
            handshakes_per_address_max: 1_024,
            send_buffer_bytes: 30_000,
            handshake_timeout_ms: 5_000,
            goim_heartbeat_s: 240,
            goim_heartbeats_max: 2,
            bilibili_silence_s: 70,
            tick_min_ms: pace.tick_min.as_millis(),
            tick_max_ms: pace.tick_max.as_millis(),
            control_per_s: quota.control_per_s,
            paid_per_s: quota.paid_per_s,
            own_per_s: quota.own_per_s,
            chat_per_s: quota.chat_per_s,
            ambient_per_s: quota.ambient_per_s,
            domain: "localhost".into(),
            tls_certificate: String::new(),
            tls_key: String::new(),
            wss_port: 443,
            region: "local".into(),
            zone: "local".into(),
            weight: 10,
            nats: String::new(),
            nats_prefix: "shoal".into(),
            node: String::new(),
            role: Role::All,
            drain_timeout_ms: 5_000,
            store: "sqlite:.shoal/chat/chat.db".into(),
            history_window_s: 3_600,
            retention_days: 30,
            token_keys: TokenKeys::default(),
            token_issuer: String::new(),
            token_audience: String::new(),
            trust_unsigned: false,
            trusted_proxies: Proxies::default(),
            filter_file: String::new(),
            comment_characters_max: judge.characters_max,
            connection_comments_per_10s: judge.connection_per_10s,
            user_comments_per_10s: judge.user_per_10s,
            address_comments_per_10s: judge.address_per_10s,
            room_comments_per_10s: judge.room_per_10s,
            guests_per_10s: 0,
        }
    }
}

impl Config {
    /// What each room is told.
    #[must_use]
    pub const fn room(&self) -> room::Config {
        room::Config {
            pace: pace::Config {
                tick_min: Duration::from_millis(self.tick_min_ms),
                tick_max: Duration::from_millis(self.tick_max_ms),
            },
            quota: quota::Config {
                control_per_s: self.control_per_s,
                paid_per_s: self.paid_per_s,
                own_per_s: self.own_per_s,
                chat_per_s: self.chat_per_s,
                ambient_per_s: self.ambient_per_s,
            },
        }
    }
}

impl Config {
    /// What the judge of comments is told.
    #[must_use]
    pub const fn judge(&self) -> moderation::Config {
        moderation::Config {
            connection_per_10s: self.connection_comments_per_10s,
            user_per_10s: self.user_comments_per_10s,
            address_per_10s: self.address_comments_per_10s,
            room_per_10s: self.room_comments_per_10s,
            characters_max: self.comment_characters_max,
        }
    }

    /// The keys that differ from `other`'s and are only read at the start.
    pub(super) fn needs_restart(&self, other: &Self) -> Vec<&'static str> {
        let rows = [
            ("listen", self.listen == other.listen),
            ("api_listen", self.api_listen == other.api_listen),
            ("web_listen", self.web_listen == other.web_listen),
            ("threads", self.threads == other.threads),
            ("nats", self.nats == other.nats && self.nats_prefix == other.nats_prefix),
            ("node", self.node == other.node),
            ("role", self.role == other.role),
            ("send_buffer_bytes", self.send_buffer_bytes == other.send_buffer_bytes),
            ("store", self.store == other.store),
            ("history_window_s", self.history_window_s == other.history_window_s),
        ];
        rows.into_iter().filter(|(_, same)| !same).map(|(key, _)| key).collect()
    }
}

impl Settings for Config {
    const PROGRAM: &'static str = "chat-edge";
    const ABOUT: &'static str = "Carries the comments of live rooms to their viewers";
    const OWNER: &'static str = "chat edge";
    const ENVIRONMENT_PREFIX: &'static str = "SHOAL_CHAT_";
    const KEYS: &'static [(&'static str, &'static str)] = &keys::KEYS;

    fn rules(&self) -> impl IntoIterator<Item = Rule> {
        [
            (self.role == Role::All || !self.nats.is_empty(), "role", "is `all` where there is no NATS"),
            (self.node.len() <= NODE_NAME_BYTES_MAX, "node", "must be at most 64 bytes"),
            ((1..=THREADS_MAX).contains(&self.threads), "threads", "must be from 1 to 64"),
            (self.connections_max > 0, "connections_max", "must be at least 1"),
            (self.handshakes_per_address_max > 0, "handshakes_per_address_max", "must be at least 1"),
            (
                self.tls_certificate.is_empty() == self.tls_key.is_empty(),
                "tls_key",
                "goes with tls_certificate: set both or none",
            ),
            (self.send_buffer_bytes >= SEND_BUFFER_LEAST, "send_buffer_bytes", "must be at least 4096"),
            (self.send_buffer_bytes <= SEND_BUFFER_MOST, "send_buffer_bytes", "must be at most 1048576"),
            (self.handshake_timeout_ms > 0, "handshake_timeout_ms", "must be at least 1"),
            (self.goim_heartbeat_s > 0, "goim_heartbeat_s", "must be at least 1"),
            (self.goim_heartbeats_max > 0, "goim_heartbeats_max", "must be at least 1"),
            (self.bilibili_silence_s > 0, "bilibili_silence_s", "must be at least 1"),
            (self.tick_min_ms > 0, "tick_min_ms", "must be at least 1"),
            (self.tick_max_ms >= self.tick_min_ms, "tick_max_ms", "must not be below tick_min_ms"),
            (self.tick_max_ms <= 10_000, "tick_max_ms", "must be at most 10000"),
            (
                Place::parse(&self.store).is_some(),
                "store",
                "is memory, sqlite:PATH or postgres://USER@HOST/DATABASE",
            ),
            (self.comment_characters_max > 0, "comment_characters_max", "must be at least 1"),
            (
                self.comment_characters_max <= CHARACTERS_MOST,
                "comment_characters_max",
                "must be at most 1000: longer ones do not fit into a client's frame",
            ),
        ]
    }
}

/// More threads than this are no use on any machine that we know.
const THREADS_MAX: usize = 64;
/// Four bytes each in a client's frame of 4,112.
const CHARACTERS_MOST: usize = 1_000;
/// What the system takes at least.
const SEND_BUFFER_LEAST: usize = 4_096;
/// A thousand stalled readers with more would be the system's TCP memory.
const SEND_BUFFER_MOST: usize = 1_048_576;

#[cfg(test)]
mod tests {
    use service::testing::settings::{assert_accepted, assert_documented};

    use super::*;

    #[test]
    fn every_key_has_words_and_the_printed_default_is_the_default() {
        assert_documented::<Config>();
    }

    #[test]
    fn values_that_cannot_be_meant_are_refused() {
        assert_accepted::<Config>(&[
            ("listen = 'nowhere'", false),
            ("listen = ''", false),
            ("listen = '127.0.0.1:1, [::1]:2'", true),
            ("threads = 0", false),
            ("threads = 64", true),
            ("threads = 65", false),
            ("connections_max = 0", false),
            ("send_buffer_bytes = 4095", false),
            ("send_buffer_bytes = 4096", true),
            ("send_buffer_bytes = 1048577", false),
            ("handshakes_per_address_max = 0", false),
            ("handshake_timeout_ms = 0", false),
            ("tls_key = 'key.pem'", false),
            ("tls_key = 'key.pem'\ntls_certificate = 'chain.pem'", true),
            ("goim_heartbeat_s = 0", false),
            ("tick_min_ms = 0", false),
            ("tick_max_ms = 99", false),
            ("tick_max_ms = 100", true),
            ("tick_max_ms = 10001", false),
            ("chat_per_s = 0", true),
            ("role = 'edge'", false),
            ("role = 'edge'\nnats = 'nats://127.0.0.1:4222'", true),
            ("role = 'nothing'", false),
        ]);
    }
}
