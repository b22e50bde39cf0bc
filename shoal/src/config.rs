//! What the operator of the whole stack can set.
//!
//! Flags over environment over file over the servers' own defaults, in one merge ([`Config::merge`]). The file has the
//! servers' keys in sections of their names; of the stack's own there are only `state_dir`, `tracker_url`,
//! `chat_url` and `chat_web_url`. What differs from the servers' defaults: the operator's listener is off until it is asked for, and the origin keeps its
//! state in a folder of the stack's.

use std::net::SocketAddr;
use std::path::PathBuf;

use chat_edge::serve as chat;
use clap::Parser;
use hls_origin::serve as origin;
use origin::StreamKey;
use serde::Deserialize;
use service::config::{self, Settings, Table};
use toml::Value;
use tracker::serve as tracker_server;

/// Where state is kept where nobody says otherwise.
pub(crate) const STATE_DIR: &str = ".shoal";
/// The stream where nobody names one.
const STREAM: &str = "main";

/// The command line, and the environment beneath it.
#[derive(Clone, Debug, Default, Parser)]
#[command(
    name = "shoal",
    version,
    about = "A live-streaming stack whose viewers share the video: all servers in one"
)]
pub struct Flags {
    /// A TOML file with sections [origin], [tracker] and [chat]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write the commented default configuration and end
    #[arg(long)]
    pub print_config: bool,
    /// Read the configuration, say whether it is right, and end
    #[arg(long)]
    pub check_config: bool,
    /// Print one line of JSON with every address on stdout when everything listens
    #[arg(long)]
    pub ready_json: bool,
    /// Log lines as JSON
    #[arg(long, env = "SHOAL_LOG_JSON")]
    pub log_json: bool,
    /// Where numbers and keys survive a restart [default: .shoal]
    #[arg(long, env = "SHOAL_STATE_DIR", value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// The origin's address and port: publishing, playlists, media, the page [default: 127.0.0.1:8080]
    #[arg(long, env = "SHOAL_ORIGIN_LISTEN", value_name = "ADDRESS")]
    pub origin_listen: Option<SocketAddr>,
    /// The tracker's address and port [default: 127.0.0.1:8000]
    #[arg(long, env = "SHOAL_TRACKER_LISTEN", value_name = "ADDRESS")]
    pub tracker_listen: Option<SocketAddr>,
    /// Addresses and ports of the chat edge for viewers, with commas between [default: 127.0.0.1:3101]
    #[arg(long, env = "SHOAL_CHAT_LISTEN", value_name = "ADDRESSES")]
    pub chat_listen: Option<String>,
    /// The chat edge's push API, for your own servers only [default: 127.0.0.1:3111]
    #[arg(long, env = "SHOAL_CHAT_API_LISTEN", value_name = "ADDRESS")]
    pub chat_api_listen: Option<SocketAddr>,
    /// What the chat edge tells clients before they connect [default: 127.0.0.1:3112]
    #[arg(long, env = "SHOAL_CHAT_WEB_LISTEN", value_name = "ADDRESS")]
    pub chat_web_listen: Option<SocketAddr>,
    /// The operator's address and port, metrics among others; off where not given
    #[arg(long, env = "SHOAL_OPS_LISTEN", value_name = "ADDRESS")]
    pub ops_listen: Option<SocketAddr>,
    /// Static files served by the origin at /
    #[arg(long, env = "SHOAL_PAGE_DIR", value_name = "DIR")]
    pub page_dir: Option<PathBuf>,
    /// The stream that may be published [default: main]
    #[arg(long, env = "SHOAL_STREAM", value_name = "NAME")]
    pub stream: Option<String>,
    /// Its publishing key; made at the first start and kept where not given
    #[arg(long, env = "SHOAL_PUBLISH_KEY", hide_env_values = true, value_name = "KEY")]
    pub publish_key: Option<String>,
    /// The origin as viewers address it, http:// or https://
    #[arg(long, env = "SHOAL_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// The tracker as viewers address it, ws:// or wss://
    #[arg(long, env = "SHOAL_TRACKER_URL", value_name = "URL")]
    pub tracker_url: Option<String>,
    /// The chat edge's WebSocket as viewers address it, ws:// or wss://, with /sub
    #[arg(long, env = "SHOAL_CHAT_URL", value_name = "URL")]
    pub chat_url: Option<String>,
    /// The chat edge's web address as viewers address it, http:// or https://
    #[arg(long, env = "SHOAL_CHAT_WEB_URL", value_name = "URL")]
    pub chat_web_url: Option<String>,
    /// Tokens that the chat edge signs for guests of one address in ten seconds; 0 lets no guests speak [default: 0]
    #[arg(long, env = "SHOAL_CHAT_GUESTS_PER_10S", value_name = "COUNT")]
    pub chat_guests_per_10s: Option<u32>,
}

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    state_dir: Option<PathBuf>,
    tracker_url: Option<String>,
    chat_url: Option<String>,
    chat_web_url: Option<String>,
    origin: Table,
    tracker: Table,
    chat: Table,
}

