//! What is published gets its number here: one numbering for each room, in one place.
//!
//! A room's numbers begin with 1 in an epoch of their own; a room that is forgotten and comes back has a later epoch, so
//! nobody takes its new messages for old ones. The room also remembers its last messages, for edges that begin to hold it.
//! What the process before kept is put in place by [`Logic::restore`]: where all of it was kept, numbers go on.
//!
//! Where several processes number, each room has one home, and homes change. A room that comes here is adopted
//! ([`Logic::adopt`]) with what others know of its past, and its numbers begin again in an epoch later than any that they
//! know: what its last home numbered last, nobody may have seen. A room that goes elsewhere is let go
//! ([`Logic::let_go`]): its past stays for whoever asks, and it is not numbered here until it is adopted again.

use std::collections::{BTreeMap, VecDeque};

use indexmap::IndexMap;
use protocol::chat::{Class, Operation, RoomEvent, RoomKey};
use std::sync::Arc;

use crate::comment;
use crate::moderation::{CommentId, Moment, UserId};

/// Rooms that are numbered at once: 50,000 with their past are about 300 MB.
pub const ROOMS_MAX: usize = 50_000;
/// Messages that a room remembers.
pub const PAST_MAX: usize = crate::ring::PAST_MAX;

/// What somebody publishes to a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The room.
    pub room: RoomKey,
    /// How much it matters.
    pub class: Class,
    /// The operation that GOIM clients see.
    pub operation: Operation,
    /// The body.
    pub body: Arc<[u8]>,
}

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The message.
    pub event: RoomEvent,
    /// When it was numbered.
    pub at: Moment,
    /// Its name, where it is a comment of ours.
    pub comment: Option<CommentId>,
    /// Who said it.
    pub author: UserId,
    /// It was taken back.
    pub recalled: bool,
}

/// A room's numbering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbering {
    /// The life of the numbering.
    pub epoch: u32,
    /// The last number that is known to be given.
    pub last: u64,
}

/// The numberings of all rooms.
#[derive(Debug)]
pub struct Logic {
    rooms: IndexMap<RoomKey, Room>,
    rooms_max: usize,
    /// Of rooms that are new: later than those of all that were forgotten.
    epoch: u32,
}

#[derive(Debug)]
struct Room {
    numbering: Numbering,
    past: VecDeque<Arc<Kept>>,
    /// It is numbered here.
    ours: bool,
}

impl Logic {
    /// No room yet. `epoch` is that of new rooms: later than any that a process before had.
    #[must_use]
    pub fn new(epoch: u32, rooms_max: usize) -> Self {
        Self { rooms: IndexMap::new(), rooms_max, epoch }
    }

    /// A room of the process before, with the last messages that are kept, in its order. Where some may be missing its
    /// numbers begin again, in a later epoch.
    pub fn restore(
        &mut self,
        key: RoomKey,
        kept: Numbering,
        whole: bool,
        past: impl IntoIterator<Item = Kept>,
    ) {
        if self.rooms.len() >= self.rooms_max {
            return;
        }
        let epoch = self.epoch.max(kept.epoch.saturating_add(1));
        let numbering = if whole { kept } else { Numbering { epoch, last: 0 } };
        let mut room = Room { numbering, past: VecDeque::new(), ours: true };
        past.into_iter().for_each(|kept| room.remember(Arc::new(kept)));
        self.rooms.insert(key, room);
    }

    /// Whether the room is numbered here, and everything that was to be known of it is.
    #[must_use]
    pub fn is_ours(&self, room: &RoomKey) -> bool {
        self.rooms.get(room).is_some_and(|room| room.ours)
    }

    /// The room is numbered here from now on, after what others know of it: the numbering that one of them has seen, and
    /// messages in any order, some of them twice. With neither it is a new room.
    pub fn adopt(&mut self, key: &RoomKey, seen: Option<Numbering>, past: impl IntoIterator<Item = Kept>) {
        let known = self.rooms.get(key).map(|room| room.numbering);
        let mut messages: BTreeMap<(u32, u64), Arc<Kept>> = BTreeMap::new();
        let own: Vec<Arc<Kept>> = self.kept(key).cloned().collect();
        for kept in own.into_iter().chain(past.into_iter().map(Arc::new)) {
            messages.entry((kept.event.epoch, kept.event.sequence)).or_insert(kept);
        }
        let last = messages.last_key_value().map(|((epoch, _), _)| *epoch);
        let epochs = [known.map(|known| known.epoch), seen.map(|seen| seen.epoch), last];
        let epoch = epochs.into_iter().flatten().max().map_or(0, |epoch| epoch.saturating_add(1));
        let epoch = epoch.max(self.epoch);
        let room = self.room(key);
        room.numbering = Numbering { epoch, last: 0 };
        room.ours = true;
        room.past.clear();
        let oldest = messages.len().saturating_sub(PAST_MAX);
        messages.into_values().skip(oldest).for_each(|kept| room.remember(kept));
    }

