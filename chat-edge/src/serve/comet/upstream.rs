//! What connections send up: who they are, and comments.
//!
//! A comment is answered when it is on disk: by the store's thread, through this thread's letter box. A guest of GOIM's is
//! answered at once and with nothing, as GOIM does it.

use std::sync::Arc;

use protocol::chat::node::Holder;
use protocol::chat::{Header, Operation, RoomKey};
use serde_json::json;

use super::Comet;
use super::connection::Person;
use crate::comment::line::Line;
use crate::moderation::{Grant, Moment, Refusal, Role, Rooms, Scope, UserId};
use crate::serve::desk::{Receipt, Speaker, Unsaid, now};
use crate::serve::inbox::{Answer, Order};
use crate::session::AuthCode;
use crate::store::keeper::{Done, Unavailable};
use crate::tick::Variant;
use crate::websocket::Close;

/// Whether a key of Bilibili's auth is a token of ours, and not what guests are given: a JWT has three parts.
pub(super) fn is_token(key: &str) -> bool {
    key.matches('.').count() == 2
}

impl Comet {
    /// What the connection's token says; guests have none. Where the token does not count the client is told, and ended.
    pub(super) fn grant_of(
        &mut self,
        index: usize,
        header: Header,
        token: Option<&str>,
        mid: i64,
    ) -> Result<Option<Arc<Grant>>, ()> {
        let Some(token) = token else {
            let trusted = self.hub.policy().config.trust_unsigned;
            return Ok(u64::try_from(mid).ok().filter(|mid| trusted && *mid != 0).map(unsigned));
        };
        match self.hub.desk.grant(token) {
            Ok(grant) => Ok(Some(Arc::new(grant))),
            Err(refusal) => {
                self.hub.counters.fault(refusal.code());
                self.reply(index, header, AuthCode::Token.body());
                self.turn_away(index);
                Err(())
            }
        }
    }

    /// Remembers who the connection is, where it is anybody. A token's word wins over the client's.
    pub(super) fn know(
        &mut self,
        index: usize,
        mid: i64,
        key: Option<String>,
        accepts: Vec<u32>,
        grant: Option<Arc<Grant>>,
    ) {
        let mid = grant.as_ref().and_then(|grant| i64::try_from(grant.user.0).ok()).unwrap_or(mid);
        if mid != 0 {
            self.users.entry(mid).or_default().push(index);
            self.hub.reach.on_came(Holder::user(mid));
        }
        if let Some(key) = &key {
            self.hub.reach.on_came(Holder::key(key));
        }
        if let Some(connection) = self.connections.get_mut(index) {
            let known = mid != 0 || key.is_some() || !accepts.is_empty();
            connection.person =
                known.then(|| Box::new(Person { mid, key, accepts, grant, follows: Box::default() }));
        }
    }

    /// From now on the connection sees these users' lines whatever the room leaves out.
    pub(super) fn follow(&mut self, index: usize, mut follows: Vec<i64>) {
        follows.sort_unstable();
        follows.dedup();
        let Some(connection) = self.connections.get_mut(index).filter(|_| !follows.is_empty()) else {
            return;
        };
        follows.iter().for_each(|user| self.followers.entry(*user).or_default().push(index));
        connection.person.get_or_insert_default().follows = follows.into();
    }

    /// Another token: of the same user, or it is refused.
    pub(super) fn on_token(&mut self, index: usize, header: Header, token: &str) {
        let grant = self.hub.desk.grant(token);
        let Some(connection) = self.connections.get_mut(index) else { return };
        let person = connection.person.as_mut().filter(|person| person.grant.is_some());
        let accepted = match (grant, person) {
            (Ok(grant), Some(person)) if i64::try_from(grant.user.0) == Ok(person.mid) => {
                person.grant = Some(Arc::new(grant));
                true
            }
            _ => false,
        };
        let code = if accepted { AuthCode::Accepted } else { AuthCode::Token };
        self.reply(index, header, code.body());
    }

    /// Whether the connection's user is banned from a room.
    pub(super) fn is_banned(&self, index: usize, room: &RoomKey) -> bool {
        let Some(connection) = self.connections.get(index) else { return true };
        let Some(grant) = connection.person.as_ref().and_then(|person| person.grant.as_ref()) else {
            return false;
        };
        matches!(self.hub.desk.admit(grant, room), Err(Refusal::Banned(_)))
    }

    /// Ends the connection when everything before is out.
    pub(super) fn turn_away(&mut self, index: usize) {
        if let Some(connection) = self.connections.get_mut(index) {
            connection.say_goodbye(Close::Policy);
        }
    }

