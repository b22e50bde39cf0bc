//! The tracker as a process: one port, a task for each connection, and the clock and entropy around the registry.
//!
//! Start-up order, and why: [`Tracker::load`] binds, so that a taken port fails at once and the address is known (port 0
//! lets the system choose); only [`Tracker::run`] accepts. When its `shutdown` resolves it stops accepting, tells every
//! client with close code 1001 and waits for them, at most [`Config::drain_timeout_ms`].
//!
//! **Invariant:** `hub` is the only place that locks the registry, and nothing is awaited while it is locked.
//! **Invariant:** what waits for one client is bounded in bytes (`outbox`); a client that does not read is closed.

mod clock;
pub mod config;
mod door;
mod http;
mod hub;
pub mod log;
mod metrics;
pub mod open_files;
mod outbox;
pub mod program;
mod session;
pub mod signals;
mod wire;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

pub use config::Config;
use hub::Hub;

use crate::registry::limits::SWEEP_STEP;

/// Connections that the system holds for us until we accept them: what Linux allows by default (`somaxconn`).
const BACKLOG: u32 = 4_096;
/// Connections past the cap that are still told so; further ones are dropped without a word.
const TURNED_AWAY_AT_ONCE_MAX: usize = 64;
/// Accepting fails when the process or the system has no file left; the next try is this much later, when somebody may
/// have given one back.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// A loaded tracker: the port is bound, nobody accepted yet.
#[derive(Debug)]
pub struct Tracker {
    listener: TcpListener,
    local_addr: SocketAddr,
    hub: Arc<Hub>,
}

/// Why a tracker could not start; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port could not be bound.
    #[error("cannot listen on {address}: {cause}; choose another port, or stop the program that holds it")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Entropy(getrandom::Error),
}

impl Tracker {
    /// Binds the port.
    ///
    /// # Errors
    /// Where the port is taken or not ours to take.
    #[expect(clippy::unused_async, reason = "a socket registers with the runtime that loads it")]
    pub async fn load(config: Config) -> Result<Self, Error> {
        let address = config.listen;
        let bound = bind(address).and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (local_addr, listener) = bound.map_err(|cause| Error::Bind { address, cause })?;
        let seed = getrandom::u64().map_err(Error::Entropy)?;
        tracing::info!(address = %local_addr, seed, "tracker listens");
        Ok(Self { listener, local_addr, hub: Arc::new(Hub::new(config, seed)) })
    }

    /// Where it is bound.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Serves until `shutdown` resolves, then drains.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let Self { listener, hub, .. } = self;
        let mut tasks = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP_STEP.into());
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                stream = accept(&listener) => admit(&hub, &mut tasks, stream),
                Some(_) = tasks.join_next() => {}
                _ = sweep.tick() => hub.on_timeout(),
            }
        }
        drop(listener);
        drain(&hub, tasks).await;
    }
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(cause) => {
                tracing::warn!(%cause, "cannot accept");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

/// Gives the connection a task of its own, or turns it away where the house is full.
fn admit(hub: &Arc<Hub>, tasks: &mut JoinSet<()>, stream: TcpStream) {
    let connections_max = hub.config().connections_max;
    let full = tasks.len() >= connections_max;
    if full {
        hub.counters().connections_refused.add(1);
    }
    if tasks.len() >= connections_max + TURNED_AWAY_AT_ONCE_MAX {
        return;
    }
    let hub = Arc::clone(hub);
    tasks.spawn(async move {
        let handshake = Duration::from_millis(hub.config().handshake_timeout_ms);
        // Without it every second small message waits for the first one's delayed acknowledgement: 40 ms.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        // Boxed, so that the long session does not keep the room of the short handshake.
        let opening = Box::pin(tokio::time::timeout(handshake, door::open(&hub, stream, full)));
        match opening.await {
            Ok(Some(socket)) => session::run(hub, socket).await,
            Ok(None) => {}
            Err(_) => hub.counters().handshakes_late.add(1),
        }
    });
}

async fn drain(hub: &Hub, mut tasks: JoinSet<()>) {
    hub.drain();
    let everybody_left = async { while tasks.join_next().await.is_some() {} };
    let limit = Duration::from_millis(hub.config().drain_timeout_ms);
    let in_time = tokio::time::timeout(limit, everybody_left).await.is_ok();
    tracing::info!(in_time, "tracker drained");
}
