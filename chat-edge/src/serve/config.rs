//! What an operator can set: defaults that run as they are, and one merge of the layers over them.
//!
//! Flags over environment over file over defaults. Each layer is a TOML table; [`Config::from_layers`] lays one over
//! the other, refuses keys that it does not know, and returns a configuration that cannot be wrong. [`layers`] makes
//! the tables; [`mod@print`] writes the commented default.

mod addresses;
pub mod layers;
pub mod print;

use std::net::{Ipv4Addr, SocketAddr};

use protocol::time::Duration;
use serde::{Deserialize, Serialize};
use toml::Table;

pub use addresses::Addresses;

use crate::room::{self, pace, quota};

/// The chat edge's configuration. The texts for operators are in [`print::DOCS`].
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
    /// The port of the TLS proxy in front, as clients are told it.
    pub wss_port: u16,
    /// The region that the node list gives.
    pub region: String,
    /// The zone that the node list gives.
    pub zone: String,
    /// The weight that the node list gives.
    pub weight: u32,
    /// Milliseconds for viewers to leave when the chat edge stops.
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
        let (pace, quota) = (pace::Config::default(), quota::Config::default());
        Self {
            listen: Addresses::from(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 3101))]),
            api_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 3111)),
            web_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 3112)),
            threads: 1,
            connections_max: 100_000,
            send_buffer_bytes: 32_768,
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
            wss_port: 443,
            region: "local".into(),
            zone: "local".into(),
            weight: 10,
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

    fn checked(self) -> Result<Self, Error> {
        let rules = [
            ((1..=THREADS_MAX).contains(&self.threads), "threads", "must be from 1 to 64"),
            (self.connections_max > 0, "connections_max", "must be at least 1"),
            (self.send_buffer_bytes >= SEND_BUFFER_LEAST, "send_buffer_bytes", "must be at least 4096"),
            (self.send_buffer_bytes <= SEND_BUFFER_MOST, "send_buffer_bytes", "must be at most 1048576"),
            (self.handshake_timeout_ms > 0, "handshake_timeout_ms", "must be at least 1"),
            (self.goim_heartbeat_s > 0, "goim_heartbeat_s", "must be at least 1"),
            (self.goim_heartbeats_max > 0, "goim_heartbeats_max", "must be at least 1"),
            (self.bilibili_silence_s > 0, "bilibili_silence_s", "must be at least 1"),
            (self.tick_min_ms > 0, "tick_min_ms", "must be at least 1"),
            (self.tick_max_ms >= self.tick_min_ms, "tick_max_ms", "must not be below tick_min_ms"),
            (self.tick_max_ms <= 10_000, "tick_max_ms", "must be at most 10000"),
        ];
        match rules.into_iter().find(|(holds, ..)| !holds) {
            Some((_, key, problem)) => Err(Error::Value { key, problem }),
            None => Ok(self),
        }
    }
}

/// More threads than this are no use on any machine that we know.
const THREADS_MAX: usize = 64;
/// What the system takes at least.
const SEND_BUFFER_LEAST: usize = 4_096;
/// A thousand stalled readers with more would be the system's TCP memory.
const SEND_BUFFER_MOST: usize = 1_048_576;

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        text.parse().unwrap()
    }

    #[test]
    fn later_layers_win_key_by_key() {
        let layers = ["threads = 2\ntick_min_ms = 20", "tick_min_ms = 30", "connections_max = 4"];
        let config = Config::from_layers(layers.map(table)).unwrap();
        let expected = Config { threads: 2, tick_min_ms: 30, connections_max: 4, ..Config::default() };
        assert_eq!(config, expected);
        assert_eq!(Config::from_layers([]), Ok(Config::default()));
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let error = Config::from_layers([table("thread = 1")]).unwrap_err().to_string();
        assert!(error.contains("thread") && error.contains("threads"), "{error}");
    }

    #[test]
    fn values_that_cannot_be_meant_are_refused() {
        let rows = [
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
            ("handshake_timeout_ms = 0", false),
            ("goim_heartbeat_s = 0", false),
            ("tick_min_ms = 0", false),
            ("tick_max_ms = 99", false),
            ("tick_max_ms = 100", true),
            ("tick_max_ms = 10001", false),
            ("chat_per_s = 0", true),
        ];
        for (text, accepted) in rows {
            assert_eq!(Config::from_layers([table(text)]).is_ok(), accepted, "{text}");
        }
    }
}
