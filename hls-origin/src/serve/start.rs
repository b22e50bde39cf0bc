//! From configuration and state to the shared parts: the only place where the two meet.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arc_swap::ArcSwap;
use protocol::descriptor::is_name;
use protocol::time::Duration;
use service::clock::Clock;
use service::config::Settings as _;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::app::{App, date};
use super::config::{Config, StreamConfig, StreamKey};
use super::live::{About, Live};
use super::spend::Totals;
use super::state::{Saved, State, Store};
use super::{Error, entropy, source};
use crate::blocks::{Signer, SignerKey};
use crate::stream::{Settings, Stream};

/// Characters of a stream's id and of a key made here: 80 and 160 random bits.
const ID_CHARACTERS: usize = 16;
const KEY_CHARACTERS: usize = 32;

/// Reads or makes the state, and writes it, so that what was made is kept before anybody sees it.
pub(super) fn app(mut config: Config) -> Result<App, Error> {
    config.check()?;
    for source in &config.sources {
        config.streams.entry(source.stream.clone()).or_default();
    }
    let names = config.streams.keys().chain(config.sources.iter().map(|source| &source.rendition));
    if let Some(bad) = names.into_iter().find(|name| !is_name(name)) {
        return Err(Error::Name(bad.clone()));
    }
    let (store, mut state) = Store::open(&config.state_dir)?;
    let signer = Signer::new(&SignerKey(state.signing_key().unwrap_or_default()));
    let mut streams = BTreeMap::new();
    for (name, stream) in &config.streams {
        let first_msn = date().0 / u64::from(config.target_duration_ms.max(1));
        let live = live(name, stream, &config, &mut state, &signer, first_msn)?;
        streams.insert(name.clone(), Arc::new(live));
    }
    store.write(&state)?;
    Ok(App {
        waiters: Arc::new(Semaphore::new(config.limits.waiters)),
        config,
        clock: Clock::start(),
        streams,
        store,
        state: Mutex::new(state),
        totals: Arc::new(Totals::default()),
        door: Arc::default(),
        faults: ArcSwap::default(),
        ready: AtomicBool::new(false),
        stopping: CancellationToken::new(),
    })
}

/// Starts the sources of the configuration.
pub(super) fn sources(app: &Arc<App>) -> Vec<JoinHandle<()>> {
    let known = |name: &String| app.streams.get(name).map(Arc::clone);
    let started =
        app.config.sources.iter().filter_map(|source| Some((known(&source.stream)?, source.clone())));
    started.map(|(live, source)| tokio::spawn(source::supervise(Arc::clone(app), live, source))).collect()
}

fn live(
    name: &str,
    stream: &StreamConfig,
    config: &Config,
    state: &mut State,
    signer: &Signer,
    first_msn: u64,
) -> Result<Live, Error> {
    if !state.streams.contains_key(name) {
        // Numbers that grow with time, even if the state directory is lost.
        let fresh = Saved { id: entropy::word::<ID_CHARACTERS>()?, next_msn: first_msn, ..Saved::default() };
        state.streams.insert(name.to_owned(), fresh);
    }
    let saved = state.streams.entry(name.to_owned()).or_default();
    let key = match (&stream.key, &saved.key) {
        (Some(key), _) => (key.clone(), false),
        (None, Some(key)) => (StreamKey(key.clone()), false),
        (None, None) => {
            let key = entropy::word::<KEY_CHARACTERS>()?;
            saved.key = Some(key.clone());
            (StreamKey(key), true)
        }
    };
    let settings = Settings {
        wanted_ms: config.target_duration_ms,
        listed_max: config.window_segments,
        margin: Duration::from_millis(config.retention_extra_ms),
        grace: Duration::from_millis(config.grace_ms),
        end: Duration::from_millis(config.end_ms),
    };
    let about = About {
        swarm: About::swarm(&format!("{name}-{}", saved.id)),
        signer: signer.clone(),
        trackers: config.trackers.clone(),
        target_ms: config.target_duration_ms,
    };
    let core = Stream::new(name, settings, signer.clone(), saved.history(), &saved.renditions);
    Ok(Live::new(core, key, about, saved.clone()))
}
