//! The tracker as a process: one port, a task for each connection, and the clock and entropy around the registry.
//!
//! Start-up order, and why: [`Tracker::load`] binds, so that a taken port fails at once and the address is known (port 0
//! lets the system choose); only [`Tracker::run`] accepts. When its `shutdown` resolves it stops accepting, tells every
//! client with close code 1001 and waits for them, at most [`Config::drain_timeout_ms`].
//!
//! **Invariant:** `hub` is the only place that locks the registry, and nothing is awaited while it is locked.
//! **Invariant:** what waits for one client is bounded in bytes (`outbox`); a client that does not read is closed.

pub mod config;
mod door;
mod guard;
mod http;
mod hub;
mod metrics;
mod nodes;
mod outbox;
mod policy;
pub mod program;
mod rates;
mod session;
mod status;
mod stream;
mod stun;
mod wire;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use service::clock;
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_rustls::TlsAcceptor;

pub use config::Config;
use door::{Caller, Guest};
use hub::Hub;
use nodes::Cluster;
pub use nodes::Error as NodesError;
pub use policy::Error as PolicyError;
use policy::Policy;
use stream::Stream;

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
    stun: Vec<UdpSocket>,
    cluster: Option<Cluster>,
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
    /// A certificate or a table cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The other nodes of this deployment cannot be met.
    #[error(transparent)]
    Nodes(#[from] NodesError),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Entropy(getrandom::Error),
}

impl Tracker {
    /// Binds the port.
    ///
    /// # Errors
    /// Where the port is taken or not ours to take.
    pub async fn load(config: Config) -> Result<Self, Error> {
        let address = config.listen;
        let bound = bind(address).and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (local_addr, listener) = bound.map_err(|cause| Error::Bind { address, cause })?;
        let mut stun = Vec::new();
        for address in &config.stun_listen {
            let address = *address;
            stun.push(UdpSocket::bind(address).await.map_err(|cause| Error::Bind { address, cause })?);
        }
        let seed = getrandom::u64().map_err(Error::Entropy)?;
        let life = clock::since_1970().as_millis();
        let cluster = Cluster::load(&config, life).await?;
        let nodes = cluster.as_ref().map(|cluster| cluster.nodes.clone());
        let policy = Policy::new(config)?;
        let (tls, tokens, table_rows) = (policy.tls.is_some(), policy.tokens.is_some(), policy.tables.rows());
        tracing::info!(address = %local_addr, tls, tokens, table_rows, seed, "tracker listens");
        Ok(Self { listener, local_addr, stun, cluster, hub: Arc::new(Hub::new(policy, seed, nodes)) })
    }

    /// Where it is bound.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Where STUN is bound.
    #[must_use]
    pub fn stun_addrs(&self) -> Vec<SocketAddr> {
        self.stun.iter().filter_map(|socket| socket.local_addr().ok()).collect()
    }

    /// Where other nodes bring viewers, if there is such a place.
    #[must_use]
    pub fn node_addr(&self) -> Option<SocketAddr> {
        self.cluster.as_ref().and_then(|cluster| cluster.listener.local_addr().ok())
    }

    /// What changes its configuration while it runs.
    #[must_use]
    pub fn reloader(&self) -> Reloader {
        Reloader(Arc::clone(&self.hub))
    }

    /// Serves until `shutdown` resolves, then drains.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let Self { listener, stun, hub, cluster, .. } = self;
        let mut answering = std::pin::pin!(stun::serve(&hub, &stun));
        let mut tasks = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP_STEP.into());
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut late = tokio::time::interval(hub::REPLY_LATE);
        late.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                () = &mut answering => {}
                stream = accept(&listener) => admit(&hub, &mut tasks, stream, false),
                stream = nodes::accept(cluster.as_ref()) => admit(&hub, &mut tasks, stream, true),
                Some(_) = tasks.join_next() => {}
                _ = sweep.tick() => hub.on_timeout(),
                _ = late.tick() => hub.on_late(),
            }
        }
        drop(listener);
        // First, so that whoever is told to go finds its swarm elsewhere.
        if let Some(cluster) = cluster {
            cluster.leave().await;
        }
        drain(&hub, tasks).await;
    }
}

/// Changes a tracker's configuration while it runs.
#[derive(Clone, Debug)]
pub struct Reloader(Arc<Hub>);

impl Reloader {
    /// From now on this configuration holds, certificate and keys included; connections that are open stay. Names the
    /// keys that differ and only a restart changes.
    ///
    /// # Errors
    /// Where the certificate or a table cannot be used; then everything stays as it was.
    pub fn reload(&self, config: Config) -> Result<Vec<&'static str>, PolicyError> {
        self.0.reload(config)
    }
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept(listener: &TcpListener) -> (TcpStream, IpAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer.ip().to_canonical()),
            Err(cause) => {
                tracing::warn!(%cause, "cannot accept");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

/// Gives the connection a task of its own, or turns it away where the house is full.
fn admit(hub: &Arc<Hub>, tasks: &mut JoinSet<()>, (stream, peer): (TcpStream, IpAddr), brings: bool) {
    let policy = hub.policy();
    let connections_max = policy.config.connections_max;
    let full = (tasks.len() >= connections_max).then(|| hub.counters().connections_refused.next());
    if tasks.len() >= connections_max + TURNED_AWAY_AT_ONCE_MAX {
        return;
    }
    // Before a byte is read: whoever says nothing has a place too. Behind our proxies it is known only after the head.
    let mut place = None;
    if !(brings || policy.trusts(peer)) {
        place = hub.addresses().take(peer, policy.config.connections_per_address_max);
        if place.is_none() {
            hub.counters().addresses_refused.add(1);
            return;
        }
    }
    let caller = Caller { peer, place, full, brings };
    let hub = Arc::clone(hub);
    tasks.spawn(async move {
        let handshake = Duration::from_millis(policy.config.handshake_timeout_ms);
        // Without it every second small message waits for the first one's delayed acknowledgement: 40 ms.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        // Boxed, so that the long session does not keep the room of the short handshake.
        let opening = Box::pin(tokio::time::timeout(handshake, open(&hub, policy, stream, caller)));
        match opening.await {
            Ok(Some(guest)) => session::run(hub, guest).await,
            Ok(None) => {}
            Err(_) => hub.counters().handshakes_late.add(1),
        }
    });
}

async fn open(hub: &Hub, policy: Arc<Policy>, stream: TcpStream, caller: Caller) -> Option<Guest> {
    let stream = match policy.tls.as_ref().filter(|_| !caller.brings) {
        None => Stream::from(stream),
        Some(tls) => match TlsAcceptor::from(Arc::clone(tls)).accept(stream).await {
            Ok(stream) => Stream::Tls(Box::new(stream)),
            Err(_) => {
                hub.counters().malformed.add(1);
                return None;
            }
        },
    };
    door::open(hub, stream, caller).await
}

async fn drain(hub: &Hub, mut tasks: JoinSet<()>) {
    hub.drain();
    let everybody_left = async { while tasks.join_next().await.is_some() {} };
    let limit = Duration::from_millis(hub.policy().config.drain_timeout_ms);
    let in_time = tokio::time::timeout(limit, everybody_left).await.is_ok();
    tracing::info!(in_time, "tracker drained");
}