/// The layers of the servers' own variables of the environment.
#[derive(Debug, Default)]
pub struct Environment {
    /// The tracker's.
    pub tracker: Table,
    /// The chat edge's.
    pub chat: Table,
}

/// The stack's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The origin's; its list of trackers is the stack's to fill.
    pub origin: origin::Config,
    /// The tracker's.
    pub tracker: tracker_server::Config,
    /// The chat edge's.
    pub chat: chat::Config,
    /// The tracker as viewers address it; its bound address where absent.
    pub tracker_url: Option<String>,
    /// The chat edge's WebSocket as viewers address it; its bound address where absent.
    pub chat_url: Option<String>,
    /// The chat edge's web address as viewers address it; its bound one where absent.
    pub chat_web_url: Option<String>,
    /// The stream whose addresses are told when all is ready.
    pub stream: String,
}

/// Why a configuration is refused; the text names the section and key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is no TOML or has keys that are none of ours.
    #[error("{0}")]
    File(config::Error),
    /// The origin's part.
    #[error("[origin] {0}")]
    Origin(config::Error),
    /// The tracker's part.
    #[error("[tracker] {0}")]
    Tracker(config::Error),
    /// The chat edge's part.
    #[error("[chat] {0}")]
    Chat(config::Error),
}

impl Config {
    /// Lays the flags over the servers' own variables over the file's text.
    ///
    /// # Errors
    /// Where a key is unknown or a value cannot be meant.
    pub fn merge(flags: &Flags, environment: Environment, file: &str) -> Result<Self, Error> {
        let file: File = toml::from_str(file).map_err(|error| Error::File(config::Error::layer(&error)))?;
        let tracker_flags = layer([("listen", flags.tracker_listen.map(|listen| listen.to_string()))]);
        let tracker = tracker_server::Config::from_layers([file.tracker, environment.tracker, tracker_flags])
            .map_err(Error::Tracker)?;
        let chat_flags = layer([
            ("listen", flags.chat_listen.clone()),
            ("api_listen", flags.chat_api_listen.map(|listen| listen.to_string())),
            ("web_listen", flags.chat_web_listen.map(|listen| listen.to_string())),
        ]);
        let folder = flags.state_dir.clone().or_else(|| file.state_dir.clone());
        let store = folder.unwrap_or_else(|| STATE_DIR.into()).join("chat/chat.db");
        let chat_base = layer([("store", Some(format!("sqlite:{}", store.display())))]);
        let mut chat = chat::Config::from_layers([chat_base, file.chat, environment.chat, chat_flags])
            .map_err(Error::Chat)?;
        chat.guests_per_10s = flags.chat_guests_per_10s.unwrap_or(chat.guests_per_10s);
        let chat_url = flags.chat_url.clone().or(file.chat_url);
        let chat_web_url = flags.chat_web_url.clone().or(file.chat_web_url);
        let tracker_url = flags.tracker_url.clone().or(file.tracker_url);
        let (origin, stream) = merge_origin(flags, file.origin, file.state_dir)?;
        Ok(Self { origin, tracker, chat, tracker_url, chat_url, chat_web_url, stream })
    }
}

/// The flags of one server that were given.
fn layer<const COUNT: usize>(flags: [(&str, Option<String>); COUNT]) -> Table {
    let given = flags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::String(value?))));
    given.collect()
}

