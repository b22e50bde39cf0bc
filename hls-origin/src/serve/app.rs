//! What all requests share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arc_swap::ArcSwap;
use protocol::time::StreamTime;
use serde::Deserialize;
use service::clock::{Clock, since_1970};
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;

use super::Error;
use super::config::Config;
use super::door::Door;
use super::live::Live;
use super::refusal::Refused;
use super::spend::Totals;
use super::state::{Saved, State, Store};
use crate::stream::Now;

/// The process's shared parts.
#[derive(Debug)]
pub(super) struct App {
    pub(super) config: Config,
    pub(super) clock: Clock,
    pub(super) streams: BTreeMap<String, Arc<Live>>,
    pub(super) store: Store,
    pub(super) state: Mutex<State>,
    pub(super) totals: Arc<Totals>,
    /// Of the public listener.
    pub(super) door: Arc<Door>,
    pub(super) waiters: Arc<Semaphore>,
    pub(super) faults: ArcSwap<Faults>,
    /// Requests may be sent here.
    pub(super) ready: AtomicBool,
    /// Who waits, and who publishes, must leave.
    pub(super) stopping: CancellationToken,
}

/// Faults that tests ask for; without effect unless the configuration allows them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Faults {
    /// Milliseconds by which everything under `/live/` is late.
    pub(super) delay_ms: u64,
    /// Everything under `/live/` is answered with 500.
    pub(super) fail: bool,
    /// The block of this number is served with a flipped bit, in every segment.
    pub(super) corrupt_block: Option<usize>,
}

impl App {
    /// The time, by both clocks.
    pub(super) fn now(&self) -> Now {
        Now { instant: self.clock.now(), date: date() }
    }

    pub(super) fn stream(&self, name: &str) -> Result<&Arc<Live>, Refused> {
        self.streams.get(name).ok_or_else(Refused::unknown_stream)
    }

    /// Makes sure that a crash right now, or after the next fragment, would not rewind the stream's numbers.
    pub(super) async fn reserve(&self, live: &Live) -> Result<(), Error> {
        let (history, renditions) = live.core().checkpoint();
        if saved(live).covers(&history, &renditions) {
            return Ok(());
        }
        self.save(live, true).await
    }

    /// Writes down where the stream is; `ahead` reserves numbers for a crash.
    pub(super) async fn save(&self, live: &Live, ahead: bool) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        let (history, renditions) = live.core().checkpoint();
        let record = state.streams.entry(live.name.clone()).or_default();
        record.record(&history, renditions, ahead);
        let record = record.clone();
        let (store, copy) = (self.store.clone(), state.clone());
        let written = tokio::task::spawn_blocking(move || store.write(&copy)).await;
        written.map_err(|cause| Error::Stopped(cause.to_string()))??;
        *live.saved.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = record;
        Ok(())
    }
}

/// The time of day, as EXT-X-PROGRAM-DATE-TIME has it.
pub(super) fn date() -> StreamTime {
    StreamTime(since_1970().as_millis())
}

fn saved(live: &Live) -> Saved {
    live.saved.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
}
