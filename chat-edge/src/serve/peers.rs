//! The other processes of the deployment: who is there, where a room is numbered, what each holds.
//!
//! Every process with viewers is an edge; those of the role `logic` or `all` number rooms, each its share
//! ([`router::home`]). NATS carries a room's events to the edges that hold it, and between sites once for each site; what
//! is said here is the rest: drafts and questions for a room's home, and what edges tell each other of themselves.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bus::presence::{Node, Pace, Presence};
use bus::{Asked, Bus, Full, Letter as Carried, Subject, Unanswered};
pub(super) use protocol::chat::node::Facts;
use protocol::chat::node::{self, Letter, Life, Rooms};
use protocol::chat::{Direct, Event, RoomEvent, RoomKey};
use protocol::limits::{CHAT_NODE_ADDRESSES_MAX, CHAT_NODE_PLACE_BYTES_MAX, CHAT_NODE_TEXT_BYTES_MAX};
use service::clock;
use tokio::sync::OwnedSemaphorePermit;

use super::config::Role;
use super::hub::Hub;
use super::inbox::Order;
use super::policy::Policy;
use super::{adopt, reach};
use crate::logic::Draft;
use crate::router::{self, Router};
use crate::store::keeper::{Done, Unavailable};

/// Where nodes say that they are there.
const PRESENCE: Subject = Subject::literal("chat.nodes");
/// What edges tell each other.
const EDGES: Subject = Subject::literal("chat.edges");
/// Above the homes of rooms.
const HOME: Subject = Subject::literal("chat.home");
/// Above every node, for what is for it alone.
const NODE: Subject = Subject::literal("chat.node");
/// Letters that wait to be read here.
const LETTERS_MAX: usize = 16_384;
/// Between two rounds of what an edge tells of itself.
const ROUND: Duration = Duration::from_secs(1);
/// How long a home may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a home may take to keep a message.
const KEEPING: Duration = Duration::from_secs(5);
/// Between two tries where a room has no home: one that died is missed after some seconds, and the next one then knows
/// that it is.
const AGAIN: Duration = Duration::from_millis(100);
/// Tries: more than a death takes to be known.
const TRIES: usize = 60;
/// The same for what nobody waits for: it may take longer.
const TRIES_OF_NOBODY: usize = 300;
/// Drafts that are on their way to their rooms' homes at once.
pub(super) const CARRIED_MAX: usize = 16_384;
/// The number of a draft that is answered when it is on disk, and of one that is answered when it is taken.
const WHEN_KEPT: u64 = 0;
const WHEN_TAKEN: u64 = 1;

/// An edge that takes viewers.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) name: String,
    pub(super) facts: Facts,
    /// Viewers there.
    pub(super) live: usize,
}

/// A node as it tells of itself.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) name: String,
    epoch: u64,
    facts: Facts,
}

/// What is known of all nodes: read once for each time that one of them changes.
#[derive(Debug)]
struct Known {
    nodes: Arc<[Node]>,
    peers: Arc<[Peer]>,
}

fn facts(policy: &Policy, addresses: &[SocketAddr]) -> Facts {
    let config = &policy.config;
    Facts {
        role: match config.role {
            Role::All => node::Role::All,
            Role::Edge => node::Role::Edge,
            Role::Logic => node::Role::Logic,
        },
        domain: clipped(&config.domain, CHAT_NODE_TEXT_BYTES_MAX),
        addresses: addresses.iter().take(CHAT_NODE_ADDRESSES_MAX).copied().collect(),
        tls: policy.tls.is_some(),
        region: clipped(&config.region, CHAT_NODE_PLACE_BYTES_MAX),
        zone: clipped(&config.zone, CHAT_NODE_PLACE_BYTES_MAX),
        weight: config.weight,
    }
}

/// As much of a text as nodes tell each other.
fn clipped(text: &str, bytes_max: usize) -> String {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or_default().to_owned()
}

/// Where a room is numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Here,
    There(Subject),
    /// Nobody who numbers is known.
    Nowhere,
}

