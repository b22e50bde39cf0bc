//! What an operator can set.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};
use service::config::{Rule, Settings};
use swarm::io::Links;

use crate::keys;
use crate::limits::{ICE_SERVERS_MAX, VIEWERS_MAX};

/// The native peer's configuration. The texts for operators are in `keys`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The multivariant playlist.
    pub src: String,
    /// The descriptor; the playlist names it where empty.
    pub descriptor: String,
    /// Trackers; the descriptor names them where empty.
    pub trackers: Vec<String>,
    /// A join token for the tracker.
    pub token: String,
    /// The rendition's name; the first where empty.
    pub rendition: String,
    /// How many viewers.
    pub viewers: u32,
    /// Between two viewers' coming, in milliseconds.
    pub join_every_ms: u32,
    /// Seconds until they leave; 0 is until a signal.
    pub duration_s: u32,
    /// The operator's own: exempt from the viewers' cap.
    pub super_peer: bool,
    /// Trade with others at all.
    pub p2p: bool,
    /// Upload to others.
    pub upload: bool,
    /// What all viewers of this process send at most, in kbit/s; 0 is no limit.
    pub upload_max_kbit: u32,
    /// Links that are aimed at; 0 is 12, and 16 for a super-peer.
    pub links_aim: u16,
    /// Links at most; 0 is 16, and 64 for a super-peer.
    pub links_max: u16,
    /// Bytes of verified blocks that one viewer keeps.
    pub cache_bytes_max: u64,
    /// Addresses that links are made from; 0.0.0.0 is every interface but loopback.
    pub link_addresses: Vec<IpAddr>,
    /// STUN servers.
    pub stun: Vec<String>,
    /// Seconds between reports on standard output; 0 is none but the last.
    pub report_every_s: u32,
    /// Where operators read metrics; off where empty.
    pub ops_listen: String,
    /// A file for a recording of the first viewer's engine; none where empty.
    pub record: String,
    /// Bytes of a recording at most.
    pub record_bytes_max: u64,
    /// The seed of the engines; drawn where 0.
    pub seed: u64,
    /// Milliseconds for viewers to leave.
    pub drain_timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            src: String::new(),
            descriptor: String::new(),
            trackers: Vec::new(),
            token: String::new(),
            rendition: String::new(),
            viewers: 1,
            join_every_ms: 50,
            duration_s: 0,
            super_peer: false,
            p2p: true,
            upload: true,
            upload_max_kbit: 0,
            links_aim: 0,
            links_max: 0,
            cache_bytes_max: 64_000_000,
            link_addresses: vec![IpAddr::V4(Ipv4Addr::UNSPECIFIED)],
            stun: Vec::new(),
            report_every_s: 10,
            ops_listen: String::new(),
            record: String::new(),
            record_bytes_max: replay::RECORDING_BYTES as u64,
            seed: 0,
            drain_timeout_ms: 5_000,
        }
    }
}

impl Config {
    /// The links of one engine.
    #[must_use]
    pub fn links(&self) -> Links {
        let (aim, max) = if self.super_peer { (16, 64) } else { (12, 16) };
        let max = if self.links_max == 0 { max } else { self.links_max };
        Links { aim: if self.links_aim == 0 { aim.min(max) } else { self.links_aim }, max }
    }

    /// Where operators read metrics.
    #[must_use]
    pub fn ops(&self) -> Option<SocketAddr> {
        self.ops_listen.parse().ok()
    }
}

impl Settings for Config {
    const PROGRAM: &'static str = "shoal-peer";
    const ABOUT: &'static str =
        "Watches live streams without a picture and shares them: viewers, or a super-peer";
    const OWNER: &'static str = "native peer";
    const ENVIRONMENT_PREFIX: &'static str = "SHOAL_PEER_";
    const KEYS: &'static [(&'static str, &'static str)] = &keys::KEYS;
    const ALIASES: &'static [(&'static str, &'static str)] =
        &[("tracker", "trackers"), ("super", "super_peer"), ("upload-max", "upload_max_kbit")];

