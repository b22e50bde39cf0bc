//! A room begins to be numbered here: after what the store, the edges that hold it, and the node that had it before know
//! of its past. Until that is known its messages wait, and are then numbered in the order in which they came.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bus::Full;
use protocol::chat::node::Letter;
use protocol::chat::{RoomEvent, RoomKey};
use tokio::sync::oneshot;

use super::desk::now;
use super::hub::Hub;
use crate::comment;
use crate::logic::{Draft, Kept, Numbering, PAST_MAX};
use crate::store::PastQuery;
use crate::store::keeper::{Done, Unavailable};

/// Messages of all rooms that wait until their room's past is known.
const DRAFTS_MAX: usize = 4_096;
/// Nodes that are asked for one room: those that hold it, a few of which are enough, because each has what it was sent.
const ASKED_MAX: usize = 8;
/// How long they have for their answers.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long the store has.
const STORE_PATIENCE: Duration = Duration::from_secs(2);

/// Rooms whose past is being asked for.
#[derive(Debug, Default)]
pub(super) struct Adopting {
    rooms: BTreeMap<RoomKey, Waiting>,
    drafts: usize,
}

#[derive(Default)]
struct Waiting {
    drafts: Vec<(Draft, Option<Done>)>,
    /// Who wants to know when the past is there.
    told: Vec<oneshot::Sender<()>>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("drafts", &self.drafts.len()).finish_non_exhaustive()
    }
}

impl Adopting {
    /// The room's past is being asked for.
    pub(super) fn is_underway(&self, room: &RoomKey) -> bool {
        self.rooms.contains_key(room)
    }

    /// A message waits; whether it is the first that does, so that somebody must ask.
    pub(super) fn wait(&mut self, draft: Draft, done: &mut Option<Done>) -> Result<bool, Full> {
        if self.drafts >= DRAFTS_MAX {
            return Err(Full);
        }
        self.drafts += 1;
        let first = !self.is_underway(&draft.room);
        self.rooms.entry(draft.room.clone()).or_default().drafts.push((draft, done.take()));
        Ok(first)
    }

    /// Somebody waits for the past; whether it is the first.
    pub(super) fn watch(&mut self, room: &RoomKey) -> (bool, oneshot::Receiver<()>) {
        let (tell, told) = oneshot::channel();
        let first = !self.is_underway(room);
        self.rooms.entry(room.clone()).or_default().told.push(tell);
        (first, told)
    }

    fn take(&mut self, room: &RoomKey) -> Waiting {
        let waiting = self.rooms.remove(room).unwrap_or_default();
        self.drafts -= waiting.drafts.len();
        waiting
    }
}

/// Asks everybody who may know something of the room, and numbers what waited.
pub(super) async fn run(hub: Arc<Hub>, room: RoomKey) {
    let (seen, past) = gather(&hub, &room).await;
    let mut failed = Vec::new();
    let told = hub.adopting(|adopting| {
        let Waiting { drafts, told } = adopting.take(&room);
        hub.logic(|logic| logic.adopt(&room, seen, past));
        // Under the lock, so that no later message comes before these.
        for (draft, mut done) in drafts {
            if hub.give_number(draft, &mut done).is_err() {
                hub.counters.drafts_refused.add(1);
                failed.extend(done);
            }
        }
        told
    });
    failed.into_iter().for_each(|done| done(Err(Unavailable)));
    for tell in told {
        // Who has gone meanwhile waits no more.
        let _ = tell.send(());
    }
}

