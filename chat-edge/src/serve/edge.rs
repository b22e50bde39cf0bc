//! The rooms that this process holds, and their clock: what comes from the bus goes out in ticks.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use protocol::chat::{Event, RoomEvent, RoomKey};
use protocol::time::{Duration, Instant};

use super::comet::Shared;
use super::hub::Hub;
use super::inbox::{Inbox, Order};
use crate::room::{self, Room};

/// A comet whose letter box is full gets a room's tick this much later; meanwhile the room's quotas go on.
const LETTER_BOX_FULL: Duration = Duration::from_millis(10);
/// How long nobody asks what is due where nothing is.
const IDLE: Duration = Duration::from_secs(3_600);

/// The rooms.
#[derive(Debug)]
pub(super) struct Edge {
    config: room::Config,
    rooms: IndexMap<RoomKey, Held>,
    due: BTreeSet<(Instant, RoomKey)>,
}

#[derive(Debug)]
struct Held {
    room: Room,
    /// Comets with members in it.
    comets: Vec<usize>,
    /// The last message that went out, or that was past when the room was first held.
    last: Option<(u32, u64)>,
    deadline: Instant,
}

/// Moves parcels from the bus to the comets, for ever.
pub(super) async fn run(hub: Arc<Hub>, comets: Vec<Shared>) {
    let mut told = Vec::new();
    loop {
        let wait = hub.edge().wait(hub.clock.now());
        tokio::select! {
            parcel = hub.subscription.next() => {
                take(&hub, parcel);
                // Whatever came together goes out together.
                while let Some(parcel) = hub.subscription.try_next() {
                    take(&hub, parcel);
                }
            }
            () = tokio::time::sleep(wait.into()) => {}
        }
        hub.edge().poll(hub.clock.now(), |comet| hub.inbox(comet), &mut told);
        for comet in told.drain(..) {
            let (Some(inbox), Some(shared)) = (hub.inbox(comet), comets.get(comet)) else { continue };
            if !shared.try_do(inbox) {
                inbox.wake();
            }
        }
    }
}

fn take(hub: &Hub, parcel: Event) {
    match parcel {
        Event::Room(event) => hub.edge().publish(event),
        Event::Direct(direct) => hub.spread(direct),
    }
}

impl Edge {
    pub(super) fn new(config: room::Config) -> Self {
        Self { config, rooms: IndexMap::new(), due: BTreeSet::new() }
    }

    /// From now on every room is kept so.
    pub(super) fn reconfigure(&mut self, config: room::Config) {
        self.config = config;
        self.rooms.values_mut().for_each(|held| held.room.reconfigure(config));
    }

    /// A comet has its first member in the room; `past` is asked for the room's last messages.
    pub(super) fn hold(
        &mut self,
        comet: usize,
        key: &RoomKey,
        now: Instant,
        past: impl FnOnce() -> Vec<RoomEvent>,
    ) -> Vec<RoomEvent> {
        let mut past = past();
        if let Some(held) = self.rooms.get_mut(key) {
            // The rest of the past is still to go out, to this comet too.
            past.retain(|event| held.last.is_some_and(|last| (event.epoch, event.sequence) <= last));
            if !held.comets.contains(&comet) {
                held.comets.push(comet);
            }
        } else {
            let last = past.last().map(|event| (event.epoch, event.sequence));
            let room = Room::new(self.config, now);
            let held = Held { room, comets: vec![comet], last, deadline: Instant::NEVER };
            self.rooms.insert(key.clone(), held);
        }
        past
    }

    /// The comet's last member left; whether nobody holds the room any more.
    pub(super) fn release(&mut self, comet: usize, key: &RoomKey) -> bool {
        let Some(held) = self.rooms.get_mut(key) else { return false };
        held.comets.retain(|other| *other != comet);
        if !held.comets.is_empty() {
            return false;
        }
        self.due.remove(&(held.deadline, key.clone()));
        self.rooms.swap_remove(key);
        true
    }

    /// Messages of a room that have arrived and are still to go out.
    pub(super) fn waiting(&self, key: &RoomKey) -> Vec<RoomEvent> {
        self.rooms.get(key).map(|held| held.room.waiting().to_vec()).unwrap_or_default()
    }

    fn publish(&mut self, event: RoomEvent) {
        let Self { rooms, due, .. } = self;
        let Some(held) = rooms.get_mut(&event.room) else { return };
        if held.last.is_some_and(|(epoch, last)| epoch == event.epoch && event.sequence <= last) {
            return;
        }
        let key = event.room.clone();
        held.room.publish(event);
        held.schedule(key, held.room.deadline(), due);
    }

    fn wait(&self, now: Instant) -> Duration {
        self.due.first().map_or(IDLE, |(due, _)| due.since(now))
    }

    /// Puts the ticks that are due into the letter boxes of comets; `told` are those that have some now.
    fn poll<'a>(&mut self, now: Instant, inbox: impl Fn(usize) -> Option<&'a Inbox>, told: &mut Vec<usize>) {
        while let Some((_, key)) = self.due.first().filter(|(due, _)| *due <= now).cloned() {
            let Self { rooms, due, .. } = self;
            let Some(held) = rooms.get_mut(&key) else {
                due.pop_first();
                continue;
            };
            let inboxes = || held.comets.iter().filter_map(|comet| inbox(*comet));
            if !inboxes().all(Inbox::has_room) {
                held.schedule(key, now + LETTER_BOX_FULL, due);
                continue;
            }
            if let Some(tick) = held.room.poll_tick(now) {
                for inbox in inboxes() {
                    inbox.put(Order::Tick(key.clone(), Arc::clone(&tick)));
                }
                for comet in &held.comets {
                    if !told.contains(comet) {
                        told.push(*comet);
                    }
                }
                held.last = tick.messages.last().map(|event| (event.epoch, event.sequence)).or(held.last);
            }
            held.schedule(key, held.room.deadline(), due);
        }
    }
}

impl Held {
    fn schedule(&mut self, key: RoomKey, deadline: Instant, due: &mut BTreeSet<(Instant, RoomKey)>) {
        let old = (std::mem::replace(&mut self.deadline, deadline), key);
        due.remove(&old);
        if deadline != Instant::NEVER {
            due.insert((deadline, old.1));
        }
    }
}