/// The other processes, where there may be any.
#[derive(Debug)]
pub(super) struct Peers {
    bus: Bus,
    life: Life,
    role: Role,
    presence: Mutex<Option<Presence>>,
    known: Mutex<Known>,
    router: Mutex<Router>,
}

impl Peers {
    /// This process alone.
    pub(super) fn alone(bus: Bus) -> Self {
        Self::of(bus, Life { node: String::new(), epoch: 0 }, Role::All, None)
    }

    /// This process among others; it says so from now on.
    pub(super) fn among(bus: Bus, policy: &Policy, name: String, addresses: &[SocketAddr]) -> Self {
        let epoch = clock::since_1970().as_millis();
        let facts = facts(policy, addresses).encode().into();
        let node = Node { name: name.clone(), epoch, facts };
        let presence = Presence::start(&bus, PRESENCE, node, Pace::default());
        Self::of(bus, Life { node: name, epoch }, policy.config.role, Some(presence))
    }

    fn of(bus: Bus, life: Life, role: Role, presence: Option<Presence>) -> Self {
        let known = Mutex::new(Known { nodes: Arc::from([]), peers: Arc::from([]) });
        Self { bus, life, role, presence: Mutex::new(presence), known, router: Mutex::default() }
    }

    /// Nobody else is there.
    pub(super) const fn is_alone(&self) -> bool {
        self.life.node.is_empty()
    }

    /// This process's name; empty where it is alone.
    pub(super) fn name(&self) -> &str {
        &self.life.node
    }

    /// This process's name and life.
    pub(super) const fn life(&self) -> &Life {
        &self.life
    }

    /// Every node that is there, this one among them; nothing where this process is alone.
    fn peers(&self) -> Arc<[Peer]> {
        let presence = lock(&self.presence);
        let Some(nodes) = presence.as_ref().map(Presence::nodes) else { return Arc::from([]) };
        drop(presence);
        let mut known = lock(&self.known);
        if !Arc::ptr_eq(&known.nodes, &nodes) {
            let peer = |node: &Node| {
                let facts = Facts::decode(&node.facts).ok()?;
                Some(Peer { name: node.name.clone(), epoch: node.epoch, facts })
            };
            *known = Known { peers: nodes.iter().filter_map(peer).collect(), nodes };
        }
        Arc::clone(&known.peers)
    }

    /// Every edge that takes viewers, the one with most room for its weight first.
    pub(super) fn edges(&self, policy: &Policy, addresses: &[SocketAddr], live: usize) -> Vec<Edge> {
        let here = Edge { name: self.name().to_owned(), facts: facts(policy, addresses), live };
        let peers = self.peers();
        let others = peers.iter().filter(|peer| peer.name != self.name()).map(|peer| {
            let live = self.router(|router| router.live(&peer.name)).unwrap_or(0);
            Edge { name: peer.name.clone(), facts: peer.facts.clone(), live }
        });
        let mut edges: Vec<Edge> = std::iter::once(here).chain(others).collect();
        edges.retain(|edge| edge.facts.role != node::Role::Logic);
        edges.sort_by_key(|edge| (edge.live + 1).saturating_mul(1_000) / edge.facts.weight.max(1) as usize);
        edges.sort_by_key(|edge| edge.facts.weight == 0);
        edges
    }

    /// The names of the other edges that take viewers.
    pub(super) fn other_edges(&self) -> Vec<String> {
        let peers = self.peers();
        let others =
            peers.iter().filter(|peer| peer.name != self.name() && peer.facts.role != node::Role::Logic);
        others.map(|peer| peer.name.clone()).collect()
    }

