//! A store in memory, for tests and for those who keep nothing: gone with the process, and bounded while it lasts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use indexmap::IndexMap;
use protocol::chat::RoomKey;

use super::{AuditQuery, Entry, Kept, Loaded, MessageQuery, Numbering, PastQuery, Write};
use crate::moderation::{CommentId, Key, Moment, Record};

/// Messages that are remembered: the newest of all rooms.
const MESSAGES_MAX: usize = super::WINDOW_MESSAGES_MAX;
/// Decisions that are remembered: the newest.
const DECISIONS_MAX: usize = 100_000;

/// A message's epoch and number.
type Place = (u32, u64);

#[derive(Debug)]
pub(super) struct Memory {
    secret: Option<Vec<u8>>,
    records: BTreeMap<Key, Record>,
    rooms: IndexMap<RoomKey, Room>,
    /// Where the messages are, the oldest first; those of one moment in the order in which they came.
    order: BTreeMap<(Moment, u64), (RoomKey, Place)>,
    messages_so_far: u64,
    comments: BTreeMap<CommentId, (RoomKey, Place)>,
    audit: BTreeMap<u64, Entry>,
    clean: bool,
    messages_max: usize,
    decisions_max: usize,
}

#[derive(Debug)]
struct Room {
    numbering: Numbering,
    messages: BTreeMap<Place, Arc<Kept>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::with(MESSAGES_MAX, DECISIONS_MAX)
    }
}

impl Memory {
    fn with(messages_max: usize, decisions_max: usize) -> Self {
        Self {
            secret: None,
            records: BTreeMap::new(),
            rooms: IndexMap::new(),
            order: BTreeMap::new(),
            messages_so_far: 0,
            comments: BTreeMap::new(),
            audit: BTreeMap::new(),
            clean: false,
            messages_max,
            decisions_max,
        }
    }

    pub(super) fn load(&mut self, window_begin: Moment, messages_max: usize) -> Loaded {
        let newest = self.order.range((window_begin, 0)..).rev();
        let found = newest.filter_map(|(_, (room, place))| self.rooms.get(room)?.messages.get(place));
        let mut messages: Vec<Kept> =
            found.filter(|kept| !kept.recalled).take(messages_max).map(|kept| Kept::clone(kept)).collect();
        messages.sort_by(super::by_room_and_place);
        Loaded {
            records: self.records.values().cloned().collect(),
            rooms: self.rooms.iter().map(|(room, held)| (room.clone(), held.numbering)).collect(),
            messages,
            clean: std::mem::take(&mut self.clean),
        }
    }

    pub(super) fn secret(&mut self, fresh: Vec<u8>) -> Vec<u8> {
        self.secret.get_or_insert(fresh).clone()
    }

    pub(super) const fn close(&mut self) {
        self.clean = true;
    }