fn merge_origin(
    flags: &Flags,
    section: Table,
    state_dir: Option<PathBuf>,
) -> Result<(origin::Config, String), Error> {
    let says = |key: &str| section.contains_key(key);
    let (says_state_dir, says_ops, says_streams) = (says("state_dir"), says("ops_listen"), says("streams"));
    let mut origin = origin::Config::from_layers([section]).map_err(Error::Origin)?;
    let below = |folder: PathBuf| folder.join("origin");
    if let Some(folder) = &flags.state_dir {
        origin.state_dir = below(folder.clone());
    } else if !says_state_dir {
        origin.state_dir = below(state_dir.unwrap_or_else(|| STATE_DIR.into()));
    }
    if !says_ops {
        origin.ops_listen = None;
    }
    origin.ops_listen = flags.ops_listen.or(origin.ops_listen);
    origin.listen = flags.origin_listen.unwrap_or(origin.listen);
    origin.page_dir = flags.page_dir.clone().or(origin.page_dir);
    origin.public_url = flags.public_url.clone().or(origin.public_url);
    if !says_streams {
        origin.streams.clear();
    }
    let first = origin.streams.keys().next().cloned();
    let stream = flags.stream.clone().or(first).unwrap_or_else(|| STREAM.to_owned());
    let entry = origin.streams.entry(stream.clone()).or_default();
    if let Some(key) = &flags.publish_key {
        entry.key = Some(StreamKey(key.clone()));
    }
    Ok((origin, stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(arguments: &[&str]) -> Flags {
        Flags::try_parse_from(std::iter::once(&"shoal").chain(arguments)).unwrap()
    }

    fn merge(arguments: &[&str], file: &str) -> Config {
        Config::merge(&flags(arguments), Environment::default(), file).unwrap()
    }

    #[test]
    fn without_a_word_everything_has_a_default() {
        let config = merge(&[], "");
        assert_eq!(config.origin.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.tracker.listen.to_string(), "127.0.0.1:8000");
        assert_eq!(config.origin.state_dir, PathBuf::from(".shoal/origin"));
        assert_eq!(config.chat.store, chat::Config::default().store);
        assert_eq!(config.origin.ops_listen, None);
        assert_eq!((config.stream.as_str(), config.origin.streams.len()), ("main", 1));
    }

    #[test]
    fn flags_win_over_the_environment_over_the_file() {
        let file = "state_dir = 'a'\n[chat]\nthreads = 8\n[origin]\nlisten = '127.0.0.1:1'\n[tracker]\nlisten = '127.0.0.1:2'\npeers_max = 3";
        let environment = Environment {
            tracker: "listen = '127.0.0.1:4'\nconnections_max = 5".parse().unwrap(),
            chat: "web_listen = '127.0.0.1:8'\nconnections_max = 9".parse().unwrap(),
        };
        let arguments = flags(&[
            "--origin-listen",
            "127.0.0.1:6",
            "--tracker-listen",
            "127.0.0.1:7",
            "--chat-web-listen",
            "127.0.0.1:10",
        ]);
        let config = Config::merge(&arguments, environment, file).unwrap();
        assert_eq!((config.origin.listen.port(), config.tracker.listen.port()), (6, 7));
        assert_eq!((config.tracker.peers_max, config.tracker.connections_max), (3, 5));
        let chat = &config.chat;
        assert_eq!((chat.web_listen.port(), chat.connections_max, chat.threads), (10, 9, 8));
        assert_eq!(config.origin.state_dir, PathBuf::from("a/origin"));
    }

    #[test]
    fn state_is_kept_where_the_flag_or_the_origins_section_or_the_file_says() {
        let rows: [(&[&str], &str, &str); 4] = [
            (&["--state-dir", "f"], "state_dir = 'a'\n[origin]\nstate_dir = 'b'", "f/origin"),
            (&[], "state_dir = 'a'\n[origin]\nstate_dir = 'b'", "b"),
            (&[], "state_dir = 'a'", "a/origin"),
            (&[], "", ".shoal/origin"),
        ];
        for (arguments, file, folder) in rows {
            assert_eq!(
                merge(arguments, file).origin.state_dir,
                PathBuf::from(folder),
                "{arguments:?} {file:?}"
            );
        }
    }

    #[test]
    fn the_operators_listener_is_off_until_somebody_asks_for_it() {
        let rows = [
            (merge(&[], ""), None),
            (merge(&["--ops-listen", "127.0.0.1:1"], ""), Some(1)),
            (merge(&[], "[origin]\nops_listen = '127.0.0.1:2'"), Some(2)),
            (merge(&["--ops-listen", "127.0.0.1:1"], "[origin]\nops_listen = '127.0.0.1:2'"), Some(1)),
        ];
        for (config, port) in rows {
            assert_eq!(config.origin.ops_listen.map(|address| address.port()), port);
        }
    }

    #[test]
    fn a_named_stream_takes_the_place_of_the_default_one_and_joins_those_of_the_file() {
        let rows: [(&[&str], &str, &str, &[&str]); 4] = [
            (&[], "", "main", &["main"]),
            (&["--stream", "tv"], "", "tv", &["tv"]),
            (&[], "[origin.streams.radio]", "radio", &["radio"]),
            (&["--stream", "tv"], "[origin.streams.radio]", "tv", &["radio", "tv"]),
        ];
        for (arguments, file, told, streams) in rows {
            let config = merge(arguments, file);
            assert_eq!(config.stream, told);
            assert_eq!(config.origin.streams.keys().collect::<Vec<_>>(), streams);
        }
        let key = merge(&["--publish-key", "secret"], "").origin.streams["main"].key.clone();
        assert_eq!(key.map(|key| key.0), Some("secret".to_owned()));
    }

    #[test]
    fn unknown_keys_are_refused_with_their_section() {
        let rows = [
            ("nonsense = 1", "nonsense"),
            ("[origin]\nnonsense = 1", "[origin]"),
            ("[tracker]\nx = 1", "[tracker]"),
            ("[chat]\nx = 1", "[chat]"),
        ];
        for (file, named) in rows {
            let error =
                Config::merge(&Flags::default(), Environment::default(), file).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
