//! What connections say, and what is done about it.

use std::io::ErrorKind;

use protocol::chat::auth::{Auth, Bilibili, Goim, Protocol, Wishes};
use protocol::chat::{Header, RoomEvent, RoomKey};
use protocol::limits::CHAT_ACCEPTS_MAX;
use protocol::time::Duration;

use super::connection::{Connection, Family, Seat};
use super::upstream::is_token;
use super::{Comet, Hall, Waiting};
use crate::ring::{ConnectionId, Crowd};
use crate::serve::inbox::Order;
use crate::session::{AuthCode, Fault, Heard, reply};
use crate::tick::{Form, Variant};
use crate::websocket::{Close, pong_frame};

/// Reads of one connection before the others get a turn.
const READS_AT_ONCE: usize = 4;
/// The kind of room that Bilibili's numbers name.
const BILIBILI_ROOMS: &str = "live";

impl Comet {
    /// Something may have arrived.
    pub(super) fn on_readable(&mut self, index: usize) {
        for _ in 0..READS_AT_ONCE {
            let Some(connection) = self.connections.get_mut(index) else { return };
            let length = match connection.read(&mut self.scratch, &self.hub) {
                Ok(0) => return self.close(index),
                Ok(length) => length,
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => return,
                Err(cause) if cause.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return self.close(index),
            };
            if connection.closing {
                continue;
            }
            let bytes = self.scratch.get_mut(..length).unwrap_or_default();
            let taken = connection.session.handle_bytes(bytes, &mut self.heard);
            connection.inbound = bytes.get(taken..).filter(|rest| !rest.is_empty()).map(Box::from);
            let mut heard = std::mem::take(&mut self.heard);
            heard.drain(..).for_each(|heard| self.on_heard(index, heard));
            self.heard = heard;
            self.flush(index);
            let Some(connection) = self.connections.get(index) else { return };
            if length < self.scratch.len() && !connection.link.is_tls() {
                return;
            }
        }
        self.again.push(index);
    }

