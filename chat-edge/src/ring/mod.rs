//! The members of one room on one thread, and where each of them is in the room's ticks.
//!
//! [`Crowd`] keeps the last ticks in a ring and a cursor for each member; the shell writes what [`Crowd::next`] shows and
//! says with [`Crowd::wrote`] how much of it the socket took. A member whose tick falls out of the ring goes on with the
//! newest one, behind the whole frames that it had already begun; what it missed is counted.
//!
//! **Invariant:** no member holds more than one tick that is out of the ring.

mod account;
mod past;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use protocol::chat::RoomEvent;
use protocol::chat::auth::Wishes;

pub use account::{Account, Drop};

use crate::tick::{Counts, Form, Tick};
pub(crate) use past::PAST_MAX;
use past::Past;

/// Ticks that a room keeps for members who read slowly: 3 to 8 seconds of a busy room.
pub const TICKS_MAX: usize = 32;
/// Messages in the ticks that a room keeps, unless the newest alone has more: about 1 MiB of comments in one form.
pub const MESSAGES_MAX: usize = 4_096;
/// Skips after which a member that has not caught up in between is cut.
pub const SKIPS_MAX: u8 = 3;

/// A connection, as the shell names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u32);

/// A member's place in its crowd; it may change when another member leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(pub u32);

/// What a push to a crowd came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Members to be cut: they have skipped too often. They are members until they leave.
    pub cut: Vec<ConnectionId>,
}

/// The members of one room.
#[derive(Debug, Default)]
pub struct Crowd {
    members: Vec<Member>,
    /// The last ticks; the first of them has number `oldest`.
    ticks: VecDeque<Entry>,
    oldest: u64,
    /// Everything that was ever pushed.
    head: Counts,
    messages: usize,
    /// What single members get in the place of a tick: the same and more.
    substitutes: BTreeMap<(ConnectionId, u64), Arc<Tick>>,
    /// What members had begun of a tick that is out of the ring.
    tails: BTreeMap<ConnectionId, Tail>,
    past: Past,
    account: Account,
}

#[derive(Debug)]
struct Entry {
    tick: Arc<Tick>,
    /// Everything that was pushed before it.
    before: Counts,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    /// The tick that it gets next, or is getting.
    next: u64,
    /// Bytes of it that are written.
    written: u32,
    connection: ConnectionId,
    form: Form,
    skips: u8,
}

#[derive(Debug)]
struct Tail {
    tick: Arc<Tick>,
    written: u32,
}

impl Crowd {
    /// A crowd in which nobody is, with a room's past in its order.
    #[must_use]
    pub fn new(past: Vec<RoomEvent>) -> Self {
        let mut crowd = Self::default();
        crowd.past.extend(&past);
        crowd
    }

    /// The room's past came late: what it has in common with what was pushed since is known once only. Ticks that are
    /// still to come may repeat the end of it, and are pushed without what they repeat.
    pub fn learn(&mut self, past: &[RoomEvent]) {
        self.past.learn(past);
    }

    /// The room's last messages, as far as they are known here.
    pub fn last_messages(&self) -> impl Iterator<Item = &RoomEvent> {
        self.past.messages()
    }

