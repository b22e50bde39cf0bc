//! The bus inside one process.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::chat::{Event, RoomKey};
use tokio::sync::Notify;

/// The publisher's end; clones are the same bus.
#[derive(Clone, Debug, Default)]
pub struct Bus {
    state: Arc<Mutex<State>>,
}

/// A subscriber's queue is full: nobody got the parcel; try again, or tell whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an edge does not keep up with what is published")]
pub struct Full;

/// One edge's end. It gets direct parcels from the start, and those of the rooms that it holds.
#[derive(Debug)]
pub struct Subscription {
    bus: Bus,
    id: u64,
    arrived: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    subscribers: BTreeMap<u64, Subscriber>,
    subscribers_so_far: u64,
    /// Who holds a room; a room that nobody holds is not in here.
    interest: BTreeMap<RoomKey, Vec<u64>>,
}

#[derive(Debug)]
struct Subscriber {
    queue: VecDeque<Event>,
    parcels_max: usize,
    arrived: Arc<Notify>,
}

impl Bus {
    /// A bus inside this process.
    #[must_use]
    pub fn memory() -> Self {
        Self::default()
    }

    /// A new subscriber, for whom at most `parcels_max` wait.
    #[must_use]
    pub fn subscribe(&self, parcels_max: usize) -> Subscription {
        let arrived = Arc::new(Notify::new());
        let mut state = self.lock();
        let id = state.subscribers_so_far;
        state.subscribers_so_far += 1;
        let subscriber = Subscriber { queue: VecDeque::new(), parcels_max, arrived: Arc::clone(&arrived) };
        state.subscribers.insert(id, subscriber);
        drop(state);
        Subscription { bus: self.clone(), id, arrived }
    }

    /// Hands the parcel to everybody who wants it.
    ///
    /// # Errors
    /// Where somebody who wants it has no room; then nobody gets it.
    pub fn publish(&self, parcel: &Event) -> Result<(), Full> {
        let mut state = self.lock();
        let State { subscribers, interest, .. } = &mut *state;
        let wanting = match parcel {
            Event::Room(event) => interest.get(&event.room).cloned().unwrap_or_default(),
            Event::Direct(_) => subscribers.keys().copied().collect(),
        };
        let full = |id| subscribers.get(id).is_some_and(|to| to.queue.len() >= to.parcels_max);
        if wanting.iter().any(full) {
            return Err(Full);
        }
        for id in wanting {
            if let Some(to) = subscribers.get_mut(&id) {
                to.queue.push_back(parcel.clone());
                to.arrived.notify_one();
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscription {
    /// From now on this room's parcels too. Holding twice is holding once.
    pub fn hold(&self, room: RoomKey) {
        let mut state = self.bus.lock();
        let holders = state.interest.entry(room).or_default();
        if !holders.contains(&self.id) {
            holders.push(self.id);
        }
    }

    /// This room's parcels no longer; those that wait already still come.
    pub fn release(&self, room: &RoomKey) {
        self.bus.lock().release(self.id, room);
    }

    /// The next parcel.
    pub async fn next(&self) -> Event {
        loop {
            if let Some(parcel) = self.try_next() {
                return parcel;
            }
            self.arrived.notified().await;
        }
    }

    /// The next parcel, where one waits.
    #[must_use]
    pub fn try_next(&self) -> Option<Event> {
        self.bus.lock().subscribers.get_mut(&self.id)?.queue.pop_front()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut state = self.bus.lock();
        state.subscribers.remove(&self.id);
        let rooms: Vec<RoomKey> = state.interest.keys().cloned().collect();
        rooms.iter().for_each(|room| state.release(self.id, room));
    }
}

impl State {
    fn release(&mut self, id: u64, room: &RoomKey) {
        if let Some(holders) = self.interest.get_mut(room) {
            holders.retain(|holder| *holder != id);
            if holders.is_empty() {
                self.interest.remove(room);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::chat::{Class, Direct, Operation, RoomEvent, To};

    fn room(name: &str) -> RoomKey {
        RoomKey::parse(name).unwrap()
    }

    fn event(name: &str, sequence: u64) -> Event {
        Event::Room(RoomEvent {
            room: room(name),
            epoch: 1,
            sequence,
            class: Class::Chat,
            operation: Operation::MESSAGE,
            body: Arc::from(&b"{}"[..]),
        })
    }

    fn direct() -> Event {
        Event::Direct(Direct { to: To::Everybody, operation: Operation(1_000), body: Arc::from(&b"{}"[..]) })
    }

    fn waiting(subscription: &Subscription) -> Vec<Event> {
        std::iter::from_fn(|| subscription.try_next()).collect()
    }

    #[test]
    fn a_room_reaches_those_who_hold_it_in_order_and_direct_parcels_reach_everybody() {
        let bus = Bus::memory();
        let (here, there) = (bus.subscribe(8), bus.subscribe(8));
        here.hold(room("live://1"));
        here.hold(room("live://1"));
        there.hold(room("live://2"));
        let parcels = [event("live://1", 1), event("live://2", 1), direct(), event("live://1", 2)];
        parcels.iter().for_each(|parcel| bus.publish(parcel).unwrap());
        assert_eq!(waiting(&here), [event("live://1", 1), direct(), event("live://1", 2)]);
        assert_eq!(waiting(&there), [event("live://2", 1), direct()]);
    }

    #[test]
    fn a_released_room_and_a_dropped_subscriber_get_nothing_and_block_nobody() {
        let bus = Bus::memory();
        let (here, gone) = (bus.subscribe(1), bus.subscribe(0));
        here.hold(room("live://1"));
        gone.hold(room("live://1"));
        assert_eq!(bus.publish(&event("live://1", 1)), Err(Full));
        drop(gone);
        assert_eq!(bus.publish(&event("live://1", 1)), Ok(()));
        here.release(&room("live://1"));
        assert_eq!(bus.publish(&event("live://1", 2)), Ok(()));
        assert_eq!(waiting(&here), [event("live://1", 1)]);
    }

    #[test]
    fn at_the_limit_a_parcel_is_taken_and_one_past_it_nobody_gets_it() {
        let bus = Bus::memory();
        let (small, large) = (bus.subscribe(2), bus.subscribe(8));
        let outcomes = [(); 3].map(|()| bus.publish(&direct()));
        assert_eq!(outcomes, [Ok(()), Ok(()), Err(Full)]);
        assert_eq!((waiting(&small).len(), waiting(&large).len()), (2, 2));
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let bus = Bus::memory();
        let here = bus.subscribe(1);
        let (parcel, ()) = tokio::join!(here.next(), async { bus.publish(&direct()).unwrap() });
        assert_eq!(parcel, direct());
    }
}
