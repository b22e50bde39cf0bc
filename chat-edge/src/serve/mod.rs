//! The chat edge as a process: threads that hold viewers (`comet`), and one that numbers, ticks and serves the push API.
//!
//! Start-up order, and why: [`ChatEdge::load`] binds every port, so that a taken one fails at once and addresses are known
//! (port 0 lets the system choose); [`ChatEdge::run`] starts the threads, then serves. When its `shutdown` resolves,
//! `/ready` says so, nobody is accepted any more, viewers are told with a close and waited for, at most
//! [`Config::drain_timeout_ms`].
//!
//! A comet is a thread with its own poll and no task for each viewer: a task, a channel and the buffers of a WebSocket
//! library cost 3 to 107 KB for each viewer, a place in a slab a tenth of one.
//!
//! **Invariant:** what waits for one viewer is a cursor into its room, at most one tick that it had begun, and replies up
//! to a maximum in bytes; a viewer that does not read skips, then is cut.
//! **Invariant:** locks are taken in the order comet, `hub`'s edge, adopting, logic, bus, inbox; nothing is written to a
//! socket or awaited under one, but to a comet's sockets under the comet's own.

mod adopt;
mod api;
mod comet;
pub mod config;
mod desk;
mod edge;
mod hub;
mod inbox;
mod metrics;
mod peers;
mod policy;
pub mod program;
mod reach;

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use bus::Bus;
use mio::Poll;
use protocol::chat::RoomKey;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use config::Config;

use crate::logic::{Kept, Logic, ROOMS_MAX};
use crate::store::Loaded;
use desk::Desk;
use hub::Hub;
use peers::Peers;
use policy::Policy;

/// How long HTTP requests may take to end when the chat edge stops.
const API_GOODBYE: Duration = Duration::from_secs(1);

/// A loaded chat edge: ports are bound, nobody accepted yet.
#[derive(Debug)]
pub struct ChatEdge {
    hub: Arc<Hub>,
    comets: Vec<(comet::Shared, Poll)>,
    /// The thread of the store.
    keeping: std::thread::JoinHandle<()>,
    api: TcpListener,
    web: TcpListener,
    addresses: Vec<SocketAddr>,
    api_address: SocketAddr,
    web_address: SocketAddr,
}