    /// Members.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.members.len()
    }

    /// Nobody is here.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// What was sent, and what was not.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// A new member; what is pushed from now on is for it too.
    pub fn join(&mut self, connection: ConnectionId, form: Form) -> Position {
        let position = Position(u32::try_from(self.members.len()).unwrap_or(u32::MAX));
        self.members.push(Member { next: self.end(), written: 0, connection, form, skips: 0 });
        position
    }

    /// The part of the room's past that a new member asks for, as a tick that is only for it.
    #[must_use]
    pub fn past(&self, wishes: Wishes) -> Option<Tick> {
        let messages = self.past.asked(wishes);
        (!messages.is_empty()).then(|| Tick::new(messages, Counts::default()))
    }

    /// The member leaves; what it has not got is counted. The member that takes its place in the crowd, if any.
    pub fn leave(&mut self, position: Position) -> Option<ConnectionId> {
        let index = position.0 as usize;
        let member = self.members.get(index).copied()?;
        self.members.swap_remove(index);
        if let Some(tail) = self.tails.remove(&member.connection) {
            self.account.dropped(Drop::Gone, tail.tick.kept());
        }
        self.account.dropped(Drop::Gone, self.ahead_of(member.next));
        for number in member.next..self.end() {
            let extra = self.take_extra(member.connection, number);
            self.account.dropped(Drop::Gone, extra);
        }
        self.members.get(index).map(|moved| moved.connection)
    }

    /// The next tick of the room.
    pub fn push(&mut self, tick: Arc<Tick>) -> Pushed {
        self.push_with(tick, Vec::new())
    }

    /// The next tick of the room; these members get theirs in its place: the same, with what was left out for others.
    pub fn push_with(&mut self, tick: Arc<Tick>, own: Vec<(ConnectionId, Arc<Tick>)>) -> Pushed {
        let known = self.past.without_known(&tick);
        let own = if known.is_some() { Vec::new() } else { own };
        let tick = known.unwrap_or(tick);
        let members = self.members.len() as u64;
        self.account.published(tick.kept().times(members));
        self.account.published(tick.shed.times(members));
        self.account.dropped(Drop::Quota, tick.shed.times(members));
        self.past.extend(&tick.messages);
        if tick.messages.is_empty() && own.is_empty() {
            return Pushed::default();
        }
        self.messages += tick.messages.len();
        let (before, kept) = (self.head, tick.kept());
        self.head += kept;
        for (connection, own) in own {
            self.account.spared(own.kept() - kept);
            self.substitutes.insert((connection, self.end()), own);
        }
        self.ticks.push_back(Entry { tick, before });
        let oldest = self.oldest_to_keep();
        let pushed = if oldest > self.oldest { self.skip_to(oldest) } else { Pushed::default() };
        while self.oldest < oldest {
            let Some(entry) = self.ticks.pop_front() else { break };
            self.messages -= entry.tick.messages.len();
            self.oldest += 1;
        }
        pushed
    }

    /// What this member's socket is to be given now; `None` where it has everything.
    pub fn next(&mut self, position: Position) -> Option<(Arc<[u8]>, usize)> {
        loop {
            let member = self.members.get(position.0 as usize)?;
            if let Some(tail) = self.tails.get(&member.connection) {
                return Some((Arc::clone(tail.tick.bytes(member.form)), tail.written as usize));
            }
            let tick = self.tick_for(member.connection, member.next)?;
            let bytes = tick.bytes(member.form);
            if !bytes.is_empty() {
                return Some((Arc::clone(bytes), member.written as usize));
            }
            self.wrote(position, 0);
        }
    }

    /// The socket took so many bytes of what [`Self::next`] showed last. Whether the member is between two frames now.
    pub fn wrote(&mut self, position: Position, bytes: usize) -> bool {
        let end = self.end();
        let Some(member) = self.members.get_mut(position.0 as usize) else { return true };
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        if let Some(tail) = self.tails.get_mut(&member.connection) {
            tail.written += bytes;
            let whole = tail.tick.bytes(member.form).len() <= tail.written as usize;
            if whole {
                self.account.delivered(&tail.tick, member.form.variant);
                self.tails.remove(&member.connection);
            }
            return whole;
        }
        let key = (member.connection, member.next);
        let index = usize::try_from(member.next - self.oldest).unwrap_or(usize::MAX);
        let Some(tick) = self.substitutes.get(&key).or(self.ticks.get(index).map(|entry| &entry.tick)) else {
            return true;
        };
        member.written += bytes;
        let whole = tick.bytes(member.form).len() <= member.written as usize;
        if whole {
            self.account.delivered(tick, member.form.variant);
            self.substitutes.remove(&key);
            member.next += 1;
            member.written = 0;
            if member.next == end {
                member.skips = 0;
            }
        }
        whole
    }

    /// Whether the member has got only a part of a frame.
    #[must_use]
    pub fn inside_a_frame(&self, position: Position) -> bool {
        let member = self.members.get(position.0 as usize);
        member.is_some_and(|member| member.written > 0 || self.tails.contains_key(&member.connection))
    }

    /// The members, in the order of their positions.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.members.iter().map(|member| member.connection)
    }

    /// The connection at a position.
    #[must_use]
    pub fn connection(&self, position: Position) -> Option<ConnectionId> {
        self.members.get(position.0 as usize).map(|member| member.connection)
    }

    fn end(&self) -> u64 {
        self.oldest + self.ticks.len() as u64
    }

    /// What this member gets as the tick of that number.
    fn tick_for(&self, connection: ConnectionId, number: u64) -> Option<&Arc<Tick>> {
        let own = self.substitutes.get(&(connection, number));
        let index = usize::try_from(number - self.oldest).ok()?;
        own.or_else(|| self.ticks.get(index).map(|entry| &entry.tick))
    }

    /// What this member would have got beside the tick of that number, and does not get any more.
    fn take_extra(&mut self, connection: ConnectionId, number: u64) -> Counts {
        let Some(own) = self.substitutes.remove(&(connection, number)) else { return Counts::default() };
        let index = usize::try_from(number - self.oldest).unwrap_or(usize::MAX);
        self.ticks.get(index).map_or_else(Counts::default, |entry| own.kept() - entry.tick.kept())
    }

    /// What a member whose next tick is this one has not got.
    fn ahead_of(&self, next: u64) -> Counts {
        let entry = usize::try_from(next - self.oldest).ok().and_then(|index| self.ticks.get(index));
        entry.map_or_else(Counts::default, |entry| self.head - entry.before)
    }

    fn oldest_to_keep(&self) -> u64 {
        let (mut ticks, mut messages, mut oldest) = (self.ticks.len(), self.messages, self.oldest);
        for entry in &self.ticks {
            if ticks <= 1 || ticks <= TICKS_MAX && messages <= MESSAGES_MAX {
                break;
            }
            ticks -= 1;
            messages -= entry.tick.messages.len();
            oldest += 1;
        }
        oldest
    }

    /// Everybody whose next tick is older than this goes on with the newest one.
    fn skip_to(&mut self, oldest: u64) -> Pushed {
        let newest = self.end() - 1;
        let mut pushed = Pushed::default();
        for index in 0..self.members.len() {
            let Some(mut member) = self.members.get(index).copied() else { break };
            if member.next >= oldest {
                continue;
            }
            let mut missed = self.ahead_of(member.next) - self.ahead_of(newest);
            let begun = self.tick_for(member.connection, member.next).filter(|_| member.written > 0).cloned();
            for number in member.next..newest {
                missed += self.take_extra(member.connection, number);
            }
            if let Some(tick) = begun {
                missed -= tick.kept();
                self.tails.insert(member.connection, Tail { tick, written: member.written });
            }
            self.account.dropped(Drop::Slow, missed);
            member.skips = member.skips.saturating_add(1);
            (member.next, member.written) = (newest, 0);
            if member.skips > SKIPS_MAX {
                pushed.cut.push(member.connection);
            }
            if let Some(slot) = self.members.get_mut(index) {
                *slot = member;
            }
        }
        pushed
    }
}

#[cfg(test)]
mod tests;
