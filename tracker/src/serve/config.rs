//! What an operator can set: defaults that run as they are; the merge over them is [`Settings`].
//!
//! A key is a field, its default, its words in [`keys`], and its rule where not every value can be meant. Values with a
//! grammar of their own are types of [`value`].

pub mod keys;
pub mod value;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use protocol::limits::{
    NODE_ADDRESS_BYTES_MAX, NODE_NAME_BYTES_MAX, NODE_URL_BYTES_MAX, TRACKER_FRAME_BYTES_MAX,
};
use serde::{Deserialize, Serialize};
use service::config::{Rule, Settings};

use crate::registry::{self, Interval, limits};
use service::token::Key as TokenKey;
use value::{IceUrl, NodeEntry, Origin, Secret};

/// The tracker's configuration. The texts for operators are in [`keys::KEYS`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address and port.
    pub listen: SocketAddr,
    /// The UDP addresses and ports for STUN.
    pub stun_listen: Vec<SocketAddr>,
    /// STUN requests answered per second; 0 is no limit.
    pub stun_per_s: u32,
    /// Open connections at most.
    pub connections_max: usize,
    /// Open connections of one address at most.
    pub connections_per_address_max: usize,
    /// Peers of all swarms at most.
    pub peers_max: usize,
    /// Peers of one connection at most.
    pub peers_per_connection_max: usize,
    /// Messages per second of one connection; 0 is no limit, as with the two that follow.
    pub messages_per_connection_per_s: u32,
    /// Offers per second of one connection.
    pub offers_per_connection_per_s: u32,
    /// Bytes of messages per second of one connection.
    pub bytes_per_connection_per_s: u32,
    /// Bytes of one message at most.
    pub frame_bytes_max: usize,
    /// Pages that may use the tracker; all where none is named.
    pub allowed_origins: Vec<Origin>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Who may see the status page.
    pub status_networks: Vec<IpNet>,
    /// Keys that join tokens are signed with; no token is asked for where none is named.
    pub token_keys: Vec<TokenKey>,
    /// What a token's `iss` must be; not looked at where empty.
    pub token_issuer: String,
    /// What a token's `aud` must name; not looked at where empty.
    pub token_audience: String,
    /// Servers for ICE that are lent to pages.
    pub ice_servers: Vec<IceUrl>,
    /// The secret that is shared with the TURN servers among them.
    pub turn_secret: Secret,
    /// Seconds for which their credentials hold.
    pub turn_ttl_s: u32,
    /// CSV files that tell networks and regions of addresses.
    pub tables: Vec<String>,
    /// The TLS certificate chain's file (PEM); no TLS where empty.
    pub tls_certificate: String,
    /// The TLS private key's file (PEM).
    pub tls_key: String,
    /// This node's name among the trackers of a deployment; empty where it is alone.
    pub node_name: String,
    /// Where viewers reach this node.
    pub node_url: String,
    /// Where other nodes bring viewers.
    pub node_listen: SocketAddr,
    /// What other nodes reach that by; as it is bound where empty.
    pub node_address: String,
    /// The nodes of the deployment, where no NATS tells of them.
    pub nodes: Vec<NodeEntry>,
    /// Servers of NATS that tell of the other nodes.
    pub nats_servers: Vec<String>,
    /// The first word of every subject there.
    pub nats_prefix: String,
    /// Seconds between announces in a small swarm.
    pub announce_min_s: u32,
    /// Seconds between announces in a large swarm.
    pub announce_max_s: u32,
    /// Announces per second that one swarm may cost before its interval grows.
    pub announces_per_s: NonZeroU32,
    /// Announces per second of all swarms before every interval grows.
    pub announces_total_per_s: NonZeroU32,
    /// Newcomers per second; 0 is no limit.
    pub joins_per_s: u32,
    /// Bytes waiting for one client at most.
    pub outgoing_bytes_max: usize,
    /// Bytes waiting for all clients at most.
    pub outgoing_total_bytes_max: usize,
    /// Milliseconds for a request to arrive.
    pub handshake_timeout_ms: u64,
    /// Milliseconds for a client to take what is written to it.
    pub write_timeout_ms: u64,
    /// Milliseconds of silence before a ping.
    pub ping_after_ms: u64,
    /// Milliseconds for a client to show that it lives, when another one claims its peer id.
    pub probe_timeout_ms: u64,
    /// Milliseconds for clients to leave when the tracker stops.
    pub drain_timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            stun_listen: Vec::new(),
            stun_per_s: 10_000,
            connections_max: 100_000,
            connections_per_address_max: 10_000,
            peers_max: limits::PEERS_MAX,
            peers_per_connection_max: limits::PEERS_PER_CONNECTION_MAX,
            messages_per_connection_per_s: 20,
            offers_per_connection_per_s: 20,
            bytes_per_connection_per_s: 65_536,
            frame_bytes_max: TRACKER_FRAME_BYTES_MAX,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            status_networks: vec![LOOPBACK_V4, LOOPBACK_V6],
            token_keys: Vec::new(),
            token_issuer: String::new(),
            token_audience: String::new(),
            ice_servers: Vec::new(),
            turn_secret: Secret::default(),
            turn_ttl_s: 7_200,
            tables: Vec::new(),
            tls_certificate: String::new(),
            tls_key: String::new(),
            node_name: String::new(),
            node_url: String::new(),
            node_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            node_address: String::new(),
            nodes: Vec::new(),
            nats_servers: Vec::new(),
            nats_prefix: "shoal".to_owned(),
            announce_min_s: Interval::DEFAULT.min_s,
            announce_max_s: Interval::DEFAULT.max_s,
            announces_per_s: Interval::DEFAULT.announces_per_s,
            announces_total_per_s: Interval::DEFAULT.announces_total_per_s,
            joins_per_s: limits::JOINS_PER_S,
            outgoing_bytes_max: 1024 * 1024,
            outgoing_total_bytes_max: 256 * 1024 * 1024,
            handshake_timeout_ms: 10_000,
            write_timeout_ms: 10_000,
            ping_after_ms: 30_000,
            probe_timeout_ms: limits::PROBE.as_millis(),
            drain_timeout_ms: 5_000,
        }
    }
}

