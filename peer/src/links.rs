//! Connections to other viewers: one task, one connection and one unordered, reliable data channel a link.

mod task;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use protocol::tracker::page::IceServer;
use service::clock::Clock;
use swarm::LinkId;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use webrtc::peer_connection::RTCIceServer;

use crate::limits::{ICE_SERVERS_MAX, LINK_QUEUE_MAX};
use crate::shaper::Shaper;
use crate::viewer::Event;

/// What becomes of a link.
#[derive(Clone, Debug)]
pub(crate) enum LinkNews {
    /// The offer asked for.
    Offer(String),
    /// The answer asked for.
    Answer(String),
    /// The channel is open.
    Open,
    /// A message came.
    Message(Bytes),
    /// So many bytes wait to be sent.
    Buffered(u32),
    /// It is over.
    Closed,
}

/// How every link of a process is made.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// Addresses that links are made from.
    pub(crate) addresses: Vec<IpAddr>,
    /// Servers for ICE; the tracker lends some where there are none.
    pub(crate) ice: Vec<RTCIceServer>,
    /// The cap on what is sent.
    pub(crate) shaper: Shaper,
    /// The process's clock.
    pub(crate) clock: Clock,
}

/// How an attempt begins.
#[derive(Debug)]
pub(crate) enum Begin {
    /// With an offer of ours.
    Dial,
    /// With one of theirs.
    Accept(String),
}

/// What a link is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// The other side's answer.
    Answered(String),
    /// A message, in parts.
    Send([Bytes; 2]),
}

/// The links of one viewer.
#[derive(Debug)]
pub(crate) struct Links {
    setup: Arc<Setup>,
    ice: Vec<RTCIceServer>,
    events: mpsc::Sender<Event>,
    open: BTreeMap<LinkId, (mpsc::Sender<Command>, JoinHandle<()>)>,
    /// Links that were told to end, and still send what they were given.
    ending: Vec<JoinHandle<()>>,
}

impl Links {
    pub(crate) fn new(setup: Arc<Setup>, events: mpsc::Sender<Event>) -> Self {
        let ice = setup.ice.clone();
        Self { setup, ice, events, open: BTreeMap::new(), ending: Vec::new() }
    }

    /// The operator lends these, for links made from now on; the program's own win.
    pub(crate) fn lend(&mut self, servers: &[IceServer]) {
        if !self.setup.ice.is_empty() {
            return;
        }
        let lent = servers.iter().take(ICE_SERVERS_MAX).map(|server| RTCIceServer {
            urls: server.urls.clone(),
            username: server.username.clone().unwrap_or_default(),
            credential: server.credential.clone().unwrap_or_default(),
        });
        self.ice = lent.collect();
    }

    /// Begins an attempt.
    pub(crate) fn begin(&mut self, link: LinkId, begin: Begin) {
        self.ending.retain(|task| !task.is_finished());
        let (commands, told) = mpsc::channel(LINK_QUEUE_MAX);
        let events = task::Events { link, events: self.events.clone() };
        let task = tokio::spawn(task::run(begin, Arc::clone(&self.setup), self.ice.clone(), told, events));
        self.open.insert(link, (commands, task));
    }

    /// Tells a link something. False where there is none, or where it does not keep up: it is over then.
    pub(crate) fn tell(&mut self, link: LinkId, command: Command) -> bool {
        let Some((commands, _)) = self.open.get(&link) else { return true };
        commands.try_send(command).is_ok()
    }

    /// Ends a link once it has sent what it was given; true where there was one.
    pub(crate) fn close(&mut self, link: LinkId) -> bool {
        let Some((commands, task)) = self.open.remove(&link) else { return false };
        drop(commands);
        self.ending.push(task);
        true
    }

    /// Resolves when all that were told to end have ended.
    pub(crate) async fn ended(&mut self) {
        for (commands, task) in std::mem::take(&mut self.open).into_values() {
            drop(commands);
            self.ending.push(task);
        }
        for task in self.ending.drain(..) {
            // A link that panicked has ended, too.
            let _ = task.await;
        }
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        let open = self.open.values().map(|(_, task)| task);
        open.chain(&self.ending).for_each(JoinHandle::abort);
    }
}

impl Setup {
    /// Where sockets are bound: the system picks their ports.
    fn sockets(&self) -> Vec<SocketAddr> {
        self.addresses.iter().map(|address| SocketAddr::new(*address, 0)).collect()
    }
}
