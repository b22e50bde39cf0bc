//! What is published gets its number here: one numbering for each room, in one place.
//!
//! A room's numbers begin with 1 in an epoch of their own; a room that is forgotten and comes back has a later epoch, so
//! nobody takes its new messages for old ones. The room also remembers its last messages, for edges that begin to hold it.
//! What the process before kept is put in place by [`Logic::restore`]: where all of it was kept, numbers go on.

use std::collections::VecDeque;

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
        let mut room = Room { numbering, past: VecDeque::new() };
        past.into_iter().for_each(|kept| room.remember(Arc::new(kept)));
        self.rooms.insert(key, room);
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
        let room = Room { numbering: Numbering { epoch: self.epoch, last: 0 }, past: VecDeque::new() };
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
