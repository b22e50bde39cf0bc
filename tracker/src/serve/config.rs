//! What an operator can set: defaults that run as they are, and one merge of the layers over them.
//!
//! Flags over environment over file over defaults. Each layer is a TOML table; [`Config::from_layers`] lays one over
//! the other, refuses keys that it does not know, and returns a configuration that cannot be wrong. [`layers`] makes
//! the tables; [`mod@print`] writes the commented default.

pub mod layers;
pub mod print;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use toml::Table;

use crate::registry::{self, Interval, limits};

/// The tracker's configuration. The texts for operators are in [`print::DOCS`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address and port.
    pub listen: SocketAddr,
    /// Open connections at most.
    pub connections_max: usize,
    /// Peers of all swarms at most.
    pub peers_max: usize,
    /// Peers of one connection at most.
    pub peers_per_connection_max: usize,
    /// Seconds between announces in a small swarm.
    pub announce_min_s: u32,
    /// Seconds between announces in a large swarm.
    pub announce_max_s: u32,
    /// Announces per second that one swarm may cost before its interval grows.
    pub announces_per_s: NonZeroU32,
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
    /// Milliseconds for clients to leave when the tracker stops.
    pub drain_timeout_ms: u64,
}

/// Why a configuration is refused; the text names the key and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A layer is no TOML, or has a key or a value that is none of ours.
    #[error("{0}")]
    Layer(String),
    /// A value that cannot be meant.
    #[error("{key}: {problem}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong with its value.
        problem: &'static str,
    },
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            connections_max: 100_000,
            peers_max: limits::PEERS_MAX,
            peers_per_connection_max: limits::PEERS_PER_CONNECTION_MAX,
            announce_min_s: Interval::DEFAULT.min_s,
            announce_max_s: Interval::DEFAULT.max_s,
            announces_per_s: Interval::DEFAULT.announces_per_s,
            outgoing_bytes_max: 1024 * 1024,
            outgoing_total_bytes_max: 256 * 1024 * 1024,
            handshake_timeout_ms: 10_000,
            write_timeout_ms: 10_000,
            ping_after_ms: 30_000,
            drain_timeout_ms: 5_000,
        }
    }
}

impl Config {
    /// The defaults under these layers, the later over the earlier.
    ///
    /// # Errors
    /// Where a key is unknown or a value cannot be meant.
    pub fn from_layers(layers: impl IntoIterator<Item = Table>) -> Result<Self, Error> {
        let mut merged = Table::new();
        for layer in layers {
            merged.extend(layer);
        }
        let config: Self =
            merged.try_into().map_err(|error| Error::Layer(error.to_string().trim().to_owned()))?;
        config.checked()
    }

    /// What the registry is told.
    #[must_use]
    pub const fn registry(&self, seed: u64) -> registry::Config {
        let (min_s, max_s, announces_per_s) =
            (self.announce_min_s, self.announce_max_s, self.announces_per_s);
        registry::Config {
            seed,
            peers_max: self.peers_max,
            peers_per_connection_max: self.peers_per_connection_max,
            // Two intervals: one lost announce does not cost a viewer its place.
            peer_lifetime: protocol::time::Duration::from_secs(2 * max_s as u64),
            interval: Interval { min_s, max_s, announces_per_s },
        }
    }

    fn checked(self) -> Result<Self, Error> {
        let rules = [
            (self.connections_max > 0, "connections_max", "must be at least 1"),
            (self.peers_max > 0, "peers_max", "must be at least 1"),
            (self.peers_per_connection_max > 0, "peers_per_connection_max", "must be at least 1"),
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
        ];
        match rules.into_iter().find(|(holds, ..)| !holds) {
            Some((_, key, problem)) => Err(Error::Value { key, problem }),
            None => Ok(self),
        }
    }
}

/// A queue that cannot hold the largest message would end every connection that is sent one.
const OUTGOING_BYTES_LEAST: usize = protocol::limits::TRACKER_FRAME_BYTES_MAX;

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        text.parse().unwrap()
    }

    #[test]
    fn later_layers_win_key_by_key() {
        let layers = ["peers_max = 1\nannounce_min_s = 2", "announce_min_s = 3", "connections_max = 4"];
        let config = Config::from_layers(layers.map(table)).unwrap();
        let expected = Config { peers_max: 1, announce_min_s: 3, connections_max: 4, ..Config::default() };
        assert_eq!(config, expected);
        assert_eq!(Config::from_layers([]), Ok(Config::default()));
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let error = Config::from_layers([table("peer_max = 1")]).unwrap_err().to_string();
        assert!(error.contains("peer_max") && error.contains("peers_max"), "{error}");
    }

    #[test]
    fn values_that_cannot_be_meant_are_refused() {
        let rows = [
            ("listen = 'nowhere'", false),
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
            ("ping_after_ms = -1", false),
            ("ping_after_ms = 0", false),
        ];
        for (text, accepted) in rows {
            assert_eq!(Config::from_layers([table(text)]).is_ok(), accepted, "{text}");
        }
    }
}
