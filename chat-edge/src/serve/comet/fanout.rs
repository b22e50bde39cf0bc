//! From a tick to sockets, and the end of connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::chat::node::Holder;
use protocol::chat::{Direct, Operation, RoomEvent, RoomKey, To};

use super::Comet;
use super::connection::{Family, Flushed};
use crate::ring::{ConnectionId, Position};
use crate::tick::{Form, Tick, Variant, frame_for};
use crate::websocket::Close;

/// Members that are looked at before one of them is written to: their places in memory, which lie far apart, are fetched
/// at once instead of one after the other. Measured in rooms of ten: 4 µs of a tick's 100.
const TOGETHER: usize = 16;

impl Comet {
    /// Sends a tick to everybody in the room who is not still taking the one before.
    pub(super) fn on_tick(&mut self, room: &RoomKey, tick: Arc<Tick>) {
        let Some(number) = self.hall_of.get(room).copied() else { return };
        let own = self.spare(number, &tick);
        let Self { halls, connections, .. } = self;
        let Some(hall) = halls.get_mut(number) else { return };
        let cut = hall.crowd.push_with(tick, own).cut;
        let (mut over, mut ready) = (Vec::new(), Vec::with_capacity(TOGETHER));
        let members = u32::try_from(hall.crowd.len()).unwrap_or(u32::MAX);
        for first in (0..members).step_by(TOGETHER) {
            let positions = (first..members).take(TOGETHER);
            ready.extend(positions.filter_map(|position| {
                let index = hall.crowd.connection(Position(position))?.0 as usize;
                let connection = connections.get(index).filter(|found| !found.blocked)?;
                Some((index, connection.only_ticks()))
            }));
            for (index, only_ticks) in ready.drain(..) {
                let Some(connection) = connections.get_mut(index) else { continue };
                let crowd = &mut hall.crowd;
                let flushed =
                    if only_ticks { connection.flush_ticks(crowd) } else { connection.flush(Some(crowd)) };
                if flushed == Flushed::Over {
                    over.push(index);
                }
            }
        }
        self.changed = true;
        over.into_iter().for_each(|index| self.close(index));
        cut.into_iter().for_each(|id| self.cut(id.0 as usize));
    }

    /// Who in the hall sees something of what the room's quotas left out, and what it gets instead of the tick.
    fn spare(&self, hall: usize, tick: &Tick) -> Vec<(ConnectionId, Arc<Tick>)> {
        let mut extra: BTreeMap<usize, Vec<RoomEvent>> = BTreeMap::new();
        let is_here = |index: &&usize| {
            let seat = self.connections.get(**index).and_then(|connection| connection.seat);
            seat.is_some_and(|seat| seat.hall() == hall)
        };
        for (author, event) in tick.spared() {
            let own = self.users.get(author).into_iter().flatten();
            let mut seeing: Vec<usize> =
                own.chain(self.followers.get(author).into_iter().flatten()).copied().collect();
            seeing.sort_unstable();
            seeing.dedup();
            for index in seeing.iter().filter(is_here) {
                extra.entry(*index).or_default().push(event.clone());
            }
        }
        let substitute =
            |(index, extra)| Some((ConnectionId(u32::try_from(index).ok()?), Arc::new(tick.with(extra))));
        extra.into_iter().filter_map(substitute).collect()
    }