    fn on_heard(&mut self, index: usize, heard: Heard) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        match heard {
            Heard::Upgraded(response) => drop(connection.say(response.as_bytes())),
            Heard::Refused(response) => {
                connection.say(response.as_bytes());
                connection.closing = true;
            }
            Heard::Auth(header, Auth::Bilibili(auth)) => self.on_bilibili(index, header, &auth),
            Heard::Auth(header, Auth::Goim(auth)) => self.on_goim(index, header, auth),
            Heard::Heartbeat(header) => self.on_heartbeat(index, header),
            Heard::ChangeRoom(header, room) => self.on_change_room(index, header, room),
            Heard::Subscribe(header, operations) => self.on_subscribe(index, header, &operations, true),
            Heard::Unsubscribe(header, operations) => self.on_subscribe(index, header, &operations, false),
            Heard::Send(header, body) => self.on_send(index, header, &body),
            Heard::Token(header, token) => self.on_token(index, header, &token),
            Heard::Ping(payload) => {
                let mut pong = Vec::with_capacity(payload.len() + 2);
                pong_frame(&payload, &mut pong);
                if !connection.say(&pong) {
                    self.cut(index);
                }
            }
            Heard::Closed => connection.say_goodbye(Close::Normal),
            Heard::Fault(fault) => self.on_fault(index, fault),
        }
    }

    fn on_bilibili(&mut self, index: usize, header: Header, auth: &Bilibili) {
        let variant = match auth.protocol {
            Protocol::Plain => Variant::Plain,
            Protocol::Zlib => Variant::Zlib,
            Protocol::Brotli => Variant::Brotli,
        };
        let Ok(grant) = self.grant_of(index, header, auth.token.as_deref().filter(|key| is_token(key)), 0)
        else {
            return;
        };
        self.welcome(index, Family::Bilibili, variant);
        self.know(index, 0, None, Vec::new(), grant);
        let room = RoomKey::of(BILIBILI_ROOMS, &auth.room.to_string());
        self.enter(index, header, AuthCode::Accepted.body(), room, None);
    }

    fn on_goim(&mut self, index: usize, header: Header, auth: Goim) {
        let variant = if auth.extension.is_some() { Variant::Extended } else { Variant::Goim };
        let Ok(grant) = self.grant_of(index, header, auth.token.as_deref(), auth.mid) else { return };
        self.welcome(index, Family::Goim, variant);
        let Goim { mid, key, room, accepts, extension, follows, .. } = auth;
        if let Some(key) = &key {
            self.end_key(key);
            self.hub.tell_all(Some(self.id), || Order::Supersede(key.clone()));
            self.hub.peers.supersede(key);
            self.keys.insert(key.clone(), index);
        }
        self.know(index, mid, key, accepts, grant);
        self.follow(index, follows);
        self.enter(index, header, AuthCode::Accepted.body(), room, extension);
    }

    /// It is who it says.
    fn welcome(&mut self, index: usize, family: Family, variant: Variant) {
        let deadline = self.hub.clock.now() + self.silence(family);
        if let Some(connection) = self.connections.get_mut(index) {
            connection.family = family;
            connection.form = connection.session.transport().map(|transport| Form { variant, transport });
            connection.deadline = deadline;
            self.hub.counters.authenticated.add(1);
            self.live += 1;
            if let Some(held) = self.addresses.get_mut(&connection.address) {
                held.opening -= 1;
            }
        }
    }

    fn silence(&self, family: Family) -> Duration {
        let policy = self.hub.policy();
        let config = &policy.config;
        let seconds = match family {
            Family::Goim => config.goim_heartbeat_s.saturating_mul(config.goim_heartbeats_max),
            Family::Bilibili | Family::Unknown => config.bilibili_silence_s,
        };
        Duration::from_secs(seconds.into())
    }

    fn on_heartbeat(&mut self, index: usize, header: Header) {
        let Some(family) = self.connections.get(index).map(|connection| connection.family) else { return };
        let deadline = self.hub.clock.now() + self.silence(family);
        let seat = self.connections.get_mut(index).and_then(|connection| {
            connection.deadline = deadline;
            connection.seat
        });
        let members = seat
            .and_then(|seat| self.halls.get(seat.hall()))
            .map_or(0, |hall| hall.crowd.len() + self.hub.members_elsewhere(self.id, &hall.key));
        self.hub.counters.heartbeats.add(1);
        self.reply(index, header, &u32::try_from(members).unwrap_or(u32::MAX).to_be_bytes());
    }

    fn on_change_room(&mut self, index: usize, header: Header, room: Option<RoomKey>) {
        let body = room.as_ref().map_or("", RoomKey::as_str).as_bytes().to_vec();
        self.leave(index);
        self.enter(index, header, &body, room, None);
    }

    fn on_subscribe(&mut self, index: usize, header: Header, operations: &[u32], wanted: bool) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        let person = connection.person.get_or_insert_default();
        person.accepts.retain(|operation| !operations.contains(operation));
        if wanted {
            person.accepts.extend_from_slice(operations);
            person.accepts.truncate(CHAT_ACCEPTS_MAX);
        }
        let list: Vec<String> = operations.iter().map(ToString::to_string).collect();
        self.reply(index, header, list.join(",").as_bytes());
    }

    fn on_fault(&mut self, index: usize, fault: Fault) {
        self.hub.counters.fault(fault.code());
        if let Fault::Auth(header, _) = fault {
            self.reply(index, header, AuthCode::Request.body());
        }
        let why = match fault {
            Fault::WebSocket => Close::Protocol,
            Fault::TooLong => Close::TooLong,
            Fault::Frame(_)
            | Fault::Auth(..)
            | Fault::NotAuthenticated
            | Fault::AuthenticatedTwice
            | Fault::Operation
            | Fault::Body => Close::Policy,
        };
        if let Some(connection) = self.connections.get_mut(index) {
            connection.say_goodbye(why);
        }
    }

    pub(super) fn reply(&mut self, index: usize, to: Header, body: &[u8]) {
        let bytes = self.reply_bytes(index, to, body);
        self.tell(index, &bytes);
    }

    fn reply_bytes(&self, index: usize, to: Header, body: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32 + body.len());
        let transport = self.connections.get(index).and_then(|connection| connection.session.transport());
        if let Some(transport) = transport {
            reply(to, body, transport, &mut bytes);
        }
        bytes
    }

    fn tell(&mut self, index: usize, bytes: &[u8]) {
        if self.connections.get_mut(index).is_some_and(|connection| !connection.say(bytes)) {
            self.cut(index);
        }
    }

    /// The connection joins a room, where it named one; the reply goes out before anything of the room's. Where the
    /// room's past is still asked for, both wait for it.
    fn enter(
        &mut self,
        index: usize,
        to: Header,
        body: &[u8],
        room: Option<RoomKey>,
        wishes: Option<Wishes>,
    ) {
        self.leave(index);
        let reply = self.reply_bytes(index, to, body);
        let Some(room) = room else { return self.tell(index, &reply) };
        if self.is_banned(index, &room) {
            self.tell(index, &reply);
            return self.turn_away(index);
        }
        let hall = self.hall(room);
        let Some(serial) = self.connections.get(index).map(|connection| connection.serial) else { return };
        match self.halls.get_mut(hall).and_then(|hall| hall.waiting.as_mut()) {
            Some(waiting) => waiting.push(Waiting { index, serial, reply, wishes }),
            None => self.seat(index, hall, &reply, wishes),
        }
    }

    /// It is in, and where it wishes so gets some of the room's past first.
    fn seat(&mut self, index: usize, hall: usize, reply: &[u8], wishes: Option<Wishes>) {
        self.tell(index, reply);
        let (Some(connection), Some(hall_here)) = (self.connections.get_mut(index), self.halls.get_mut(hall))
        else {
            return;
        };
        let (Some(form), Ok(id)) = (connection.form, u32::try_from(index)) else { return };
        if let Some(past) = wishes.and_then(|wishes| hall_here.crowd.past(wishes)) {
            connection.say_past(past.bytes(form));
        }
        let position = hall_here.crowd.join(ConnectionId(id), form);
        connection.seat = Some(Seat::new(hall, position));
        self.changed = true;
    }

    /// The past of a room came: whoever waited is in.
    pub(super) fn on_past(&mut self, room: &RoomKey, past: &[RoomEvent]) {
        let Some(index) = self.hall_of.get(room).copied() else { return };
        let Some(hall) = self.halls.get_mut(index) else { return };
        let Some(waiting) = hall.waiting.take() else { return };
        hall.crowd.learn(past);
        self.asking.retain(|asking| *asking != index);
        for Waiting { index: viewer, serial, reply, wishes } in waiting {
            if self.connections.get(viewer).is_some_and(|connection| connection.serial == serial) {
                self.seat(viewer, index, &reply, wishes);
                self.flush(viewer);
            }
        }
        self.forget_empty(index);
    }

    fn hall(&mut self, room: RoomKey) -> usize {
        if let Some(hall) = self.hall_of.get(&room) {
            return *hall;
        }
        let past = self.hub.hold(self.id, &room);
        let waits = past.is_none();
        let waiting = waits.then(Vec::new);
        let crowd = Crowd::new(past.unwrap_or_default());
        let hall = self.halls.insert(Hall { key: room.clone(), crowd, waiting });
        self.hall_of.insert(room, hall);
        if waits {
            self.asking.push(hall);
        }
        hall
    }

    /// The connection leaves its room, if it is in one.
    pub(super) fn leave(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        let Some(seat) = connection.seat.take() else {
            let serial = connection.serial;
            for hall in &self.asking {
                if let Some(waiting) = self.halls.get_mut(*hall).and_then(|hall| hall.waiting.as_mut()) {
                    waiting.retain(|other| (other.index, other.serial) != (index, serial));
                }
            }
            return;
        };
        self.changed = true;
        let Some(hall) = self.halls.get_mut(seat.hall()) else { return };
        if let Some(moved) = hall.crowd.leave(seat.position)
            && let Some(Connection { seat: Some(other), .. }) = self.connections.get_mut(moved.0 as usize)
        {
            other.position = seat.position;
        }
        self.forget_empty(seat.hall());
    }

    /// A room in which nobody is any more is none of ours.
    fn forget_empty(&mut self, hall: usize) {
        if self.halls.get(hall).is_some_and(|hall| hall.crowd.is_empty() && hall.waiting.is_none()) {
            let hall = self.halls.remove(hall);
            self.closed.add(hall.crowd.account());
            self.hall_of.swap_remove(&hall.key);
            self.hub.release(self.id, &hall.key);
        }
    }
}