    /// Rooms that are numbered elsewhere now: which of them were numbered here until now, and in which epoch.
    pub fn let_go(&mut self, elsewhere: impl Fn(&RoomKey) -> bool) -> Vec<(RoomKey, u32)> {
        let gone = self.rooms.iter_mut().filter(|(key, room)| room.ours && elsewhere(key));
        gone.map(|(key, room)| {
            room.ours = false;
            (key.clone(), room.numbering.epoch)
        })
        .collect()
    }

    /// Another node numbered the room until now, in this epoch. Unless that is in what was adopted, it is asked again.
    pub fn on_handed(&mut self, key: &RoomKey, epoch: u32) {
        let Some(room) = self.rooms.get_mut(key) else { return };
        let known = || room.past.iter().any(|kept| kept.event.epoch == epoch);
        if room.numbering.epoch <= epoch || !known() {
            room.numbering.epoch = room.numbering.epoch.max(epoch);
            room.ours = false;
        }
    }

    /// Gives the draft the next number of its room. `carry` takes it on; where that fails, the number was never given.
    ///
    /// # Errors
    /// What `carry` says.
    pub fn publish<E>(
        &mut self,
        draft: Draft,
        at: Moment,
        carry: impl FnOnce(&Arc<Kept>) -> Result<(), E>,
    ) -> Result<(), E> {
        let room = self.room(&draft.room);
        let Draft { room: key, class, operation, body } = draft;
        let Numbering { epoch, last } = room.numbering;
        let sequence = last + 1;
        let event = RoomEvent { room: key, epoch, sequence, class, operation, body };
        let (comment, author) = comment::named(&event.body);
        let kept = Arc::new(Kept { event, at, comment, author, recalled: false });
        carry(&kept)?;
        room.numbering.last = sequence;
        room.remember(kept);
        Ok(())
    }

    /// The last messages of a room.
    #[must_use]
    pub fn past(&self, room: &RoomKey) -> Vec<RoomEvent> {
        self.kept(room).map(|kept| kept.event.clone()).collect()
    }

    /// The last messages of a room, with what is known of them.
    pub fn kept(&self, room: &RoomKey) -> impl Iterator<Item = &Arc<Kept>> {
        self.rooms.get(room).into_iter().flat_map(|room| &room.past)
    }

    /// A comment was taken back: nobody who comes gets it.
    pub fn forget(&mut self, room: &RoomKey, comment: CommentId) {
        if let Some(room) = self.rooms.get_mut(room) {
            room.past.retain(|kept| kept.comment != Some(comment));
        }
    }

    fn room(&mut self, key: &RoomKey) -> &mut Room {
        let index = match self.rooms.get_index_of(key) {
            Some(index) => index,
            None => self.add(key),
        };
        &mut self.rooms[index]
    }

    /// Adds a room, in the place of one of those there where they are too many: that one starts again in a later epoch.
    fn add(&mut self, key: &RoomKey) -> usize {
        if self.rooms.len() >= self.rooms_max
            && let Some((_, gone)) = self.rooms.swap_remove_index(0)
        {
            self.epoch = self.epoch.max(gone.numbering.epoch).saturating_add(1);
        }
        let numbering = Numbering { epoch: self.epoch, last: 0 };
        let room = Room { numbering, past: VecDeque::new(), ours: true };
        self.rooms.insert_full(key.clone(), room).0
    }
}