async fn gather(hub: &Arc<Hub>, room: &RoomKey) -> (Option<Numbering>, Vec<Kept>) {
    // All are asked before the first answer is waited for.
    let mut nodes: Vec<String> =
        hub.peers.router(|router| router.edges_of(room).take(ASKED_MAX).map(str::to_owned).collect());
    nodes.extend(hub.peers.home_before(room).filter(|home| !nodes.contains(home)));
    let asked: Vec<_> = nodes.iter().filter_map(|node| hub.peers.ask_node(node, room)).collect();
    let stored = async {
        if !hub.desk.is_shared() {
            return (None, Vec::new());
        }
        let found = tokio::time::timeout(STORE_PATIENCE, stored(hub, room.clone())).await;
        found.unwrap_or_else(|_| {
            tracing::warn!(room = room.as_str(), "the store is slow; a room goes on with what edges know");
            (None, Vec::new())
        })
    };
    let mut events = of_node(hub, room).await;
    let others = async {
        let mut events = Vec::new();
        let all = async {
            for answer in asked {
                if let Ok(answer) = answer.answer(PATIENCE).await
                    && let Ok(Letter::Past(of, past)) = Letter::decode(&answer)
                    && of == *room
                {
                    events.extend(past);
                }
            }
        };
        let late = tokio::time::timeout(PATIENCE, all).await.is_err();
        if late {
            hub.counters.pasts_unanswered.add(1);
        }
        events
    };
    let ((seen, mut past), others) = tokio::join!(stored, others);
    events.extend(others);
    past.extend(events.into_iter().map(kept));
    (seen, past)
}

/// A message that somebody else kept.
fn kept(event: RoomEvent) -> Kept {
    let (comment, author) = comment::named(&event.body);
    Kept { event, at: now(), comment, author, recalled: false }
}

async fn stored(hub: &Hub, room: RoomKey) -> (Option<Numbering>, Vec<Kept>) {
    let newest = PastQuery::Page {
        after: Numbering { epoch: 0, last: 0 },
        before: Numbering { epoch: u32::MAX, last: u64::MAX },
    };
    let found =
        hub.desk.ask(move |store| Ok((store.numbering(&room)?, store.past(&room, &newest, PAST_MAX)?)));
    let (seen, mut past) = found.await.unwrap_or_default();
    past.retain(|kept| !kept.recalled);
    (seen, past)
}

/// What this node knows of a room's past: what it numbered, what its viewers were sent, what is about to be.
pub(super) async fn of_node(hub: &Arc<Hub>, room: &RoomKey) -> Vec<RoomEvent> {
    let mut known: BTreeMap<(u32, u64), RoomEvent> = BTreeMap::new();
    let mut learn = |events: Vec<RoomEvent>| {
        known.extend(events.into_iter().map(|event| ((event.epoch, event.sequence), event)));
    };
    // In the order in which messages move on, so that none is missed between two places.
    learn(hub.past(room));
    learn(hub.edge().waiting(room));
    for told in hub.ask_comets(room) {
        if let Ok(Ok(events)) = tokio::time::timeout(PATIENCE, told).await {
            learn(events);
        }
    }
    known.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::chat::{Class, Operation};

    #[test]
    fn drafts_wait_up_to_a_maximum_and_one_asks_for_all() {
        let mut adopting = Adopting::default();
        let rooms = ["a", "b"].map(|name| RoomKey::parse(name).unwrap());
        let draft = |room: &RoomKey| Draft {
            room: room.clone(),
            class: Class::Chat,
            operation: Operation::MESSAGE,
            body: Arc::from(&b"{}"[..]),
        };
        assert_eq!(adopting.wait(draft(&rooms[0]), &mut None), Ok(true));
        assert_eq!(adopting.wait(draft(&rooms[0]), &mut None), Ok(false));
        assert!(adopting.watch(&rooms[1]).0 && !adopting.watch(&rooms[1]).0);
        for _ in 2..DRAFTS_MAX {
            assert_eq!(adopting.wait(draft(&rooms[1]), &mut None), Ok(false));
        }
        assert_eq!(adopting.wait(draft(&rooms[0]), &mut None), Err(Full));
        assert_eq!(adopting.take(&rooms[0]).drafts.len(), 2);
        assert_eq!(adopting.wait(draft(&rooms[0]), &mut None), Ok(true));
        assert_eq!(adopting.take(&rooms[1]).told.len(), 2);
    }
}