    fn rules(&self) -> impl IntoIterator<Item = Rule> {
        let is_web = |url: &str| url.starts_with("http://") || url.starts_with("https://");
        let is_socket = |url: &String| url.starts_with("ws://") || url.starts_with("wss://");
        let links = self.links();
        [
            (is_web(&self.src), "src", "must be the http:// or https:// URL of a multivariant playlist"),
            (
                self.descriptor.is_empty() || is_web(&self.descriptor),
                "descriptor",
                "must be an http:// or https:// URL",
            ),
            (self.trackers.iter().all(is_socket), "trackers", "must be ws:// or wss:// URLs"),
            (self.trackers.len() <= protocol::limits::TRACKERS_MAX, "trackers", "has more than 8 URLs"),
            ((1..=VIEWERS_MAX).contains(&self.viewers), "viewers", "must be 1 to 2000"),
            (links.aim >= 1 && links.aim <= links.max, "links_aim", "must be 1 to links_max"),
            (links.max <= 256, "links_max", "must be at most 256"),
            (
                (8_000_000..=4_000_000_000).contains(&self.cache_bytes_max),
                "cache_bytes_max",
                "must be 8000000 to 4000000000",
            ),
            ((1..=8).contains(&self.link_addresses.len()), "link_addresses", "must have 1 to 8 addresses"),
            (self.stun.len() <= ICE_SERVERS_MAX, "stun", "has more than 8 servers"),
            (self.stun.iter().all(|url| url.starts_with("stun:")), "stun", "must be stun: URIs"),
            (self.ops_listen.is_empty() || self.ops().is_some(), "ops_listen", "must be an address and port"),
            (
                (4_096..=replay::RECORDING_BYTES_MAX as u64).contains(&self.record_bytes_max),
                "record_bytes_max",
                "must be 4096 to 67108864",
            ),
            (self.drain_timeout_ms <= 60_000, "drain_timeout_ms", "must be at most 60000"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, service::config::Error> {
        let base = service::config::file("src = 'http://h/m.m3u8'").unwrap();
        Config::from_layers([base, service::config::file(text)?])
    }

    #[test]
    fn every_key_has_words_and_the_printed_default_needs_a_source_only() {
        let mut documented = keys::KEYS.map(|(key, _)| key);
        documented.sort_unstable();
        assert_eq!(Config::defaults().keys().collect::<Vec<_>>(), documented);
        let printed = service::config::file(&Config::commented_default()).unwrap();
        let refused = Config::from_layers([printed.clone()]).unwrap_err().to_string();
        assert!(refused.starts_with("src: "), "{refused}");
        let source = service::config::file("src = 'http://h/m.m3u8'").unwrap();
        assert_eq!(Config::from_layers([printed, source]), read(""));
    }

    #[test]
    fn flags_have_the_names_that_people_try_first() {
        let words =
            "shoal-peer --tracker ws://a/ --tracker wss://b/ --src http://h/m.m3u8 --viewers 50 --super";
        let line = service::config::CommandLine::parse::<Config>(words.split(' ').map(Into::into)).unwrap();
        let config = Config::from_layers([line.layer]).unwrap();
        assert_eq!((config.trackers.join(" ").as_str(), config.viewers), ("ws://a/ wss://b/", 50));
        assert_eq!((config.src.as_str(), config.super_peer), ("http://h/m.m3u8", true));
    }

    #[test]
    fn values_that_cannot_be_meant_are_refused() {
        let rows = [
            ("src = 'file:///m.m3u8'", false),
            ("viewers = 0", false),
            ("viewers = 2000", true),
            ("viewers = 2001", false),
            ("trackers = ['http://t/']", false),
            ("trackers = ['wss://t/']", true),
            ("links_aim = 17", false),
            ("links_aim = 17\nlinks_max = 17", true),
            ("links_max = 257", false),
            ("links_max = 4", true),
            ("super_peer = true\nlinks_aim = 17", true),
            ("link_addresses = []", false),
            ("link_addresses = ['127.0.0.1']", true),
            ("stun = ['turn:h']", false),
            ("ops_listen = 'nowhere'", false),
            ("ops_listen = '127.0.0.1:0'", true),
            ("record_bytes_max = 4095", false),
            ("cache_bytes_max = 7999999", false),
            ("drain_timeout_ms = 60001", false),
            ("nonsense = 1", false),
        ];
        for (text, accepted) in rows {
            assert_eq!(read(text).is_ok(), accepted, "{text}");
        }
    }
}
