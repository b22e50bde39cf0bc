//! What an operator can set, with defaults that run as they are; the merge over them is [`Settings`].

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use protocol::limits::{TRACKERS_MAX, URL_BYTES_MAX};
use serde::{Deserialize, Serialize};
use service::config::{Rule, Settings};

/// The origin's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The public listener: publishing, playlists, media, blocks, the page.
    pub listen: SocketAddr,
    /// The operator's listener (`/metrics`, `/ops/…`), for loopback or a private network; off where absent.
    pub ops_listen: Option<SocketAddr>,
    /// The origin as viewers and encoders address it, without a trailing slash; `http://{listen}` where absent.
    pub public_url: Option<String>,
    /// Where numbers and keys survive a restart; made with mode 0700.
    pub state_dir: PathBuf,
    /// The streams that may be published, by name.
    pub streams: BTreeMap<String, StreamConfig>,
    /// Tracker addresses for the descriptor, `ws://` or `wss://`.
    pub trackers: Vec<String>,
    /// Static files served at `/`.
    pub page_dir: Option<PathBuf>,
    /// JSON at `/page.json`, for the page: where the other servers of its stack are. Whoever starts them together says it.
    #[serde(skip)]
    pub page_facts: Option<String>,
    /// Supervised ffmpeg children.
    pub sources: Vec<SourceConfig>,
    /// How long a segment should be, in milliseconds; rounded it is the target duration, unless the encoder's first
    /// keyframes are further apart.
    pub target_duration_ms: u32,
    /// Segments in a live playlist.
    pub window_segments: usize,
    /// How long a segment stays available once it has left the playlist beyond what RFC 8216 §6.2.2 demands, in
    /// milliseconds.
    pub retention_extra_ms: u64,
    /// How long a stream without its publisher counts as merely interrupted, in milliseconds.
    pub grace_ms: u64,
    /// After how long without a publisher a playlist gets its EXT-X-ENDLIST, in milliseconds.
    pub end_ms: u64,
    /// Named maxima.
    pub limits: Limits,
    /// Test aid: lets `POST /ops/faults` make media slow, failing or wrong. Never on in production.
    pub faults: bool,
}

/// One stream that may be published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct StreamConfig {
    /// Who knows it may publish; made at the first start and kept in the state directory where absent.
    #[serde(skip_serializing)]
    pub key: Option<StreamKey>,
}

/// A secret that authorises publishing. It is never printed by `Debug`, nor written into a configuration.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct StreamKey(pub String);

impl core::fmt::Debug for StreamKey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("StreamKey(…)")
    }
}

/// A supervised ffmpeg child whose output goes through the same splitter as a publisher's body.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// The stream it feeds; made known where `streams` does not name it.
    pub stream: String,
    /// The rendition it feeds.
    pub rendition: String,
    /// ffmpeg's arguments up to, and not with, the output format: inputs, filters, codecs.
    pub args: Vec<String>,
    /// The program.
    #[serde(default = "SourceConfig::default_program")]
    pub program: PathBuf,
}

impl Settings for Config {
    const PROGRAM: &'static str = "hls-origin";
    const ABOUT: &'static str = "Takes live fMP4 over HTTP PUT, serves HLS, and blocks with signed hashes. Without any argument it \
        serves the stream `main` on 127.0.0.1:8080; its publish address is logged at the start, with its key in a terminal";
    const OWNER: &'static str = "origin";
    const ENVIRONMENT_PREFIX: &'static str = "HLS_ORIGIN_";
    const KEYS: &'static [(&'static str, &'static str)] = &[
        ("listen", "The public listener"),
        ("ops_listen", "The operator's listener"),
        ("public_url", "The origin as others address it"),
        ("state_dir", "Where keys and numbers survive a restart"),
        ("trackers", "Trackers for the descriptors, with commas between; may be repeated"),
        ("page_dir", "Static files served at /"),
    ];
    const ALIASES: &'static [(&'static str, &'static str)] = &[("tracker", "trackers")];

    fn rules(&self) -> impl IntoIterator<Item = Rule> {
        let is_tracker = |url: &String| {
            let scheme = url.starts_with("ws://") || url.starts_with("wss://");
            scheme && url.len() <= URL_BYTES_MAX && url.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let trackers = self.trackers.len() <= TRACKERS_MAX && self.trackers.iter().all(is_tracker);
        [
            // Shorter is no player's habit, and longer than what is ever learnt.
            ((500..=10_000).contains(&self.target_duration_ms), "target_duration_ms", "must be 500 to 10000"),
            // Players start three segments behind the end; more than 64 would outgrow what is kept beside.
            ((3..=64).contains(&self.window_segments), "window_segments", "must be 3 to 64"),
            (trackers, "trackers", "must be at most 8 addresses that begin with ws:// or wss://"),
        ]
    }

    /// A file of its own, because most of it has no flag.
    fn commented_default() -> String {
        include_str!("default.toml").to_owned()
    }
}

