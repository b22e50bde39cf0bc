//! The other processes of the deployment: who is there, where a room is numbered, what each holds.
//!
//! Every process with viewers is an edge; those of the role `logic` or `all` number rooms, each its share
//! ([`router::home`]). NATS carries a room's events to the edges that hold it, and between sites once for each site; what
//! is said here is the rest: drafts and questions for a room's home, and what edges tell each other of themselves.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bus::presence::{Node, Pace, Presence};
use bus::{Bus, Full, Letter, Subject};
use protocol::chat::{Event, RoomEvent, RoomKey};
use serde::{Deserialize, Serialize};
use service::clock;

use super::config::Role;
use super::hub::Hub;
use super::inbox::Order;
use super::policy::Policy;
use crate::logic::Draft;
use crate::router::{self, Report, Router};
use crate::store::keeper::{Done, Unavailable};

/// Where nodes say that they are there.
const PRESENCE: Subject = Subject::literal("chat.nodes");
/// What edges tell each other.
const EDGES: Subject = Subject::literal("chat.edges");
/// Above the homes of rooms.
const HOME: Subject = Subject::literal("chat.home");
/// Letters that wait to be read here.
const LETTERS_MAX: usize = 16_384;
/// Between two rounds of what an edge tells of itself.
const ROUND: Duration = Duration::from_secs(1);
/// How long a home may take to answer, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(1);
const QUESTIONS: usize = 4;
/// How long a home may take to keep a message.
const KEEPING: Duration = Duration::from_secs(5);
/// What a home answers when it has kept one.
const KEPT: &str = "kept";
/// Bytes of an answer's events: some less than a letter may have.
const ANSWER_BYTES_MAX: usize = 900_000;

/// What a node tells of itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Facts {
    pub(super) role: Role,
    pub(super) domain: String,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) tls: bool,
    pub(super) region: String,
    pub(super) zone: String,
    pub(super) weight: u32,
}

/// An edge that takes viewers.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) name: String,
    pub(super) facts: Facts,
    /// Viewers there.
    pub(super) live: usize,
}

impl Facts {
    fn of(policy: &Policy, addresses: &[SocketAddr]) -> Self {
        let config = &policy.config;
        Self {
            role: config.role,
            domain: config.domain.clone(),
            addresses: addresses.to_vec(),
            tls: policy.tls.is_some(),
            region: config.region.clone(),
            zone: config.zone.clone(),
            weight: config.weight,
        }
    }
}

/// What edges tell each other.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    Report(Report),
    /// A connection on `edge` has this key now.
    Supersede {
        edge: String,
        key: String,
    },
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
    name: String,
    epoch: u64,
    role: Role,
    presence: Mutex<Option<Presence>>,
    router: Mutex<Router>,
}

impl Peers {
    /// This process alone.
    pub(super) fn alone(bus: Bus) -> Self {
        let (presence, router) = (Mutex::default(), Mutex::default());
        Self { bus, name: String::new(), epoch: 0, role: Role::All, presence, router }
    }

    /// This process among others; it says so from now on.
    pub(super) fn among(bus: Bus, policy: &Policy, name: String, addresses: &[SocketAddr]) -> Self {
        let config = &policy.config;
        let facts = Facts::of(policy, addresses);
        let epoch = clock::since_1970().as_millis();
        let facts = serde_json::to_vec(&facts).unwrap_or_default().into();
        let node = Node { name: name.clone(), epoch, facts };
        let presence = Presence::start(&bus, PRESENCE, node, Pace::default());
        let presence = Mutex::new(Some(presence));
        Self { bus, name, epoch, role: config.role, presence, router: Mutex::default() }
    }

    /// This process's name; empty where it is alone.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Every node that is there, this one among them; nothing where this process is alone.
    pub(super) fn nodes(&self) -> Vec<(Node, Facts)> {
        let presence = self.presence.lock().unwrap_or_else(PoisonError::into_inner);
        let nodes = presence.as_ref().map(Presence::nodes);
        let known = |node: &Node| Some((node.clone(), serde_json::from_slice(&node.facts).ok()?));
        nodes.iter().flat_map(|nodes| nodes.iter().filter_map(known)).collect()
    }