/// Why a chat edge could not start; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A port could not be bound.
    #[error("cannot listen on {address}: {cause}; choose another port, or stop the program that holds it")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The system gives no poll, no thread.
    #[error("the system does not let us wait for sockets: {0}")]
    System(std::io::Error),
    /// The certificate cannot be used.
    #[error("TLS: {0}")]
    Tls(#[from] service::tls::Error),
    /// The configuration of NATS cannot be used.
    #[error(transparent)]
    Nats(#[from] bus::nats::Error),
    /// Comments and decisions have no place.
    #[error("{0}")]
    Desk(#[from] desk::OpenError),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Entropy(getrandom::Error),
}

/// Why a configuration stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The certificate cannot be used.
    #[error("TLS: {0}")]
    Tls(#[from] service::tls::Error),
    /// The words cannot be used.
    #[error("filter: {0}")]
    Rules(#[from] desk::filters::RulesError),
}

/// Changes the configuration of a chat edge that runs.
#[derive(Clone, Debug)]
pub struct Reloader(Arc<Hub>);

impl Reloader {
    /// From now on this configuration holds; names the keys that only a restart changes.
    ///
    /// # Errors
    /// Where the certificate or the words cannot be used; then everything stays as it was.
    pub fn reload(&self, config: Config) -> Result<Vec<&'static str>, ReloadError> {
        self.0.reload(config)
    }
}

impl ChatEdge {
    /// Binds the ports.
    ///
    /// # Errors
    /// Where a port is taken or not ours to take.
    pub async fn load(config: Config) -> Result<Self, Error> {
        let epoch = getrandom::u32().map_err(Error::Entropy)?;
        let policy = Policy::new(config)?;
        let config = &policy.config;
        let doors = comet::Doors::bind(config)?;
        let addresses = doors.addresses.clone();
        let (api_address, api) = bind(config.api_listen).await?;
        let (web_address, web) = bind(config.web_listen).await?;
        let (polls, inboxes) = comet::polls(config.threads).map_err(Error::System)?;
        let (wanted, open) = (config.clone(), move |config: Config| Desk::open(&config, epoch));
        let opened = tokio::task::spawn_blocking(move || open(wanted)).await;
        let (desk, loaded, keeping) =
            opened.map_err(|cause| Error::System(std::io::Error::other(cause)))??;
        let mut logic = restored(loaded);
        let (bus, peers) = join(&policy, epoch, &addresses).await?;
        if !peers.is_alone() {
            // Others may have numbered these rooms meanwhile.
            logic.let_go(|_| true);
        }
        let hub = Hub::new(policy, desk, logic, inboxes, addresses.clone(), peers, bus);
        let comets = comet::start(&hub, polls, doors).map_err(Error::System)?;
        tracing::info!(?addresses, %api_address, %web_address, "chat edge listens");
        Ok(Self { hub, comets, keeping, api, web, addresses, api_address, web_address })
    }

    /// Where viewers connect, in the order of the configuration.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where the push API is.
    #[must_use]
    pub const fn api_address(&self) -> SocketAddr {
        self.api_address
    }

    /// Where clients ask before they connect.
    #[must_use]
    pub const fn web_address(&self) -> SocketAddr {
        self.web_address
    }

    /// What changes the configuration of the chat edge while it runs.
    #[must_use]
    pub fn reloader(&self) -> Reloader {
        Reloader(Arc::clone(&self.hub))
    }

    /// Serves until `shutdown` resolves, then drains.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let Self { hub, comets, keeping, api, web, .. } = self;
        let shared = comets.iter().map(|(comet, _)| comet.clone()).collect();
        let ended: Vec<_> = comets.into_iter().filter_map(|(comet, poll)| spawn(comet, poll)).collect();
        let ticking = tokio::spawn(edge::run(Arc::clone(&hub), shared));
        let speaking = tokio::spawn(peers::run(Arc::clone(&hub)));
        let upkeep = tokio::spawn(desk::run_upkeep(Arc::clone(&hub)));
        let public = api::web::routes(Arc::clone(&hub)).merge(api::chat::routes(Arc::clone(&hub)));
        let private = api::routes(Arc::clone(&hub)).into_make_service();
        let public = public.into_make_service_with_connect_info::<SocketAddr>();
        let lanes = api::lane::Lanes::new(api, Arc::clone(&hub));
        // As it is: what is tapped tells its address.
        let ways = api::way::Ways::new(web, Arc::clone(&hub)).tap_io(|_| ());
        let until = |stopped: oneshot::Receiver<()>| async { drop(stopped.await) };
        let serving = [
            serving(|stopped| {
                axum::serve(lanes, private).with_graceful_shutdown(until(stopped)).into_future()
            }),
            serving(|stopped| axum::serve(ways, public).with_graceful_shutdown(until(stopped)).into_future()),
        ];
        shutdown.await;
        hub.drain();
        for comet in ended {
            let _ = comet.await;
        }
        ticking.abort();
        speaking.abort();
        for (stop, served) in serving {
            let _ = stop.send(());
            let _ = tokio::time::timeout(API_GOODBYE, served).await;
        }
        upkeep.abort();
        // Nobody speaks any more: what was said and decided is on disk when the process ends.
        hub.desk.keeper.close();
        let _ = tokio::task::spawn_blocking(move || keeping.join()).await;
        tracing::info!("chat edge drained");
    }
}

/// The bus, and this process among others on it.
async fn join(policy: &Policy, epoch: u32, addresses: &[SocketAddr]) -> Result<(Bus, Peers), Error> {
    let config = &policy.config;
    if config.nats.is_empty() {
        let bus = Bus::memory();
        return Ok((bus.clone(), Peers::alone(bus)));
    }
    let name = if config.node.is_empty() { format!("edge-{epoch:08x}") } else { config.node.clone() };
    let servers = config.nats.split(',').map(|server| server.trim().to_owned()).collect();
    let nats =
        bus::nats::Config { prefix: config.nats_prefix.clone(), ..bus::nats::Config::new(servers, &name) };
    let bus = Bus::nats(&nats).await?;
    Ok((bus.clone(), Peers::among(bus, policy, name, addresses)))
}

/// Rooms as they were when the process before ended.
fn restored(loaded: Loaded) -> Logic {
    let epoch = u32::try_from(desk::now().0 / 1_000).unwrap_or(u32::MAX);
    let mut logic = Logic::new(epoch, ROOMS_MAX);
    let mut messages: BTreeMap<RoomKey, Vec<Kept>> = BTreeMap::new();
    for kept in loaded.messages {
        messages.entry(kept.event.room.clone()).or_default().push(kept);
    }
    for (room, numbering) in loaded.rooms {
        let past = messages.remove(&room).unwrap_or_default();
        logic.restore(room, numbering, loaded.clean, past);
    }
    logic
}

async fn bind(address: SocketAddr) -> Result<(SocketAddr, TcpListener), Error> {
    let bound = TcpListener::bind(address).await;
    let bound = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
    bound.map_err(|cause| Error::Bind { address, cause })
}

/// Serves HTTP until told to stop.
fn serving<F>(serve: impl FnOnce(oneshot::Receiver<()>) -> F) -> (oneshot::Sender<()>, JoinHandle<()>)
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let (stop, stopped) = oneshot::channel::<()>();
    let served = serve(stopped);
    let task = tokio::spawn(async move {
        if let Err(cause) = served.await {
            tracing::error!(%cause, "an HTTP listener ended");
        }
    });
    (stop, task)
}

/// A thread for the comet; resolves when it has ended.
fn spawn(comet: comet::Shared, poll: Poll) -> Option<oneshot::Receiver<()>> {
    let (done, ended) = oneshot::channel();
    let thread = std::thread::Builder::new().name("comet".into()).spawn(move || {
        comet.run(poll);
        let _ = done.send(());
    });
    match thread {
        Ok(_) => Some(ended),
        Err(cause) => {
            tracing::error!(%cause, "the system gives no thread");
            None
        }
    }
}
