//! A thread that holds viewers: one poll, a slab of connections, the crowds of the rooms that they are in.
//!
//! The thread is in `run`; while it rests, whoever has a few frames for its viewers may write them in its place, which
//! spares a small room the change of threads.
//!
//! Edge-triggered readiness, writes as far as the socket takes them, one scratch buffer for everybody's input. What a
//! connection keeps is in `connection`; what it said is acted on in `speech`; ticks go out in `fanout`; who has been
//! silent too long `wheel` knows.

mod census;
mod connection;
mod door;
mod fanout;
mod link;
mod run;
mod speech;
mod upstream;
mod wheel;

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use indexmap::IndexMap;
use mio::event::Event;
use mio::{Events, Poll, Registry, Token, Waker};
use protocol::chat::auth::Wishes;
use protocol::chat::{RoomEvent, RoomKey};
use protocol::time::{Duration, Instant};
use slab::Slab;

use super::hub::Hub;
use super::inbox::{Inbox, Order};
use crate::ring::{Account, Crowd};
use crate::session::Heard;
use connection::Connection;
use wheel::Wheel;

pub(super) use census::Census;
use door::Door;
pub(super) use door::Doors;
pub(super) use run::Shared;

/// Bytes read at once, for whoever it is: what a session leaves of it fits four times.
const SCRATCH_BYTES: usize = 65_536;
/// Tokens below this are doors and the waker.
const TOKENS_RESERVED: usize = 32;
const WAKER: Token = Token(TOKENS_RESERVED - 1);
/// How often a comet tells of itself and looks at its wheel.
const ROUND: Duration = Duration::from_millis(500);

/// One thread's viewers.
#[derive(Debug)]
pub(super) struct Comet {
    hub: Arc<Hub>,
    id: usize,
    registry: Registry,
    doors: Vec<Door>,
    connections: Slab<Connection>,
    connections_so_far: u32,
    /// Connections that said who they are.
    live: usize,
    halls: Slab<Hall>,
    hall_of: IndexMap<RoomKey, usize>,
    /// Halls whose past is still asked for.
    asking: Vec<usize>,
    keys: BTreeMap<String, usize>,
    users: BTreeMap<i64, Vec<usize>>,
    /// Who always sees the lines of a user.
    followers: BTreeMap<i64, Vec<usize>>,
    addresses: BTreeMap<IpAddr, Held>,
    wheel: Wheel,
    scratch: Vec<u8>,
    heard: Vec<Heard>,
    /// Connections that have more to read than their turn allowed.
    again: Vec<usize>,
    /// The books of rooms that are empty now.
    closed: Account,
    /// Something changed since the last census.
    changed: bool,
    next_round: Instant,
    drain_until: Option<Instant>,
}

/// What one address holds.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    connections: usize,
    /// Those that have not said who they are.
    opening: usize,
}

/// A room on this thread.
#[derive(Debug)]
struct Hall {
    key: RoomKey,
    crowd: Crowd,
    /// Those who wait for the room's past, where that is still asked for; nobody is in the crowd then.
    waiting: Option<Vec<Waiting>>,
}

/// Somebody who will be in a room.
#[derive(Debug)]
struct Waiting {
    index: usize,
    serial: u32,
    /// What it is told when it is.
    reply: Vec<u8>,
    wishes: Option<Wishes>,
}

/// A poll for each comet, and its letter box.
pub(super) fn polls(count: usize) -> io::Result<(Vec<Poll>, Vec<Inbox>)> {
    let mut both = (Vec::new(), Vec::new());
    for _ in 0..count {
        let poll = Poll::new()?;
        both.1.push(Inbox::new(Waker::new(poll.registry(), WAKER)?));
        both.0.push(poll);
    }
    Ok(both)
}

/// The comets, each with its share of the doors.
pub(super) fn start(hub: &Arc<Hub>, polls: Vec<Poll>, doors: Doors) -> io::Result<Vec<(Shared, Poll)>> {
    let shares = doors.comets.into_iter().zip(polls).enumerate();
    shares
        .map(|(id, (doors, poll))| {
            let comet = Comet::new(Arc::clone(hub), id, poll.registry().try_clone()?, doors)?;
            Ok((Shared::new(comet), poll))
        })
        .collect()
}