    /// Sends a message outside rooms to those whom it is for.
    pub(super) fn on_direct(&mut self, direct: &Direct) {
        let targets: Vec<usize> = match &direct.to {
            To::Keys(keys) => keys.iter().filter_map(|key| self.keys.get(key).copied()).collect(),
            To::Users(users) => {
                users.iter().filter_map(|user| self.users.get(user)).flatten().copied().collect()
            }
            To::Everybody => self.connections.iter().map(|(index, _)| index).collect(),
        };
        let mut made: Vec<(Form, Option<Vec<u8>>)> = Vec::new();
        for index in targets {
            let Some(connection) = self.connections.get_mut(index) else { continue };
            let Some(form) = connection.form.filter(|_| !connection.closing) else { continue };
            let accepted = match connection.family {
                // A client of ours reads the events of rooms, and so those that are for it alone.
                Family::Goim
                    if form.variant == Variant::Extended && direct.operation == Operation::MESSAGE =>
                {
                    true
                }
                Family::Goim => connection
                    .person
                    .as_ref()
                    .is_some_and(|person| person.accepts.contains(&direct.operation.0)),
                Family::Bilibili => true,
                Family::Unknown => false,
            };
            if !accepted {
                continue;
            }
            if !made.iter().any(|(known, _)| *known == form) {
                made.push((form, frame_for(direct.operation, &direct.body, form)));
            }
            let bytes = made.iter().find(|(known, _)| *known == form).and_then(|(_, bytes)| bytes.as_deref());
            let counters = &self.hub.counters;
            match bytes.map(|bytes| connection.say(bytes)) {
                None => counters.direct_unreadable.add(1),
                Some(false) => counters.direct_slow.add(1),
                Some(true) => {
                    counters.direct_sent.add(1);
                    self.flush(index);
                }
            }
        }
    }

    /// Writes what waits for the connection.
    pub(super) fn flush(&mut self, index: usize) {
        let Self { halls, connections, .. } = self;
        let Some(connection) = connections.get_mut(index) else { return };
        let hall = connection.seat.and_then(|seat| halls.get_mut(seat.hall()));
        if connection.flush(hall.map(|hall| &mut hall.crowd)) == Flushed::Over {
            self.close(index);
        }
        self.changed = true;
    }

    /// A last word, and the end when it is out.
    pub(super) fn say_goodbye(&mut self, index: usize, why: Close) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        if connection.closing || connection.blocked {
            // It was told before, or takes nothing now: it had its time.
            self.close(index);
            return;
        }
        connection.say_goodbye(why);
        self.flush(index);
    }

    /// Ends a connection that does not read.
    pub(super) fn cut(&mut self, index: usize) {
        self.hub.counters.slow_readers.add(1);
        self.close(index);
    }

    /// Ends whoever has this key.
    pub(super) fn end_key(&mut self, key: &str) {
        if let Some(index) = self.keys.get(key).copied() {
            self.hub.counters.superseded.add(1);
            self.say_goodbye(index, Close::Policy);
            self.keys.remove(key);
        }
    }

    /// Forgets the connection; its socket closes.
    pub(super) fn close(&mut self, index: usize) {
        if !self.connections.contains(index) {
            return;
        }
        self.leave(index);
        let connection = self.connections.remove(index);
        self.live -= usize::from(connection.is_live());
        if let Some(person) = &connection.person {
            if person.key.as_ref().is_some_and(|key| self.keys.get(key) == Some(&index))
                && let Some(key) = &person.key
            {
                self.keys.remove(key);
            }
            forget(&mut self.users, person.mid, index);
            if person.mid != 0 {
                self.hub.reach.on_went(Holder::user(person.mid));
            }
            if let Some(key) = &person.key {
                self.hub.reach.on_went(Holder::key(key));
            }
            person.follows.iter().for_each(|user| forget(&mut self.followers, *user, index));
        }
        if let Some(held) = self.addresses.get_mut(&connection.address) {
            held.connections -= 1;
            held.opening -= usize::from(!connection.is_live());
            if held.connections == 0 {
                self.addresses.remove(&connection.address);
            }
        }
        self.hub.counters.connections_ended.add(1);
        self.changed = true;
    }
}

/// A connection is none of this user's any more.
fn forget(of: &mut BTreeMap<i64, Vec<usize>>, user: i64, index: usize) {
    if let Some(others) = of.get_mut(&user) {
        others.retain(|other| *other != index);
        if others.is_empty() {
            of.remove(&user);
        }
    }
}