impl SourceConfig {
    fn default_program() -> PathBuf {
        PathBuf::from("ffmpeg")
    }
}

/// Named maxima of everything that a stranger can make the origin hold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Open connections on each listener.
    pub connections: usize,
    /// Open connections of one address, of IPv6 of one /64; 0 is no bound, for an origin behind a proxy.
    pub connections_per_address: usize,
    /// Connections beside `connections` for publishers, who must not be kept out by viewers.
    pub connections_for_publishers: usize,
    /// GETs waiting for a block or a hash list, all streams together.
    pub waiters: usize,
    /// Those of one address, of IPv6 of one /64; 0 is no bound, for an origin behind a proxy.
    pub waiters_per_address: usize,
    /// Milliseconds for the first request of a connection to arrive.
    pub header_read_timeout_ms: u64,
    /// Milliseconds for each further one: how long a connection may rest.
    pub idle_timeout_ms: u64,
    /// Milliseconds in which a reader must take 16 KiB of what waits for it.
    pub slow_reader_timeout_ms: u64,
    /// Milliseconds of silence after which a publisher counts as gone.
    pub ingest_idle_ms: u64,
    /// Milliseconds for a publisher's first bytes to arrive.
    pub ingest_first_ms: u64,
    /// Milliseconds between a signal and the end of accepting, so that balancers see the readiness change.
    pub drain_delay_ms: u64,
    /// Milliseconds for open responses to finish after that.
    pub drain_timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            ops_listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 9100))),
            public_url: None,
            state_dir: PathBuf::from(".shoal/origin"),
            streams: BTreeMap::from([(String::from("main"), StreamConfig::default())]),
            trackers: Vec::new(),
            page_dir: None,
            page_facts: None,
            sources: Vec::new(),
            target_duration_ms: 2_000,
            window_segments: 12,
            retention_extra_ms: 30_000,
            grace_ms: 30_000,
            end_ms: 60_000,
            limits: Limits::default(),
            faults: false,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_address: 1_024,
            connections_for_publishers: 64,
            waiters: 8_000,
            waiters_per_address: 512,
            header_read_timeout_ms: 10_000,
            idle_timeout_ms: 75_000,
            slow_reader_timeout_ms: 30_000,
            ingest_idle_ms: 10_000,
            ingest_first_ms: 20_000,
            drain_delay_ms: 0,
            drain_timeout_ms: 10_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use service::config::{Error, file};

    use super::*;

    fn read(text: &str) -> Result<Config, Error> {
        Config::from_layers([file(text)?])
    }

    #[test]
    fn the_commented_file_says_the_defaults() {
        assert_eq!(read(&Config::commented_default()), Ok(Config::default()));
    }

    #[test]
    fn unknown_keys_are_refused_at_every_level() {
        for text in ["lisen = 1", "[limits]\nwaiter = 1", "[streams.main]\nkeys = 1"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_that_cannot_be_meant_are_named_at_their_limits() {
        let many = format!("trackers = {:?}", ["ws://a/"; 9]);
        let rows = [
            ("target_duration_ms = 500", None),
            ("target_duration_ms = 499", Some("target_duration_ms")),
            ("target_duration_ms = 10001", Some("target_duration_ms")),
            ("window_segments = 2", Some("window_segments")),
            ("window_segments = 65", Some("window_segments")),
            ("trackers = [\"wss://tracker.example/\"]", None),
            ("trackers = [\"http://tracker.example/\"]", Some("trackers")),
            ("trackers = [\"ws://a b/\"]", Some("trackers")),
            (many.as_str(), Some("trackers")),
        ];
        for (text, named) in rows {
            let refused = read(text).err().map(|error| match error {
                Error::Value { key, .. } => key,
                other => panic!("{other}"),
            });
            assert_eq!(refused, named, "{text}");
        }
    }

    #[test]
    fn a_key_is_neither_printed_nor_written() {
        let config = read("[streams.main]\nkey = \"secret\"").expect("it parses");
        assert!(!format!("{config:?}").contains("secret"));
        assert!(!service::config::Table::try_from(config).expect("a table").to_string().contains("secret"));
    }
}
