//! What is published gets its number here: one numbering for each room, in one place.
//!
//! A room's numbers begin with 1 in an epoch of their own; a room that is forgotten and comes back has another epoch, so
//! nobody takes its new messages for old ones. The room also remembers its last messages, for edges that begin to hold it.

use std::collections::VecDeque;

use indexmap::IndexMap;
use protocol::chat::{Class, Operation, RoomEvent, RoomKey};
use std::sync::Arc;

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

/// The numberings of all rooms.
#[derive(Debug)]
pub struct Logic {
    rooms: IndexMap<RoomKey, Room>,
    rooms_max: usize,
    epoch: u32,
}

#[derive(Debug)]
struct Room {
    epoch: u32,
    last: u64,
    past: VecDeque<RoomEvent>,
}

impl Logic {
    /// No room yet. `epoch` is where the epochs of this process begin: it differs from run to run.
    #[must_use]
    pub fn new(epoch: u32, rooms_max: usize) -> Self {
        Self { rooms: IndexMap::new(), rooms_max, epoch }
    }

    /// Gives the draft the next number of its room. `carry` takes it on; where that fails, the number was never given.
    ///
    /// # Errors
    /// What `carry` says.
    pub fn publish<E>(
        &mut self,
        draft: Draft,
        carry: impl FnOnce(&RoomEvent) -> Result<(), E>,
    ) -> Result<(), E> {
        let room = self.room(&draft.room);
        let Draft { room: key, class, operation, body } = draft;
        let sequence = room.last + 1;
        let event = RoomEvent { room: key, epoch: room.epoch, sequence, class, operation, body };
        carry(&event)?;
        room.last = sequence;
        if room.past.len() == PAST_MAX {
            room.past.pop_front();
        }
        room.past.push_back(event);
        Ok(())
    }

    /// The last messages of a room.
    #[must_use]
    pub fn past(&self, room: &RoomKey) -> Vec<RoomEvent> {
        self.rooms.get(room).map(|room| room.past.iter().cloned().collect()).unwrap_or_default()
    }

    fn room(&mut self, key: &RoomKey) -> &mut Room {
        let index = match self.rooms.get_index_of(key) {
            Some(index) => index,
            None => self.add(key),
        };
        &mut self.rooms[index]
    }

    /// Adds a room, in the place of one of those there where they are too many: that one starts again in another epoch.
    fn add(&mut self, key: &RoomKey) -> usize {
        if self.rooms.len() >= self.rooms_max {
            self.rooms.swap_remove_index(0);
        }
        self.epoch = self.epoch.wrapping_add(1);
        let room = Room { epoch: self.epoch, last: 0, past: VecDeque::new() };
        self.rooms.insert_full(key.clone(), room).0
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
        let carry = |event: &RoomEvent| {
            number = carried.then_some((event.epoch, event.sequence));
            if carried { Ok(()) } else { Err(()) }
        };
        let _ = logic.publish(draft(room), carry);
        number
    }

    #[test]
    fn each_room_counts_by_itself_and_a_number_that_was_not_carried_is_given_again() {
        let mut logic = Logic::new(7, 10);
        let rows = [
            ("a", true, Some((8, 1))),
            ("a", true, Some((8, 2))),
            ("b", true, Some((9, 1))),
            ("a", false, None),
            ("a", true, Some((8, 3))),
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
        assert_eq!(publish(&mut logic, "a", true), Some((1, 1)));
        assert_eq!(publish(&mut logic, "b", true), Some((2, 1)));
        assert_eq!(publish(&mut logic, "a", true), Some((1, 2)));
        assert_eq!(publish(&mut logic, "c", true), Some((3, 1)));
        assert_eq!(publish(&mut logic, "a", true), Some((4, 1)));
    }

    #[test]
    fn a_room_remembers_its_last_messages() {
        let mut logic = Logic::new(0, 1);
        (0..=PAST_MAX).for_each(|_| assert!(publish(&mut logic, "a", true).is_some()));
        let past = logic.past(&RoomKey::parse("a").unwrap());
        assert_eq!((past.len(), past[0].sequence), (PAST_MAX, 2));
    }
}