impl Config {
    /// What the registry is told.
    #[must_use]
    pub const fn registry(&self, seed: u64) -> registry::Config {
        let (min_s, max_s) = (self.announce_min_s, self.announce_max_s);
        let Self { announces_per_s, announces_total_per_s, .. } = *self;
        registry::Config {
            seed,
            peers_max: self.peers_max,
            peers_per_connection_max: self.peers_per_connection_max,
            // Two intervals: one lost announce does not cost a viewer its place.
            peer_lifetime: protocol::time::Duration::from_secs(2 * max_s as u64),
            probe: protocol::time::Duration::from_millis(self.probe_timeout_ms),
            joins_per_s: self.joins_per_s,
            interval: Interval { min_s, max_s, announces_per_s, announces_total_per_s },
        }
    }

    /// The keys that differ from `other`'s and are only read at the start.
    pub(super) fn needs_restart(&self, other: &Self) -> Vec<&'static str> {
        let rows = [
            ("listen", self.listen == other.listen),
            ("stun_listen", self.stun_listen == other.stun_listen),
            ("outgoing_bytes_max", self.outgoing_bytes_max == other.outgoing_bytes_max),
            ("outgoing_total_bytes_max", self.outgoing_total_bytes_max == other.outgoing_total_bytes_max),
            ("node_name", self.node_name == other.node_name),
            ("node_url", self.node_url == other.node_url),
            ("node_listen", self.node_listen == other.node_listen),
            ("node_address", self.node_address == other.node_address),
            ("nodes", self.nodes == other.nodes),
            ("nats_servers", self.nats_servers == other.nats_servers),
            ("nats_prefix", self.nats_prefix == other.nats_prefix),
            ("TLS on or off", self.tls_key.is_empty() == other.tls_key.is_empty()),
        ];
        rows.into_iter().filter(|(_, same)| !same).map(|(key, _)| key).collect()
    }
}

impl Settings for Config {
    const PROGRAM: &'static str = "tracker";
    const ABOUT: &'static str = "Introduces the viewers of a live stream to each other";
    const OWNER: &'static str = "tracker";
    const ENVIRONMENT_PREFIX: &'static str = "SHOAL_TRACKER_";
    const KEYS: &'static [(&'static str, &'static str)] = &keys::KEYS;