    /// A message upstream.
    pub(super) fn on_send(&mut self, index: usize, header: Header, body: &[u8]) {
        let Some(connection) = self.connections.get(index) else { return };
        let grant = connection.person.as_ref().and_then(|person| person.grant.clone());
        let ours = connection.form.is_some_and(|form| form.variant == Variant::Extended);
        if header.operation != Operation::SEND || grant.is_none() && !ours {
            self.hub.counters.upstream_ignored.add(1);
            return self.reply(index, header, &[]);
        }
        let room = connection.seat.and_then(|seat| self.halls.get(seat.hall())).map(|hall| hall.key.clone());
        let address = connection.address;
        let answer = self.answering(index, connection.serial, header);
        let Some(room) = room else {
            return self.reply(
                index,
                header,
                &problem("no_room", "you are in no room; join one, then speak", None),
            );
        };
        let Some(line) = Line::parse(body) else {
            let wanted =
                "a comment is {\"text\":…, \"mode\":\"scroll\"|\"top\"|\"bottom\", \"color\":0xRRGGBB}";
            return self.reply(index, header, &problem("body", wanted, None));
        };
        // Threads are far fewer than 256, and places than 2^32.
        let place =
            (self.id as u64) << 56 | (index as u64 & 0x00FF_FFFF) << 32 | u64::from(self.serial_of(index));
        let speaker = Speaker { grant: grant.as_deref(), connection: Some(place), address };
        let hub = Arc::clone(&self.hub);
        match hub.desk.say(&hub, &room, speaker, &line, answer) {
            Ok(_) => {}
            Err(Unsaid::Refused(refusal)) => self.reply(index, header, &refused(refusal, now())),
            Err(Unsaid::Busy) => self.reply(index, header, &busy()),
        }
    }

    fn serial_of(&self, index: usize) -> u32 {
        self.connections.get(index).map_or(0, |connection| connection.serial)
    }

    /// What the store's thread does when the comment is on disk.
    fn answering(&self, index: usize, serial: u32, to: Header) -> impl FnOnce(Receipt) -> Done + use<> {
        let (hub, comet) = (Arc::clone(&self.hub), self.id);
        move |receipt| {
            Box::new(move |outcome: Result<(), Unavailable>| {
                let body = outcome.map_or_else(|Unavailable| busy(), |()| taken(receipt));
                let Some(inbox) = hub.inbox(comet) else { return };
                if !inbox.push(Order::Answer(Answer { index, serial, to, body })) {
                    hub.counters.orders_refused.add(1);
                }
            })
        }
    }

    /// An answer came; the connection may be gone.
    pub(super) fn on_answer(&mut self, answer: &Answer) {
        if self.serial_of(answer.index) == answer.serial {
            self.reply(answer.index, answer.to, &answer.body);
            self.flush(answer.index);
        }
    }

    /// This user's connections end, in the room or everywhere.
    pub(super) fn evict(&mut self, user: UserId, scope: &Scope) {
        let places =
            i64::try_from(user.0).ok().and_then(|user| self.users.get(&user)).cloned().unwrap_or_default();
        for index in places {
            let Some(connection) = self.connections.get(index) else { continue };
            let signed = connection.person.as_ref().is_some_and(|person| person.grant.is_some());
            let room = connection.seat.and_then(|seat| self.halls.get(seat.hall())).map(|hall| &hall.key);
            let concerned = match scope {
                Scope::Everywhere => true,
                Scope::Room(banned) => room == Some(banned),
            };
            if signed && concerned {
                self.hub.counters.evicted.add(1);
                self.say_goodbye(index, Close::Policy);
            }
        }
    }
}

/// Who a client says it is, believed because the operator says so: until it goes.
fn unsigned(user: u64) -> Arc<Grant> {
    Arc::new(Grant {
        user: UserId(user),
        name: user.to_string(),
        rooms: Rooms::All,
        role: Role::Viewer,
        level: 0,
        follows_since: None,
        id: String::new(),
        issued: now(),
        from: Moment(0),
        until: Moment(u64::MAX),
        refresh_until: Moment(0),
    })
}

fn taken(receipt: Receipt) -> Vec<u8> {
    json!({"code": 0, "id": receipt.id.0.to_string(), "held": receipt.held}).to_string().into_bytes()
}

fn refused(refusal: Refusal, now: Moment) -> Vec<u8> {
    problem(refusal.code(), &refusal.reason(), refusal.retry_ms(now))
}

fn busy() -> Vec<u8> {
    problem("unavailable", "the comment could not be kept; try again", Some(1_000))
}

fn problem(code: &str, message: &str, retry_after_ms: Option<u64>) -> Vec<u8> {
    json!({"code": -403, "error": code, "message": message, "retry_after_ms": retry_after_ms})
        .to_string()
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_guests_are_given_is_no_token() {
        assert!(!is_token("guest") && !is_token("") && is_token("a.b.c"));
    }
}