    /// Every edge that takes viewers, the one with most room for its weight first.
    pub(super) fn edges(&self, policy: &Policy, addresses: &[SocketAddr], live: usize) -> Vec<Edge> {
        let here = Edge { name: self.name.clone(), facts: Facts::of(policy, addresses), live };
        let others = self.nodes().into_iter().filter(|(node, _)| node.name != self.name);
        let others = others.map(|(node, facts)| {
            let live = self.router(|router| router.live(&node.name)).unwrap_or(0);
            Edge { name: node.name, facts, live }
        });
        let mut edges: Vec<Edge> = std::iter::once(here).chain(others).collect();
        edges.retain(|edge| edge.facts.role != Role::Logic);
        edges.sort_by_key(|edge| (edge.live + 1).saturating_mul(1_000) / edge.facts.weight.max(1) as usize);
        edges.sort_by_key(|edge| edge.facts.weight == 0);
        edges
    }

    /// What other edges told.
    pub(super) fn router<T>(&self, look: impl FnOnce(&mut Router) -> T) -> T {
        look(&mut self.router.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where the room is numbered.
    pub(super) fn home(&self, room: &RoomKey) -> Home {
        if self.name.is_empty() {
            return Home::Here;
        }
        let nodes = self.nodes();
        let numbering = nodes.iter().filter(|(_, facts)| facts.role != Role::Edge);
        match router::home(room, numbering.map(|(node, _)| node.name.as_str())) {
            Some(name) if name == self.name => Home::Here,
            Some(name) => HOME.under(name.as_bytes()).map_or(Home::Nowhere, Home::There),
            None => Home::Nowhere,
        }
    }

    /// Sends a draft to where its room is numbered.
    pub(super) fn send(&self, home: &Subject, draft: Draft) -> Result<(), Full> {
        self.bus.post(home, unnumbered(draft))
    }

    /// The same, and `done` is told when the home has it on disk.
    pub(super) fn entrust(
        &self,
        home: Subject,
        draft: Draft,
        done: Done,
    ) -> impl Future<Output = ()> + use<> {
        let (bus, body) = (self.bus.clone(), unnumbered(draft));
        async move {
            let answer = bus.ask(&home, body, KEEPING).await;
            done(if answer.is_ok_and(|answer| answer == KEPT) { Ok(()) } else { Err(Unavailable) });
        }
    }

    /// Tells the other edges that a key is here now.
    pub(super) fn supersede(&self, key: &str) {
        if !self.name.is_empty() {
            self.tell(&Told::Supersede { edge: self.name.clone(), key: key.to_owned() });
        }
    }

    /// Says goodbye: the others know at once.
    pub(super) fn leave(&self) {
        let presence = self.presence.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(presence) = presence {
            presence.leave();
        }
    }

    fn tell(&self, told: &Told) {
        if let Ok(body) = serde_json::to_vec(told) {
            // Where there is no room now, the next round says it again; an old connection ends when it is silent.
            let _ = self.bus.post(&EDGES, body);
        }
    }
}

/// Speaks with the others, for ever.
pub(super) async fn run(hub: Arc<Hub>) {
    let peers = &hub.peers;
    let watch = peers.presence.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Presence::watch);
    let Some(mut watch) = watch else { return std::future::pending().await };
    let mailbox = peers.bus.open(LETTERS_MAX);
    mailbox.listen(&EDGES);
    let home = HOME.under(peers.name.as_bytes());
    if let Some(home) = home.as_ref().filter(|_| peers.role != Role::Edge) {
        mailbox.listen(home);
    }
    let (mut beat, mut round) = (tokio::time::interval(ROUND), 0);
    loop {
        tokio::select! {
            letter = mailbox.next() => {
                if letter.subject == EDGES {
                    on_told(&hub, &letter);
                } else {
                    on_errand(&hub, &letter);
                }
            }
            _ = beat.tick() => {
                round += 1;
                report(&hub, round);
            }
            Ok(()) = watch.changed() => {
                let nodes = Arc::clone(&watch.borrow());
                let epoch = |name: &str| nodes.iter().find(|node| node.name == name).map(|node| node.epoch);
                peers.router(|router| router.retain(epoch));
            }
        }
    }
}

fn report(hub: &Hub, round: u64) {
    let census = hub.census();
    let whole = Report {
        edge: hub.peers.name.clone(),
        epoch: hub.peers.epoch,
        round,
        last: true,
        live: census.live,
        addresses: census.addresses,
        rooms: Vec::new(),
    };
    Report::parts(&whole, &census.rooms).for_each(|part| hub.peers.tell(&Told::Report(part)));
}

fn on_told(hub: &Hub, letter: &Letter) {
    match serde_json::from_slice(&letter.body) {
        Ok(Told::Report(report)) if report.edge != hub.peers.name => {
            hub.peers.router(|router| router.report(report));
        }
        Ok(Told::Supersede { edge, key }) if edge != hub.peers.name => {
            hub.tell_all(None, || Order::Supersede(key.clone()));
        }
        Ok(_) => {}
        Err(cause) => tracing::debug!(%cause, "an edge told something that makes no sense"),
    }
}

/// A draft as it goes to its room's home.
fn unnumbered(draft: Draft) -> Vec<u8> {
    let Draft { room, class, operation, body } = draft;
    Event::Room(RoomEvent { room, epoch: 0, sequence: 0, class, operation, body }).encode()
}

/// Tells whoever entrusted us with a message that it is on disk; who hears nothing takes it for lost.
fn answering(hub: &Hub, letter: &Letter) -> Done {
    let (bus, letter) = (hub.peers.bus.clone(), letter.clone());
    Box::new(move |outcome| {
        if outcome.is_ok() {
            let _ = bus.answer(&letter, KEPT);
        }
    })
}

/// A room's name asks for its past; everything else is a draft, and as a question it wants to be told when that is kept.
fn on_errand(hub: &Hub, letter: &Letter) {
    let draft = match Event::decode(&letter.body) {
        Ok(Event::Room(RoomEvent { room, class, operation, body, .. })) => {
            Some(Draft { room, class, operation, body })
        }
        _ => None,
    };
    if letter.is_question() && draft.is_none() {
        let room = std::str::from_utf8(&letter.body).ok().and_then(RoomKey::parse);
        let past = room.map(|room| hub.past(&room)).unwrap_or_default();
        // Whoever asked asks again.
        let _ = hub.peers.bus.answer(letter, encode(&past));
        return;
    }
    let done = letter.is_question().then(|| answering(hub, letter));
    if let Some(draft) = draft
        && hub.number(draft, done).is_err()
    {
        hub.counters.drafts_refused.add(1);
    }
}

/// Asks a room's home for its past, and tells the comet; without an answer there is none.
pub(super) async fn ask(hub: Arc<Hub>, comet: usize, room: RoomKey) {
    let mut past = Vec::new();
    for _ in 0..QUESTIONS {
        let answer = match hub.peers.home(&room) {
            Home::Here => {
                past = hub.past(&room);
                break;
            }
            Home::There(home) => hub.peers.bus.ask(&home, room.as_str().to_owned(), PATIENCE).await.ok(),
            Home::Nowhere => {
                tokio::time::sleep(PATIENCE / 4).await;
                None
            }
        };
        if let Some(answer) = answer {
            past = decode(&answer);
            break;
        }
        hub.counters.pasts_unanswered.add(1);
    }
    while !hub.inbox(comet).is_none_or(|inbox| inbox.push(Order::Past(room.clone(), past.clone()))) {
        tokio::time::sleep(PATIENCE / 100).await;
    }
}

/// The newest events that fit, each behind its length.
fn encode(events: &[RoomEvent]) -> Vec<u8> {
    let mut bytes = 0;
    let newest: Vec<Vec<u8>> = events
        .iter()
        .rev()
        .map(|event| Event::Room(event.clone()).encode())
        .take_while(|event| {
            bytes += 4 + event.len();
            bytes <= ANSWER_BYTES_MAX
        })
        .collect();
    let prefixed = newest.iter().rev().flat_map(|event| {
        let length = u32::try_from(event.len()).unwrap_or(u32::MAX).to_be_bytes();
        length.into_iter().chain(event.iter().copied())
    });
    prefixed.collect()
}

fn decode(mut bytes: &[u8]) -> Vec<RoomEvent> {
    let mut events = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let Some((event, rest)) = rest.split_at_checked(u32::from_be_bytes(*length) as usize) else { break };
        bytes = rest;
        if let Ok(Event::Room(event)) = Event::decode(event) {
            events.push(event);
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::chat::{Class, Operation};

    fn event(sequence: u64, bytes: usize) -> RoomEvent {
        let room = RoomKey::parse("live://1").expect("a room");
        let (class, operation) = (Class::Chat, Operation::MESSAGE);
        RoomEvent { room, epoch: 7, sequence, class, operation, body: vec![b'x'; bytes].into() }
    }

    #[test]
    fn the_newest_of_a_past_that_fit_a_letter_arrive_in_order() {
        let small: Vec<RoomEvent> = (1..=256).map(|sequence| event(sequence, 100)).collect();
        assert_eq!(decode(&encode(&small)), small);
        let large: Vec<RoomEvent> = (1..=256).map(|sequence| event(sequence, 16_000)).collect();
        let bytes = encode(&large);
        assert!(bytes.len() <= bus::limits::LETTER_BYTES_MAX);
        let read = decode(&bytes);
        assert!(read.len() > 50 && large.ends_with(&read));
        assert_eq!(decode(&bytes[..bytes.len() - 1]).len(), read.len() - 1);
    }
}