impl Room {
    fn remember(&mut self, kept: Arc<Kept>) {
        if self.past.len() == PAST_MAX {
            self.past.pop_front();
        }
        self.past.push_back(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(room: &str) -> Draft {
        Draft {
            room: RoomKey::parse(room).unwrap(),
            class: Class::Chat,
            operation: Operation::MESSAGE,
            body: Arc::from(&b"{}"[..]),
        }
    }

    fn publish(logic: &mut Logic, room: &str, carried: bool) -> Option<(u32, u64)> {
        let mut number = None;
        let carry = |kept: &Arc<Kept>| {
            number = carried.then_some((kept.event.epoch, kept.event.sequence));
            if carried { Ok(()) } else { Err(()) }
        };
        let _ = logic.publish(draft(room), Moment(0), carry);
        number
    }

    #[test]
    fn each_room_counts_by_itself_and_a_number_that_was_not_carried_is_given_again() {
        let mut logic = Logic::new(7, 10);
        let rows = [
            ("a", true, Some((7, 1))),
            ("a", true, Some((7, 2))),
            ("b", true, Some((7, 1))),
            ("a", false, None),
            ("a", true, Some((7, 3))),
        ];
        for (room, carried, number) in rows {
            assert_eq!(publish(&mut logic, room, carried), number);
        }
        let past = logic.past(&RoomKey::parse("a").unwrap());
        assert_eq!(past.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn at_the_limit_rooms_are_kept_and_one_past_it_a_room_starts_again_in_another_epoch() {
        let mut logic = Logic::new(0, 2);
        assert_eq!(publish(&mut logic, "a", true), Some((0, 1)));
        assert_eq!(publish(&mut logic, "b", true), Some((0, 1)));
        assert_eq!(publish(&mut logic, "a", true), Some((0, 2)));
        assert_eq!(publish(&mut logic, "c", true), Some((1, 1)));
        assert_eq!(publish(&mut logic, "a", true), Some((2, 1)));
    }

    #[test]
    fn a_room_remembers_its_last_messages() {
        let mut logic = Logic::new(0, 1);
        (0..=PAST_MAX).for_each(|_| assert!(publish(&mut logic, "a", true).is_some()));
        let past = logic.past(&RoomKey::parse("a").unwrap());
        assert_eq!((past.len(), past[0].sequence), (PAST_MAX, 2));
    }

    fn kept(room: &str, epoch: u32, sequence: u64) -> Kept {
        let Draft { room, class, operation, body } = draft(room);
        let event = RoomEvent { room, epoch, sequence, class, operation, body };
        Kept { event, at: Moment(0), comment: None, author: UserId(0), recalled: false }
    }

    #[test]
    fn an_adopted_room_has_the_past_that_others_know_and_an_epoch_later_than_any_of_theirs() {
        let seen = |epoch| Some(Numbering { epoch, last: 9 });
        let rows = [
            (None, vec![], (5, 1), vec![]),
            (seen(7), vec![], (8, 1), vec![]),
            (seen(2), vec![], (5, 1), vec![]),
            (None, vec![(7, 2), (6, 9), (7, 1), (7, 2)], (8, 1), vec![(6, 9), (7, 1), (7, 2)]),
            (seen(9), vec![(7, 2)], (10, 1), vec![(7, 2)]),
        ];
        for (seen, past, number, wanted) in rows {
            let mut logic = Logic::new(5, 10);
            let key = RoomKey::parse("a").unwrap();
            assert!(!logic.is_ours(&key));
            logic.adopt(&key, seen, past.into_iter().map(|(epoch, sequence)| kept("a", epoch, sequence)));
            assert!(logic.is_ours(&key));
            let found: Vec<(u32, u64)> =
                logic.past(&key).iter().map(|event| (event.epoch, event.sequence)).collect();
            assert_eq!(found, wanted);
            assert_eq!(publish(&mut logic, "a", true), Some(number));
        }
    }

    #[test]
    fn a_room_that_was_let_go_keeps_its_past_and_comes_back_in_a_later_epoch() {
        let mut logic = Logic::new(5, 10);
        let keys = ["a", "b"].map(|name| RoomKey::parse(name).unwrap());
        for room in ["a", "a", "b"] {
            publish(&mut logic, room, true);
        }
        assert_eq!(logic.let_go(|room| *room == keys[0]), [(keys[0].clone(), 5)]);
        assert_eq!(logic.let_go(|room| *room == keys[0]), []);
        assert_eq!(keys.each_ref().map(|key| logic.is_ours(key)), [false, true]);
        assert_eq!(logic.past(&keys[0]).len(), 2);
        logic.adopt(&keys[0], None, [kept("a", 6, 1)]);
        assert_eq!(publish(&mut logic, "a", true), Some((7, 1)));
        assert_eq!(logic.past(&keys[0]).len(), 4);
        // Another one had it in the meantime, while this one was not heard of.
        logic.on_handed(&keys[0], 6);
        assert!(logic.is_ours(&keys[0]));
        logic.on_handed(&keys[0], 9);
        assert!(!logic.is_ours(&keys[0]));
        logic.adopt(&keys[0], None, []);
        assert_eq!(publish(&mut logic, "a", true), Some((10, 1)));
        let many = (1..=2 * PAST_MAX as u64).map(|sequence| kept("b", 5, sequence));
        logic.adopt(&keys[1], None, many);
        let past = logic.past(&keys[1]);
        assert_eq!((past.len(), past[0].sequence), (PAST_MAX, PAST_MAX as u64 + 1));
    }

    #[test]
    fn a_room_goes_on_where_all_was_kept_and_begins_a_later_epoch_where_not() {
        let rows = [(true, 9, (3, 8)), (false, 9, (9, 1)), (false, 2, (4, 1))];
        for (whole, epoch, wanted) in rows {
            let mut logic = Logic::new(epoch, 10);
            let key = RoomKey::parse("a").unwrap();
            let event = RoomEvent {
                room: key.clone(),
                epoch: 3,
                sequence: 7,
                class: Class::Chat,
                operation: Operation::MESSAGE,
                body: Arc::from(&b"{}"[..]),
            };
            let comment = Some(CommentId(5));
            let kept = Kept { event, at: Moment(0), comment, author: UserId(1), recalled: false };
            logic.restore(key.clone(), Numbering { epoch: 3, last: 7 }, whole, [kept]);
            assert_eq!(publish(&mut logic, "a", true), Some(wanted));
            assert_eq!(logic.past(&key).len(), 2);
            logic.forget(&key, CommentId(5));
            assert_eq!(logic.past(&key).len(), 1);
        }
    }
}