    pub(super) fn commit<'a>(&mut self, writes: impl IntoIterator<Item = &'a Write>) {
        for write in writes {
            match write {
                Write::Message(kept) => self.add(kept),
                Write::Put(record) => drop(self.records.insert(record.key(), record.clone())),
                Write::Remove(key) => drop(self.records.remove(key)),
                Write::Recalled(comment) => self.recall(*comment),
                Write::Audit(entry) => {
                    self.audit.entry(entry.id).or_insert_with(|| entry.clone());
                }
            }
        }
        while self.order.len() > self.messages_max {
            self.forget_oldest();
        }
        while self.audit.len() > self.decisions_max {
            self.audit.pop_first();
        }
    }

    fn add(&mut self, kept: &Arc<Kept>) {
        let event = &kept.event;
        let place = (event.epoch, event.sequence);
        let numbering = Numbering { epoch: event.epoch, last: event.sequence };
        let room = match self.rooms.get_mut(&event.room) {
            Some(room) => room,
            None => {
                let room = Room { numbering, messages: BTreeMap::new() };
                self.rooms.entry(event.room.clone()).or_insert(room)
            }
        };
        if (room.numbering.epoch, room.numbering.last) < place {
            room.numbering = numbering;
        }
        if room.messages.contains_key(&place) {
            return;
        }
        room.messages.insert(place, Arc::clone(kept));
        self.messages_so_far += 1;
        self.order.insert((kept.at, self.messages_so_far), (event.room.clone(), place));
        if let Some(comment) = kept.comment {
            self.comments.insert(comment, (event.room.clone(), place));
        }
    }

    fn recall(&mut self, comment: CommentId) {
        let Some((room, place)) = self.comments.get(&comment) else { return };
        let kept = self.rooms.get_mut(room).and_then(|room| room.messages.get_mut(place));
        if let Some(kept) = kept {
            Arc::make_mut(kept).recalled = true;
        }
    }

    pub(super) fn record(&self, key: &Key) -> Option<Record> {
        self.records.get(key).cloned()
    }

    pub(super) fn messages(&self, asked: &MessageQuery) -> Vec<Kept> {
        let after = Bound::Excluded((asked.after.epoch, asked.after.last));
        let found = self.of(&asked.room, (after, Bound::Unbounded));
        let wanted = |kept: &&Arc<Kept>| !kept.recalled && asked.from <= kept.at && kept.at < asked.until;
        found.filter(wanted).take(asked.limit).map(|kept| Kept::clone(kept)).collect()
    }

    pub(super) fn numbering(&self, room: &RoomKey) -> Option<Numbering> {
        self.rooms.get(room).map(|room| room.numbering)
    }

    pub(super) fn past(&self, room: &RoomKey, asked: &PastQuery, limit: usize) -> Vec<Kept> {
        let mut found: Vec<Kept> = match asked {
            PastQuery::Page { after, before } => {
                let (after, before) = ((after.epoch, after.last), (before.epoch, before.last));
                // A range that ends before it begins has nothing in it.
                let ends = (Bound::Excluded(after), Bound::Excluded(before.max((after.0, after.1 + 1))));
                self.of(room, ends).rev().take(limit).map(|kept| Kept::clone(kept)).collect()
            }
            PastQuery::Span { from, until } => {
                let everything = (Bound::Unbounded, Bound::Unbounded);
                let inside = |kept: &&Arc<Kept>| *from <= kept.at && kept.at < *until;
                self.of(room, everything).filter(inside).map(|kept| Kept::clone(kept)).collect()
            }
        };
        match asked {
            PastQuery::Page { .. } => found.reverse(),
            PastQuery::Span { .. } => {
                found.sort_by_key(|kept| (kept.at, kept.event.epoch, kept.event.sequence));
                found.truncate(limit);
            }
        }
        found
    }

    pub(super) fn comment(&self, id: CommentId) -> Option<Kept> {
        let (room, place) = self.comments.get(&id)?;
        self.rooms.get(room)?.messages.get(place).map(|kept| Kept::clone(kept))
    }

    pub(super) fn audit(&self, asked: &AuditQuery) -> Vec<Entry> {
        let before = self.audit.range(..asked.before).rev().map(|(_, entry)| entry);
        let wanted = |entry: &&Entry| asked.room.is_none() || entry.room == asked.room;
        before.filter(wanted).take(asked.limit).cloned().collect()
    }

    pub(super) fn changed_since(&self, id: u64) -> Vec<(Key, Option<Record>)> {
        let changed: BTreeSet<&Key> =
            self.audit.range(id..).filter_map(|(_, entry)| entry.changed.as_ref()).collect();
        changed.into_iter().map(|key| (key.clone(), self.record(key))).collect()
    }

    pub(super) fn forget_before(&mut self, moment: Moment) {
        while self.order.first_key_value().is_some_and(|((at, _), _)| *at < moment) {
            self.forget_oldest();
        }
    }

    /// A room of which nothing is left is forgotten with it.
    fn forget_oldest(&mut self) {
        let Some((_, (key, place))) = self.order.pop_first() else { return };
        let Some(room) = self.rooms.get_mut(&key) else { return };
        if let Some(comment) = room.messages.remove(&place).and_then(|kept| kept.comment) {
            self.comments.remove(&comment);
        }
        if room.messages.is_empty() {
            self.rooms.swap_remove(&key);
        }
    }

    fn of(
        &self,
        room: &RoomKey,
        places: (Bound<Place>, Bound<Place>),
    ) -> impl DoubleEndedIterator<Item = &Arc<Kept>> {
        let room = self.rooms.get(room).into_iter();
        room.flat_map(move |room| room.messages.range(places)).map(|(_, kept)| kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moderation::{Role, UserId};
    use protocol::chat::{Class, Operation, RoomEvent};

    fn message(room: &str, sequence: u64) -> Write {
        let room = RoomKey::parse(room).unwrap();
        let (class, operation, body) = (Class::Chat, Operation::MESSAGE, Arc::from(&b"{}"[..]));
        let event = RoomEvent { room, epoch: 1, sequence, class, operation, body };
        let comment = Some(CommentId(sequence));
        let kept = Kept { event, at: Moment(sequence), comment, author: UserId(1), recalled: false };
        Write::Message(Arc::new(kept))
    }

    fn decision(id: u64) -> Write {
        let (at, room, actor, role) = (Moment(id), None, UserId(1), Role::Operator);
        let (action, subject, detail) = ("mute".into(), "7".into(), "{}".into());
        Write::Audit(Entry { id, at, room, actor, role, action, subject, detail, changed: None })
    }

    #[test]
    fn at_the_limit_everything_is_there_and_one_past_it_the_oldest_is_gone_with_its_room() {
        let mut memory = Memory::with(3, 2);
        memory.commit(&[message("a", 1), message("b", 2), message("b", 3), decision(1), decision(2)]);
        assert_eq!((memory.load(Moment(0), 9).messages.len(), memory.audit.len()), (3, 2));
        memory.commit(&[message("b", 4), decision(3)]);
        let rooms: Vec<RoomKey> = memory.load(Moment(0), 9).rooms.into_keys().collect();
        assert_eq!(rooms, [RoomKey::parse("b").unwrap()]);
        assert_eq!((memory.comment(CommentId(1)), memory.comments.len()), (None, 3));
        assert_eq!(memory.audit.keys().copied().collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn a_page_that_ends_before_it_begins_is_empty() {
        let mut memory = Memory::default();
        memory.commit(&[message("a", 1), message("a", 2), message("a", 3)]);
        let place = |last| Numbering { epoch: 1, last };
        for (after, before, wanted) in [(0, 9, 3), (1, 3, 1), (2, 3, 0), (2, 2, 0), (3, 1, 0)] {
            let asked = PastQuery::Page { after: place(after), before: place(before) };
            let found = memory.past(&RoomKey::parse("a").unwrap(), &asked, 9);
            assert_eq!(found.len(), wanted, "{after} to {before}");
        }
    }
}
