//! The program: loads the stream, lets viewers come, reports, and lets them leave.

use std::future::Future;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use protocol::id::PeerId;
use protocol::time::Instant;
use service::clock::Clock;
use service::program::{Launch, say};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};
use webrtc::peer_connection::RTCIceServer;

use crate::http::Http;
use crate::links::Setup;
use crate::report::Desk;
use crate::shaper::Shaper;
use crate::viewer::{self, Shared, engine_config, seconds};
use crate::{Config, Report, Stream, StreamError, ops};

/// Why the program ends before its time; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing can be watched.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The system has no random numbers.
    #[error("the system has no random numbers: {0}")]
    Entropy(getrandom::Error),
    /// The operator's address cannot be listened at.
    #[error("ops_listen: {0}")]
    Ops(std::io::Error),
    /// The recording cannot be written.
    #[error("{path}: {cause}")]
    Record {
        /// Where.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// Nobody reads the reports.
    #[error("{0}")]
    Say(String),
}

/// Parses, loads, runs.
pub async fn main() -> ExitCode {
    service::program::run(|Launch { config, shutdown, .. }| async move {
        let report = run(config, shutdown, say_report).await?;
        say_report(&report).map_err(Error::Say)
    })
    .await
}

/// Watches until `shutdown` resolves or the configured time is over; answers the last report.
///
/// # Errors
/// Where nothing can be watched, or what was asked for cannot be served or written.
pub async fn run(
    config: Config,
    shutdown: impl Future<Output = ()> + Send,
    told: impl Fn(&Report) -> Result<(), String> + Send,
) -> Result<Report, Error> {
    let crowd = Arc::new(Crowd::load(config).await?);
    let serving = match crowd.shared.config.ops() {
        Some(listen) => {
            let (address, task) = ops::serve(listen, Arc::clone(&crowd)).await.map_err(Error::Ops)?;
            tracing::info!(%address, "metrics");
            Some(task)
        }
        None => None,
    };
    service::program::ready();
    let outcome = crowd.live(shutdown, told).await;
    if let Some(task) = serving {
        task.abort();
    }
    outcome
}

/// A line of JSON.
fn say_report(report: &Report) -> Result<(), String> {
    // Numbers only: this cannot fail.
    let line = serde_json::to_string(report).unwrap_or_default();
    say(&format!("{line}\n"))
}

/// The viewers of a process.
#[derive(Debug)]
pub(crate) struct Crowd {
    shared: Shared,
    began: Instant,
    desks: Mutex<Vec<Arc<Desk>>>,
}

impl Crowd {
    async fn load(config: Config) -> Result<Self, Error> {
        let http = Http::new();
        let stream = Stream::load(&config, &http).await?;
        let clock = Clock::start();
        let stun = |url: &String| RTCIceServer { urls: vec![url.clone()], ..RTCIceServer::default() };
        let links = Setup {
            addresses: config.link_addresses.clone(),
            ice: config.stun.iter().map(stun).collect(),
            shaper: Shaper::new(config.upload_max_kbit),
            clock,
        };
        let shared = Shared {
            config: Arc::new(config),
            stream: Arc::new(stream),
            http,
            links: Arc::new(links),
            clock,
        };
        Ok(Self { shared, began: clock.now(), desks: Mutex::default() })
    }

    /// How everybody is now.
    pub(crate) fn report(&self) -> Report {
        let desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshots: Vec<_> = desks.iter().map(|desk| desk.read()).collect();
        let elapsed = self.shared.clock.now().since(self.began);
        Report::of(&snapshots, seconds(elapsed), self.shared.config.super_peer)
    }

    async fn live(
        &self,
        shutdown: impl Future<Output = ()> + Send,
        told: impl Fn(&Report) -> Result<(), String> + Send,
    ) -> Result<Report, Error> {
        let config = &self.shared.config;
        let (stop, stopped) = watch::channel(false);
        let mut viewers: Vec<JoinHandle<Option<Vec<u8>>>> = Vec::new();
        let mut joins = ticks(Duration::from_millis(u64::from(config.join_every_ms).max(1)));
        let mut reports = ticks(Duration::from_secs(u64::from(config.report_every_s).max(1)));
        reports.reset();
        let end = over(config.duration_s);
        tokio::pin!(shutdown, end);
        let mut outcome = Ok(());
        while outcome.is_ok() {
            tokio::select! {
                () = &mut shutdown => break,
                () = &mut end => break,
                _ = joins.tick(), if viewers.len() < config.viewers as usize => {
                    outcome = self.join(viewers.len(), &stopped).map(|viewer| viewers.push(viewer));
                }
                _ = reports.tick(), if config.report_every_s > 0 => outcome = told(&self.report()).map_err(Error::Say),
            }
        }
        let last = self.report();
        // Viewers that are gone need no telling.
        let _ = stop.send(true);
        let recording = leave(viewers).await;
        outcome?;
        if let Some(recording) = recording {
            let path = &config.record;
            let written = tokio::fs::write(path, recording).await;
            written.map_err(|cause| Error::Record { path: path.clone(), cause })?;
        }
        Ok(last)
    }

    /// One more viewer comes.
    fn join(
        &self,
        place: usize,
        stopped: &watch::Receiver<bool>,
    ) -> Result<JoinHandle<Option<Vec<u8>>>, Error> {
        let config = &self.shared.config;
        let mut peer = [0; 20];
        getrandom::fill(&mut peer).map_err(Error::Entropy)?;
        let drawn = getrandom::u64().map_err(Error::Entropy)?;
        let seed = if config.seed == 0 { drawn } else { config.seed.wrapping_add(place as u64) };
        let recorded = place == 0 && !config.record.is_empty();
        let desk = Arc::new(Desk::default());
        self.desks.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&desk));
        let engine = engine_config(&self.shared, seed, PeerId(peer));
        let viewer = viewer::watch(self.shared.clone(), engine, recorded, desk, stopped.clone());
        Ok(tokio::spawn(viewer))
    }
}

/// Waits for everybody; the recording of whoever made one.
async fn leave(viewers: Vec<JoinHandle<Option<Vec<u8>>>>) -> Option<Vec<u8>> {
    let mut recording = None;
    for viewer in viewers {
        match viewer.await {
            Ok(recorded) => recording = recording.or(recorded),
            Err(cause) => tracing::error!(%cause, "a viewer broke"),
        }
    }
    recording
}

async fn over(duration_s: u32) {
    match duration_s {
        0 => std::future::pending().await,
        seconds => sleep(Duration::from_secs(u64::from(seconds))).await,
    }
}

fn ticks(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