impl Comet {
    fn new(hub: Arc<Hub>, id: usize, registry: Registry, doors: Vec<Door>) -> io::Result<Self> {
        let mut comet = Self {
            wheel: Wheel::new(hub.clock.now()),
            next_round: hub.clock.now(),
            hub,
            id,
            registry,
            doors,
            connections: Slab::new(),
            connections_so_far: 0,
            live: 0,
            halls: Slab::new(),
            hall_of: IndexMap::new(),
            asking: Vec::new(),
            keys: BTreeMap::new(),
            users: BTreeMap::new(),
            followers: BTreeMap::new(),
            addresses: BTreeMap::new(),
            scratch: vec![0; SCRATCH_BYTES],
            heard: Vec::new(),
            again: Vec::new(),
            closed: Account::default(),
            changed: true,
            drain_until: None,
        };
        comet.open_doors()?;
        Ok(comet)
    }

    /// How long there is nothing to do unless something happens.
    fn patience(&self) -> Duration {
        let rest = || self.next_round.since(self.hub.clock.now());
        if self.again.is_empty() { rest() } else { Duration::ZERO }
    }

    /// Does what there is to do; whether the process has drained.
    fn turn(&mut self, events: &Events) -> bool {
        events.iter().for_each(|event| self.on_event(event));
        std::mem::take(&mut self.again).into_iter().for_each(|index| self.on_readable(index));
        let orders = self.hub.inbox(self.id).map(Inbox::take).unwrap_or_default();
        orders.into_iter().for_each(|order| self.on_order(order));
        let now = self.hub.clock.now();
        if self.next_round <= now {
            self.next_round = now + ROUND;
            self.on_round(now);
        }
        let drained = self.drain_until.is_some_and(|until| self.connections.is_empty() || until <= now);
        if drained {
            self.end();
        }
        drained
    }

    fn on_event(&mut self, event: &Event) {
        let token = event.token();
        if token == WAKER {
            return;
        }
        let Some(index) = token.0.checked_sub(TOKENS_RESERVED) else {
            self.accept(token.0);
            return;
        };
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            self.on_readable(index);
        }
        if event.is_writable() && self.connections.get(index).is_some_and(|connection| connection.blocked) {
            self.flush(index);
        }
    }

    fn on_order(&mut self, order: Order) {
        match order {
            Order::Tick(room, tick) => self.on_tick(&room, tick),
            Order::Direct(direct) => self.on_direct(&direct),
            Order::Past(room, past) => self.on_past(&room, &past),
            Order::TellPast(room, tell) => drop(tell.send(self.last_messages(&room))),
            Order::Supersede(key) => self.end_key(&key),
            Order::Answer(answer) => self.on_answer(&answer),
            Order::Evict(user, scope) => self.evict(user, &scope),
            Order::Drain => self.drain(),
        }
    }

    /// Writes that an order comes to, where it is a tick.
    fn writes(&self, order: &Order) -> Option<usize> {
        let Order::Tick(room, _) = order else { return None };
        let hall = self.hall_of.get(room).and_then(|hall| self.halls.get(*hall));
        Some(hall.map_or(0, |hall| hall.crowd.len()))
    }

    /// What this thread knows of a room's past.
    fn last_messages(&self, room: &RoomKey) -> Vec<RoomEvent> {
        let hall = self.hall_of.get(room).and_then(|hall| self.halls.get(*hall));
        hall.map(|hall| hall.crowd.last_messages().cloned().collect()).unwrap_or_default()
    }

    fn on_round(&mut self, now: Instant) {
        self.accept_again();
        for (index, serial) in self.wheel.turn(now) {
            let Some(connection) = self.connections.get(index).filter(|found| found.serial == serial) else {
                continue;
            };
            if connection.deadline > now {
                self.wheel.add(index, serial, connection.deadline);
            } else {
                let counters = &self.hub.counters;
                let counter = if connection.is_live() { &counters.silent } else { &counters.handshakes_late };
                counter.add(1);
                self.say_goodbye(index, crate::websocket::Close::Policy);
            }
        }
        if std::mem::take(&mut self.changed) {
            self.hub.report(self.id, self.census());
        }
    }

    /// The process stops: whoever is here is told, and may read to the end.
    fn drain(&mut self) {
        let limit = Duration::from_millis(self.hub.policy().config.drain_timeout_ms);
        self.drain_until = Some(self.hub.clock.now() + limit);
        self.doors.clear();
        let everybody: Vec<usize> = self.connections.iter().map(|(index, _)| index).collect();
        for index in everybody {
            let Some(connection) = self.connections.get_mut(index) else { continue };
            connection.say_goodbye(crate::websocket::Close::Away);
            if !connection.blocked {
                self.flush(index);
            }
        }
    }

    fn end(&mut self) {
        let everybody: Vec<usize> = self.connections.iter().map(|(index, _)| index).collect();
        everybody.into_iter().for_each(|index| self.close(index));
        self.hub.report(self.id, self.census());
    }
}