    /// What other edges told.
    pub(super) fn router<T>(&self, look: impl FnOnce(&mut Router) -> T) -> T {
        look(&mut self.router.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where the room is numbered.
    pub(super) fn home(&self, room: &RoomKey) -> Home {
        if self.is_alone() {
            return Home::Here;
        }
        let peers = self.peers();
        match router::home(room, numbering(&peers)) {
            Some(name) if name == self.name() => Home::Here,
            Some(name) => HOME.under(name.as_bytes()).map_or(Home::Nowhere, Home::There),
            None => Home::Nowhere,
        }
    }

    /// Where a room that is numbered here would be if we were not, and so was before we came.
    pub(super) fn home_before(&self, room: &RoomKey) -> Option<String> {
        let peers = self.peers();
        router::home(room, numbering(&peers).filter(|name| *name != self.name())).map(str::to_owned)
    }

    /// Asks a node what it knows of a room's past.
    pub(super) fn ask_node(&self, node: &str, room: &RoomKey) -> Option<Asked> {
        self.bus.question(&NODE.under(node.as_bytes())?, Letter::Ask(room.clone()).encode()).ok()
    }

    /// Hands a message to an edge.
    pub(super) fn hand(&self, edge: &str, direct: Direct) -> Result<(), Full> {
        let Some(subject) = NODE.under(edge.as_bytes()) else { return Ok(()) };
        self.bus.post(&subject, Event::Direct(direct).encode())
    }

    /// Sends a draft to where its room is numbered; answered when it is on disk, or when it is taken.
    pub(super) fn entrust(&self, home: &Subject, draft: &Draft, kept: bool) -> Result<Asked, Unanswered> {
        let Draft { room, class, operation, body } = draft.clone();
        let sequence = if kept { WHEN_KEPT } else { WHEN_TAKEN };
        let event = RoomEvent { room, epoch: 0, sequence, class, operation, body };
        self.bus.question(home, Event::Room(event).encode())
    }

    /// Tells the other edges that a key is here now.
    pub(super) fn supersede(&self, key: &str) {
        if !self.is_alone() {
            self.tell(&Letter::Supersede(self.name().to_owned(), key.to_owned()));
        }
    }

    /// Says goodbye: the others know at once.
    pub(super) fn leave(&self) {
        let presence = lock(&self.presence).take();
        if let Some(presence) = presence {
            presence.leave();
        }
    }

    /// Tells the other nodes.
    pub(super) fn tell(&self, letter: &Letter) {
        // Where there is no room now, the next round says it again; an old connection ends when it is silent.
        let _ = self.bus.post(&EDGES, letter.encode());
    }
}

/// Those who number rooms.
fn numbering(peers: &[Peer]) -> impl Iterator<Item = &str> {
    peers.iter().filter(|peer| peer.facts.role != node::Role::Edge).map(|peer| peer.name.as_str())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Speaks with the others, for ever.
pub(super) async fn run(hub: Arc<Hub>) {
    let peers = &hub.peers;
    let watch = lock(&peers.presence).as_ref().map(Presence::watch);
    let Some(mut watch) = watch else { return std::future::pending().await };
    let _telling = tokio::task::JoinSet::from_iter([reach::run(Arc::clone(&hub))]);
    let mailbox = peers.bus.open(LETTERS_MAX);
    mailbox.listen(&EDGES);
    let of_us = |above: &Subject| above.under(peers.name().as_bytes());
    of_us(&NODE).iter().for_each(|node| mailbox.listen(node));
    let home = of_us(&HOME).filter(|_| peers.role != Role::Edge);
    home.iter().for_each(|home| mailbox.listen(home));
    let (mut beat, mut round) = (tokio::time::interval(ROUND), 0);
    let mut lives: Vec<(String, u64)> = Vec::new();
    loop {
        tokio::select! {
            letter = mailbox.next() => {
                if letter.subject == EDGES {
                    on_told(&hub, &letter);
                } else {
                    on_errand(&hub, letter);
                }
            }
            _ = beat.tick() => {
                round += 1;
                report(&hub, round);
            }
            Ok(()) = watch.changed() => {
                drop(watch.borrow_and_update());
                on_nodes(&hub, &mut lives);
            }
        }
    }
}

/// Somebody came, changed or went.
fn on_nodes(hub: &Hub, lives: &mut Vec<(String, u64)>) {
    let peers = hub.peers.peers();
    let epoch = |name: &str| peers.iter().find(|peer| peer.name == name).map(|peer| peer.epoch);
    hub.peers.router(|router| router.retain(epoch));
    let now: Vec<(String, u64)> = peers.iter().map(|peer| (peer.name.clone(), peer.epoch)).collect();
    if now.iter().any(|life| !lives.contains(life)) {
        hub.reach.on_newcomer();
    }
    *lives = now;
    let gone = hub.logic(|logic| logic.let_go(|room| hub.peers.home(room) != Home::Here));
    for (room, epoch) in gone {
        // Where it is told too late its new home has asked us, which is as good.
        if let Home::There(home) = hub.peers.home(&room) {
            let _ = hub.peers.bus.post(&home, Letter::Handed(room, epoch).encode());
        }
    }
}

fn report(hub: &Hub, round: u64) {
    let census = hub.census();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let whole = Rooms {
        life: hub.peers.life.clone(),
        round,
        last: true,
        live: count(census.live),
        addresses: count(census.addresses),
        rooms: Vec::new(),
    };
    router::parts(&whole, &census.rooms).for_each(|part| hub.peers.tell(&Letter::Rooms(part)));
}

fn on_told(hub: &Hub, letter: &Carried) {
    let here = hub.peers.name();
    match Letter::decode(&letter.body) {
        Ok(Letter::Rooms(rooms)) if rooms.life.node != here => hub.peers.router(|router| router.rooms(rooms)),
        Ok(Letter::Holders(holders)) if holders.life.node != here => {
            hub.peers.router(|router| router.holders(holders));
        }
        Ok(Letter::Supersede(node, key)) if node != here => {
            hub.tell_all(None, || Order::Supersede(key.clone()));
        }
        Ok(
            Letter::Rooms(_)
            | Letter::Holders(_)
            | Letter::Supersede(..)
            | Letter::Ask(_)
            | Letter::Past(..)
            | Letter::Kept
            | Letter::Elsewhere
            | Letter::Handed(..),
        ) => {}
        Err(cause) => tracing::debug!(%cause, "a node told something that makes no sense"),
    }
}

/// Something for this node: a message for some of its viewers, one to number, a question for a room's past.
fn on_errand(hub: &Arc<Hub>, letter: Carried) {
    match Event::decode(&letter.body) {
        Ok(Event::Direct(direct)) => return hub.spread(direct),
        Ok(Event::Room(event)) => return on_draft(hub, letter, event),
        Err(_) => {}
    }
    match Letter::decode(&letter.body) {
        Ok(Letter::Ask(room)) => drop(tokio::spawn(on_ask(Arc::clone(hub), letter, room))),
        Ok(Letter::Handed(room, epoch)) => hub.logic(|logic| logic.on_handed(&room, epoch)),
        Ok(_) | Err(_) => tracing::debug!("a node sent something that makes no sense"),
    }
}

fn on_draft(hub: &Hub, letter: Carried, event: RoomEvent) {
    let RoomEvent { room, sequence, class, operation, body, .. } = event;
    if hub.peers.home(&room) != Home::Here {
        let _ = hub.peers.bus.answer(&letter, Letter::Elsewhere.encode());
        return;
    }
    let bus = hub.peers.bus.clone();
    let kept = move || {
        let _ = bus.answer(&letter, Letter::Kept.encode());
    };
    let draft = Draft { room, class, operation, body };
    // Whoever hears nothing takes it for lost.
    let outcome = if sequence == WHEN_KEPT {
        let done: Done = Box::new(move |outcome| {
            if outcome.is_ok() {
                kept();
            }
        });
        hub.number(draft, Some(done))
    } else {
        hub.number(draft, None).map(|()| kept())
    };
    if outcome.is_err() {
        hub.counters.drafts_refused.add(1);
    }
}

/// At a room's home what it numbered; at any other node whatever it knows.
async fn on_ask(hub: Arc<Hub>, letter: Carried, room: RoomKey) {
    let at_home = HOME.under(hub.peers.name().as_bytes()).is_some_and(|home| letter.subject == home);
    let answer = if !at_home {
        let past = adopt::of_node(&hub, &room).await;
        Letter::Past(room, past)
    } else if hub.peers.home(&room) == Home::Here {
        hub.adopted(&room).await;
        let past = hub.past(&room);
        Letter::Past(room, past)
    } else {
        Letter::Elsewhere
    };
    // Whoever asked asks again.
    let _ = hub.peers.bus.answer(&letter, answer.encode());
}

/// A draft on its way to its room's home.
#[derive(Debug)]
pub(super) struct Entrusted {
    pub(super) draft: Draft,
    pub(super) home: Subject,
    pub(super) asked: Asked,
}

/// Waits until a draft is taken; where nobody took it, it goes to the room's next home. `_place` is one of those that
/// may wait at once.
pub(super) async fn carry(
    hub: Arc<Hub>,
    entrusted: Entrusted,
    mut done: Option<Done>,
    _place: OwnedSemaphorePermit,
) {
    let Entrusted { draft, mut home, mut asked } = entrusted;
    let tries = if done.is_some() { TRIES } else { TRIES_OF_NOBODY };
    for _ in 0..tries {
        let same_home_will_do = match asked.answer(KEEPING).await.map(|answer| Letter::decode(&answer)) {
            Ok(Ok(Letter::Kept)) => return done.into_iter().for_each(|done| done(Ok(()))),
            Ok(Ok(Letter::Elsewhere)) | Err(Unanswered::Nobody) => true,
            // The home may have died with it, or be slow. Who waits is told that it is not known; where nobody does, it
            // is sent once more if that home turns out to be gone.
            Err(Unanswered::Late) if done.is_none() => false,
            Ok(Ok(_) | Err(_)) | Err(Unanswered::Late | Unanswered::Full) => break,
        };
        match next_home(&hub, &draft, &home, same_home_will_do).await {
            Some(Home::Here) => {
                if hub.number_or_return(draft, &mut done).is_err() {
                    lost(&hub, done);
                }
                return;
            }
            Some(Home::There(next)) => match hub.peers.entrust(&next, &draft, done.is_some()) {
                Ok(again) => (asked, home) = (again, next),
                Err(_) => break,
            },
            Some(Home::Nowhere) | None => break,
        }
    }
    lost(&hub, done);
}

/// Where the draft's room is numbered, when somebody numbers it; `None` where its home stays the same one that has it.
async fn next_home(hub: &Hub, draft: &Draft, home: &Subject, same_will_do: bool) -> Option<Home> {
    for _ in 0..TRIES {
        tokio::time::sleep(AGAIN).await;
        match hub.peers.home(&draft.room) {
            Home::Nowhere => {}
            Home::There(next) if next == *home && !same_will_do => {}
            found => return Some(found),
        }
    }
    None
}

fn lost(hub: &Hub, done: Option<Done>) {
    hub.counters.drafts_lost.add(1);
    done.into_iter().for_each(|done| done(Err(Unavailable)));
}

/// Asks a room's home for its past, and tells the comet; without an answer there is none.
pub(super) async fn ask(hub: Arc<Hub>, comet: usize, room: RoomKey) {
    let mut past = Vec::new();
    for _ in 0..TRIES {
        let answer = match hub.peers.home(&room) {
            Home::Here => {
                hub.adopted(&room).await;
                past = hub.past(&room);
                break;
            }
            Home::There(home) => {
                hub.peers.bus.ask(&home, Letter::Ask(room.clone()).encode(), PATIENCE).await.ok()
            }
            Home::Nowhere => None,
        };
        if let Some(Ok(Letter::Past(of, found))) = answer.map(|answer| Letter::decode(&answer))
            && of == room
        {
            past = found;
            break;
        }
        hub.counters.pasts_unanswered.add(1);
        tokio::time::sleep(AGAIN).await;
    }
    while !hub.inbox(comet).is_none_or(|inbox| inbox.push(Order::Past(room.clone(), past.clone()))) {
        tokio::time::sleep(AGAIN).await;
    }
}
