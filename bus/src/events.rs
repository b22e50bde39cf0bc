//! Events of rooms and direct parcels, as subjects of the bus.

use std::sync::Arc;

use protocol::chat::{Event, RoomKey};

use crate::carrier::{Bus, Carrier};
use crate::counts::add;
use crate::queue::Queue;
use crate::{Mailbox, Subject};

/// Above all rooms.
const ROOM: Subject = Subject::literal("room");
/// What every subscriber reads.
const DIRECT: Subject = Subject::literal("direct");

/// What an event is about, inside one process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    /// A room.
    Room(RoomKey),
    /// Every subscriber.
    Everybody,
}

impl Topic {
    pub(crate) fn of(event: &Event) -> Self {
        match event {
            Event::Room(event) => Self::Room(event.room.clone()),
            Event::Direct(_) => Self::Everybody,
        }
    }
}

/// The subject of an event between processes.
pub(crate) fn subject_of(event: &Event) -> Subject {
    match event {
        Event::Room(event) => room_subject(&event.room),
        Event::Direct(_) => DIRECT,
    }
}

/// The subject of a room's events.
pub(crate) fn room_subject(room: &RoomKey) -> Subject {
    // A room's name is short enough, so this is never the other.
    ROOM.under(room.as_str().as_bytes()).unwrap_or(ROOM)
}

/// One subscriber's end. It gets direct parcels from the start, and those of the rooms that it holds.
#[derive(Debug)]
pub struct Subscription(Kind);

#[derive(Debug)]
enum Kind {
    Memory { bus: Bus, name: u64, queue: Arc<Queue<Event>> },
    Nats(Mailbox),
}

impl Subscription {
    pub(crate) fn new(bus: &Bus, parcels_max: usize) -> Self {
        match bus.carrier() {
            Carrier::Memory(memory) => {
                let (name, queue) = (memory.events.name(), Arc::new(Queue::new(parcels_max)));
                memory.events.listen(name, &queue, Topic::Everybody);
                Self(Kind::Memory { bus: bus.clone(), name, queue })
            }
            Carrier::Nats(_) => {
                let mailbox = bus.open(parcels_max);
                mailbox.listen(&DIRECT);
                Self(Kind::Nats(mailbox))
            }
        }
    }

    /// From now on this room's parcels too. Holding twice is holding once.
    pub fn hold(&self, room: RoomKey) {
        match &self.0 {
            Kind::Memory { bus, name, queue } => {
                if let Carrier::Memory(memory) = bus.carrier() {
                    memory.events.listen(*name, queue, Topic::Room(room));
                }
            }
            Kind::Nats(mailbox) => mailbox.listen(&room_subject(&room)),
        }
    }

    /// This room's parcels no longer; those that wait already still come.
    pub fn release(&self, room: &RoomKey) {
        match &self.0 {
            Kind::Memory { bus, name, .. } => {
                if let Carrier::Memory(memory) = bus.carrier() {
                    memory.events.ignore(*name, &Topic::Room(room.clone()));
                }
            }
            Kind::Nats(mailbox) => mailbox.ignore(&room_subject(room)),
        }
    }

    /// The next parcel.
    pub async fn next(&self) -> Event {
        match &self.0 {
            Kind::Memory { queue, .. } => queue.next().await,
            Kind::Nats(mailbox) => loop {
                if let Some(event) = decode(mailbox, &mailbox.next().await.body) {
                    return event;
                }
            },
        }
    }

    /// The next parcel, where one waits.
    #[must_use]
    pub fn try_next(&self) -> Option<Event> {
        match &self.0 {
            Kind::Memory { queue, .. } => queue.try_next(),
            Kind::Nats(mailbox) => {
                let waiting = std::iter::from_fn(|| mailbox.try_next());
                waiting.filter_map(|letter| decode(mailbox, &letter.body)).next()
            }
        }
    }
}

/// Who else can reach our NATS might send anything.
fn decode(mailbox: &Mailbox, body: &[u8]) -> Option<Event> {
    let event = Event::decode(body).ok();
    if event.is_none() {
        add(&mailbox.bus().counters().malformed, 1);
    }
    event
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Kind::Memory { bus, name, .. } = &self.0
            && let Carrier::Memory(memory) = bus.carrier()
        {
            memory.events.forget(*name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::limits::CHAT_ROOM_BYTES_MAX;

    #[test]
    fn every_room_has_a_subject_of_its_own() {
        let longest = RoomKey::parse(&"x".repeat(CHAT_ROOM_BYTES_MAX)).unwrap();
        assert_ne!(room_subject(&longest), ROOM);
        assert_ne!(room_subject(&longest), DIRECT);
    }
}