    fn rules(&self) -> impl IntoIterator<Item = Rule> {
        [
            (self.connections_max > 0, "connections_max", "must be at least 1"),
            (self.connections_per_address_max > 0, "connections_per_address_max", "must be at least 1"),
            (self.peers_max > 0, "peers_max", "must be at least 1"),
            (self.peers_per_connection_max > 0, "peers_per_connection_max", "must be at least 1"),
            (
                (FRAME_BYTES_LEAST..=TRACKER_FRAME_BYTES_MAX).contains(&self.frame_bytes_max),
                "frame_bytes_max",
                "must be 4096 to 65536",
            ),
            (self.token_keys.len() <= TOKEN_KEYS_MAX, "token_keys", "has more than 8 keys; remove old ones"),
            (self.stun_listen.len() <= STUN_PORTS_MAX, "stun_listen", "has more than 4 addresses"),
            (self.ice_servers.len() <= ICE_SERVERS_MAX, "ice_servers", "has more than 8 servers"),
            ((60..=86_400).contains(&self.turn_ttl_s), "turn_ttl_s", "must be 60 to 86400"),
            (self.tables.len() <= TABLES_MAX, "tables", "has more than 16 files"),
            (
                self.tls_certificate.is_empty() == self.tls_key.is_empty(),
                "tls_key",
                "goes with tls_certificate: set both or none",
            ),
            (self.node_name.len() <= NODE_NAME_BYTES_MAX, "node_name", "has more than 64 bytes"),
            (
                self.node_name.is_empty() || (1..=NODE_URL_BYTES_MAX).contains(&self.node_url.len()),
                "node_url",
                "goes with node_name, and has at most 123 bytes",
            ),
            (self.node_address.len() <= NODE_ADDRESS_BYTES_MAX, "node_address", "has more than 259 bytes"),
            (self.nodes.len() <= NODES_MAX, "nodes", "has more than 64 nodes; let NATS tell of them"),
            (self.announce_min_s > 0, "announce_min_s", "must be at least 1"),
            (
                self.announce_max_s >= self.announce_min_s,
                "announce_max_s",
                "must not be below announce_min_s",
            ),
            (self.announce_max_s <= 3_600, "announce_max_s", "must be at most 3600"),
            (self.outgoing_bytes_max >= OUTGOING_BYTES_LEAST, "outgoing_bytes_max", "must be at least 65536"),
            (
                self.outgoing_total_bytes_max >= self.outgoing_bytes_max,
                "outgoing_total_bytes_max",
                "must not be below outgoing_bytes_max",
            ),
            (self.handshake_timeout_ms > 0, "handshake_timeout_ms", "must be at least 1"),
            (self.write_timeout_ms > 0, "write_timeout_ms", "must be at least 1"),
            (self.ping_after_ms > 0, "ping_after_ms", "must be at least 1"),
            ((1..=60_000).contains(&self.probe_timeout_ms), "probe_timeout_ms", "must be 1 to 60000"),
        ]
    }
}

/// A queue that cannot hold the largest message would end every connection that is sent one.
const OUTGOING_BYTES_LEAST: usize = TRACKER_FRAME_BYTES_MAX;
/// An announce with two offers of 1,200 bytes still fits.
const FRAME_BYTES_LEAST: usize = 4_096;
/// Two are enough to find symmetric NATs, for each family of addresses.
const STUN_PORTS_MAX: usize = 4;
/// Browsers gather more slowly with each, and warn from five on.
const ICE_SERVERS_MAX: usize = 8;
const TABLES_MAX: usize = 16;
/// Each asks every other one every second.
const NODES_MAX: usize = 64;
/// Each token is tried with every key of its algorithm, so their number is bounded.
const TOKEN_KEYS_MAX: usize = 8;

const LOOPBACK_V4: IpNet = IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::LOCALHOST, 8));
const LOOPBACK_V6: IpNet = IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128));

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
            ("stun_listen = []", true),
            ("stun_listen = ['[::]:3478', '[::]:3479']", true),
            ("stun_listen = ['3478']", false),
            ("stun_listen = ['[::]:1', '[::]:2', '[::]:3', '[::]:4', '[::]:5']", false),
            ("ice_servers = ['stun:t.example:3478']", true),
            ("ice_servers = ['t.example:3478']", false),
            ("turn_ttl_s = 59", false),
            ("turn_ttl_s = 86400", true),
            ("turn_ttl_s = 86401", false),
            ("connections_max = 0", false),
            ("connections_max = 1", true),
            ("announces_per_s = 0", false),
            ("announce_max_s = 29", false),
            ("announce_max_s = 30", true),
            ("announce_max_s = 3600", true),
            ("announce_max_s = 3601", false),
            ("outgoing_bytes_max = 65535", false),
            ("outgoing_bytes_max = 65536", true),
            ("outgoing_total_bytes_max = 1048575", false),
            ("outgoing_total_bytes_max = 1048576", true),
            ("frame_bytes_max = 4095", false),
            ("frame_bytes_max = 4096", true),
            ("frame_bytes_max = 65537", false),
            ("allowed_origins = ['example.com']", false),
            ("allowed_origins = ['https://*.example.com']", true),
            ("trusted_proxies = ['10.0.0.0/33']", false),
            ("trusted_proxies = ['10.0.0.0/8', '::1/128']", true),
            ("token_keys = ['hs256:c2hvcnQ']", false),
            ("tls_key = 'key.pem'", false),
            ("tls_key = 'key.pem'\ntls_certificate = 'chain.pem'", true),
            ("ping_after_ms = -1", false),
            ("ping_after_ms = 0", false),
            ("probe_timeout_ms = 0", false),
            ("probe_timeout_ms = 60000", true),
            ("probe_timeout_ms = 60001", false),
            ("announces_total_per_s = 0", false),
            ("node_name = 't1'", false),
            ("node_name = 't1'\nnode_url = 'wss://t1.example/'", true),
            ("nodes = ['t2 wss://t2.example/ 10.0.0.2:8001']", true),
            ("nodes = ['t2 wss://t2.example/']", false),
            ("joins_per_s = 0", true),
        ]);
    }
}
