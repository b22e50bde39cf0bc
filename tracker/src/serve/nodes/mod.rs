//! This tracker among others: who is there, a door for what they bring, and what is brought to them.
//!
//! The rules are [`crate::nodes`]; here is what carries them out. [`Cluster`] knows the nodes, by NATS ([`bus::presence`])
//! or from the configuration ([`probe`]), and owns the listener where they bring viewers. [`away::Away`] is one
//! connection's: it sends the viewer on, or keeps a [`pipe`] to each node that its swarms live at.
//!
//! **Invariant:** what another node brings is served here, wherever its swarm lives by our list: nothing goes round in
//! circles while two nodes' lists differ.

pub(super) mod away;
mod pipe;
mod probe;

use std::net::SocketAddr;
use std::sync::Arc;

use bus::Bus;
use bus::Subject;
use bus::presence::{Node as Present, Pace, Presence};
use protocol::presence::TrackerFacts;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::config::Config;
use crate::nodes::{Map, Node};

/// Where trackers say that they are there.
const PRESENCE: Subject = Subject::literal("presence.tracker");

/// The nodes, as everybody who serves a viewer sees them.
pub(super) type Nodes = watch::Receiver<Arc<Map>>;

/// Why the other nodes cannot be met.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The nodes' port could not be bound.
    #[error("cannot listen for other nodes on {address}: {cause}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// NATS cannot be used.
    #[error(transparent)]
    Nats(#[from] bus::nats::Error),
}

/// This node among its like.
#[derive(Debug)]
pub(super) struct Cluster {
    /// Where other nodes bring viewers.
    pub(super) listener: TcpListener,
    /// Who is there.
    pub(super) nodes: Nodes,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Nats { bus: Bus, presence: Presence, _following: Task },
    List { _probing: Task },
}

/// A task that ends with its owner.
#[derive(Debug)]
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Cluster {
    /// Meets the others, where the configuration speaks of any. `epoch` is this life of the node: milliseconds since 1970.
    pub(super) async fn load(config: &Config, epoch: u64) -> Result<Option<Self>, Error> {
        if config.node_name.is_empty() {
            return Ok(None);
        }
        let address = config.node_listen;
        let bound = TcpListener::bind(address).await;
        let bound = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (local, listener) = bound.map_err(|cause| Error::Bind { address, cause })?;
        let reached = &config.node_address;
        let here = Node {
            name: config.node_name.clone(),
            url: config.node_url.clone(),
            address: if reached.is_empty() { local.to_string() } else { reached.clone() },
        };
        let (source, nodes) = if config.nats_servers.is_empty() {
            let all = config.nodes.iter().map(|entry| entry.0.clone());
            let others = all.filter(|node| node.name != here.name).collect();
            let (sender, nodes) = watch::channel(Arc::new(Map::new(&here.name, [here.clone()])));
            (Source::List { _probing: Task(tokio::spawn(probe::run(here, others, sender))) }, nodes)
        } else {
            by_nats(config, here, epoch).await?
        };
        Ok(Some(Self { listener, nodes, source }))
    }

    /// Says to the others that this node goes, so that they take its swarms over at once.
    pub(super) async fn leave(self) {
        if let Source::Nats { bus, presence, .. } = self.source {
            presence.leave();
            // Where NATS is away the others hear the silence.
            let _ = bus.settle(std::time::Duration::from_secs(1)).await;
        }
    }
}

async fn by_nats(config: &Config, here: Node, epoch: u64) -> Result<(Source, Nodes), Error> {
    let mut nats = bus::nats::Config::new(config.nats_servers.clone(), format!("tracker {}", here.name));
    nats.prefix.clone_from(&config.nats_prefix);
    let bus = Bus::nats(&nats).await?;
    let facts = TrackerFacts { url: here.url.clone(), address: here.address.clone() };
    let present = Present { name: here.name.clone(), epoch, facts: facts.encode().into() };
    let presence = Presence::start(&bus, PRESENCE, present, Pace::default());
    let (sender, nodes) = watch::channel(Arc::new(Map::new(&here.name, [here.clone()])));
    let following = Task(tokio::spawn(follow(here.name, presence.watch(), sender)));
    Ok((Source::Nats { bus, presence, _following: following }, nodes))
}

/// Turns presence into maps.
async fn follow(here: String, mut present: watch::Receiver<Arc<[Present]>>, maps: watch::Sender<Arc<Map>>) {
    loop {
        let nodes: Vec<Node> = present.borrow_and_update().iter().filter_map(node).collect();
        tell(&maps, Map::new(&here, nodes));
        if present.changed().await.is_err() {
            return;
        }
    }
}

fn node(present: &Present) -> Option<Node> {
    let facts = TrackerFacts::decode(&present.facts).ok()?;
    Some(Node { name: present.name.clone(), url: facts.url, address: facts.address })
}

/// Publishes a map that differs from the one before.
fn tell(maps: &watch::Sender<Arc<Map>>, map: Map) {
    let differs = **maps.borrow() != map;
    if differs {
        let names: Vec<&str> = map.nodes().iter().map(|node| node.name.as_str()).collect();
        tracing::info!(nodes = ?names, "nodes of this deployment");
        maps.send_replace(Arc::new(map));
    }
}

/// A viewer whom another node brings.
pub(super) async fn accept(cluster: Option<&Cluster>) -> (tokio::net::TcpStream, std::net::IpAddr) {
    match cluster {
        Some(cluster) => super::accept(&cluster.listener).await,
        None => std::future::pending().await,
    }
}

/// Tasks that probe, all at once.
type Probes = JoinSet<Option<String>>;
