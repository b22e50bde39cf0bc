//! What every thread of the process shares.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arc_swap::ArcSwap;
use bus::{Bus, Full, Subscription};
use protocol::chat::{Direct, Event, RoomEvent, RoomKey, To};
use service::clock::Clock;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};

use super::adopt::{self, Adopting};
use super::api::chat::Askers;
use super::comet::Census;
use super::config::Config;
use super::desk::{Desk, now};
use super::edge::Edge;
use super::inbox::{Inbox, Order};
use super::metrics::Counters;
use super::peers::{self, CARRIED_MAX, Entrusted, Home, Peers};
use super::policy::Policy;
use super::reach::{self, Reach};
use crate::logic::{Draft, Kept, Logic};
use crate::moderation::{CommentId, Scope, UserId};
use crate::store::Write;
use crate::store::keeper::Done;

/// Parcels that wait for this edge on the bus at most.
const PARCELS_MAX: usize = 16_384;

/// What is shared.
#[derive(Debug)]
pub(super) struct Hub {
    policy: ArcSwap<Policy>,
    pub(super) clock: Clock,
    pub(super) counters: Counters,
    /// Where viewers connect.
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) subscription: Subscription,
    pub(super) peers: Peers,
    pub(super) reach: Reach,
    adopting: Mutex<Adopting>,
    /// Places of drafts on their way to other nodes.
    carried: Arc<Semaphore>,
    /// For what goes on after whoever asked for it has gone.
    me: Weak<Self>,
    runtime: Handle,
    pub(super) desk: Desk,
    /// How often strangers ask over HTTP.
    pub(super) askers: Askers,
    bus: Bus,
    logic: Mutex<Logic>,
    edge: Mutex<Edge>,
    comets: Vec<Comet>,
    draining: AtomicBool,
}

#[derive(Debug)]
struct Comet {
    inbox: Inbox,
    census: Mutex<Census>,
}

impl Hub {
    pub(super) fn new(
        policy: Policy,
        desk: Desk,
        logic: Logic,
        inboxes: Vec<Inbox>,
        addresses: Vec<SocketAddr>,
        peers: Peers,
        bus: Bus,
    ) -> Arc<Self> {
        let comets = inboxes.into_iter().map(|inbox| Comet { inbox, census: Mutex::default() });
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            reach: Reach::new(peers.is_alone()),
            adopting: Mutex::default(),
            carried: Arc::new(Semaphore::new(CARRIED_MAX)),
            clock: Clock::start(),
            counters: Counters::default(),
            addresses,
            subscription: bus.subscribe(PARCELS_MAX),
            peers,
            runtime: Handle::current(),
            bus,
            desk,
            askers: Askers::default(),
            logic: Mutex::new(logic),
            edge: Mutex::new(Edge::new(policy.config.room())),
            comets: comets.collect(),
            draining: AtomicBool::new(false),
            policy: ArcSwap::from_pointee(policy),
        })
    }

    /// This hub, to keep.
    pub(super) fn me(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    /// Where tasks run.
    pub(super) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// What holds as of now.
    pub(super) fn policy(&self) -> Arc<Policy> {
        self.policy.load_full()
    }

    /// From now on this holds. Names the keys that only a restart changes; they stay as they are.
    pub(super) fn reload(&self, config: Config) -> Result<Vec<&'static str>, super::ReloadError> {
        let fixed = self.policy().config.needs_restart(&config);
        let policy = Policy::new(config)?;
        self.desk.reload(&policy.config)?;
        self.edge().reconfigure(policy.config.room());
        self.policy.store(Arc::new(policy));
        Ok(fixed)
    }

    /// Sends a message to where its room is numbered, and from there on its way; `done` is told when it is on disk.
    pub(super) fn publish(&self, draft: Draft, done: Option<Done>) -> Result<(), Full> {
        match self.peers.home(&draft.room) {
            Home::Here => self.number(draft, done),
            Home::There(home) => {
                let place = Arc::clone(&self.carried).try_acquire_owned().map_err(|_| Full)?;
                let asked = self.peers.entrust(&home, &draft, done.is_some()).map_err(|_| Full)?;
                let hub = self.me().ok_or(Full)?;
                self.runtime.spawn(peers::carry(hub, Entrusted { draft, home, asked }, done, place));
                Ok(())
            }
            Home::Nowhere => Err(Full),
        }
    }

    /// Numbers a message, sends it on its way and keeps it; all that in its turn, where the room's past is still asked for.
    pub(super) fn number(&self, draft: Draft, mut done: Option<Done>) -> Result<(), Full> {
        self.number_or_return(draft, &mut done)
    }

    /// The same; where it fails, `done` is still there.
    pub(super) fn number_or_return(&self, draft: Draft, done: &mut Option<Done>) -> Result<(), Full> {
        if !self.peers.is_alone() {
            let room = draft.room.clone();
            let mut adopting = lock(&self.adopting);
            if adopting.is_underway(&room) || !lock(&self.logic).is_ours(&room) {
                if adopting.wait(draft, done)? {
                    self.adopt(room);
                }
                return Ok(());
            }
        }
        self.give_number(draft, done)
    }

    /// Numbers a message of a room that is ours.
    pub(super) fn give_number(&self, draft: Draft, done: &mut Option<Done>) -> Result<(), Full> {
        let keeper = &self.desk.keeper;
        if !keeper.has_room() {
            return Err(Full);
        }
        lock(&self.logic).publish(draft, now(), |kept| {
            self.bus.publish(&Event::Room(kept.event.clone()))?;
            let message = Write::Message(Arc::clone(kept));
            match done.take() {
                Some(done) => keeper.commit(vec![message], done),
                None if keeper.keep(message).is_err() => self.counters.history_lost.add(1),
                None => {}
            }
            Ok(())
        })
    }

    /// Resolves when the room is numbered here and its past is known.
    pub(super) async fn adopted(&self, room: &RoomKey) {
        let told = {
            let mut adopting = lock(&self.adopting);
            if !adopting.is_underway(room) && (self.peers.is_alone() || lock(&self.logic).is_ours(room)) {
                return;
            }
            let (first, told) = adopting.watch(room);
            if first {
                self.adopt(room.clone());
            }
            told
        };
        let _ = told.await;
    }

    fn adopt(&self, room: RoomKey) {
        if let Some(hub) = self.me() {
            self.runtime.spawn(adopt::run(hub, room));
        }
    }

    /// Rooms whose past is being asked for.
    pub(super) fn adopting<T>(&self, look: impl FnOnce(&mut Adopting) -> T) -> T {
        look(&mut lock(&self.adopting))
    }

    /// The numberings.
    pub(super) fn logic<T>(&self, look: impl FnOnce(&mut Logic) -> T) -> T {
        look(&mut lock(&self.logic))
    }

    /// Asks every comet what it knows of a room's past.
    pub(super) fn ask_comets(&self, room: &RoomKey) -> Vec<oneshot::Receiver<Vec<RoomEvent>>> {
        let ask = |comet: &Comet| {
            let (tell, told) = oneshot::channel();
            comet.inbox.push(Order::TellPast(room.clone(), tell)).then_some(told)
        };
        self.comets.iter().filter_map(ask).collect()
    }

    /// The last messages of a room, as a newcomer would get them.
    pub(super) fn kept(&self, room: &RoomKey) -> Vec<Arc<Kept>> {
        lock(&self.logic).kept(room).cloned().collect()
    }

    /// A comment was taken back: nobody who comes gets it.
    pub(super) fn forget_comment(&self, room: &RoomKey, comment: CommentId) {
        lock(&self.logic).forget(room, comment);
    }

    /// Ends the connections of a user who may not be there any more.
    pub(super) fn evict(&self, user: UserId, scope: &Scope) {
        let refused = self.tell_all(None, || Order::Evict(user, scope.clone()));
        self.counters.orders_refused.add(refused);
    }

    /// Sends a message outside rooms on its way.
    pub(super) fn direct(&self, direct: Direct) -> Result<(), Full> {
        if self.peers.is_alone() || direct.to == To::Everybody {
            return self.bus.publish(&Event::Direct(direct));
        }
        reach::send(self, &direct)
    }

    /// The room's last messages, where it is numbered here.
    pub(super) fn past(&self, room: &RoomKey) -> Vec<RoomEvent> {
        lock(&self.logic).past(room)
    }

    /// From now on the comet has members in the room; what the room sent before, or nothing where its home is asked: then
    /// [`Order::Past`] comes.
    pub(super) fn hold(self: &Arc<Self>, comet: usize, room: &RoomKey) -> Option<Vec<RoomEvent>> {
        let here = self.peers.is_alone()
            || self.peers.home(room) == Home::Here && self.logic(|logic| logic.is_ours(room));
        let mut edge = lock(&self.edge);
        let past = edge.hold(comet, room, self.clock.now(), || {
            // First the interest, then the past: what comes between is in both, and the edge sees that.
            self.subscription.hold(room.clone());
            if here { self.past(room) } else { Vec::new() }
        });
        drop(edge);
        if here {
            return Some(past);
        }
        self.runtime.spawn(peers::ask(Arc::clone(self), comet, room.clone()));
        None
    }

    /// The comet has no members in the room any more.
    pub(super) fn release(&self, comet: usize, room: &RoomKey) {
        if lock(&self.edge).release(comet, room) {
            self.subscription.release(room);
        }
    }

    /// The edge's rooms.
    pub(super) fn edge(&self) -> MutexGuard<'_, Edge> {
        lock(&self.edge)
    }

    /// A comet's letter box.
    pub(super) fn inbox(&self, comet: usize) -> Option<&Inbox> {
        self.comets.get(comet).map(|comet| &comet.inbox)
    }

    /// Gives an order to every comet but one; how many had no room for it.
    pub(super) fn tell_all(&self, but: Option<usize>, order: impl Fn() -> Order) -> u64 {
        let comets = self.comets.iter().enumerate().filter(|(id, _)| Some(*id) != but);
        comets.filter(|(_, comet)| !comet.inbox.push(order())).count() as u64
    }

    /// What a comet tells of itself.
    pub(super) fn report(&self, comet: usize, census: Census) {
        if let Some(comet) = self.comets.get(comet) {
            *lock(&comet.census) = census;
        }
    }

    /// What all comets told of themselves.
    pub(super) fn census(&self) -> Census {
        let mut sum = Census::default();
        self.comets.iter().for_each(|comet| sum.add(&lock(&comet.census)));
        sum
    }

    /// The same with what other edges told, but for the books: those are each edge's own.
    pub(super) fn census_everywhere(&self) -> Census {
        let mut sum = self.census();
        self.peers.router(|router| {
            router.add_rooms(&mut sum.rooms);
            let (live, addresses) = router.totals();
            (sum.live, sum.addresses) = (sum.live + live, sum.addresses + addresses);
        });
        sum
    }

    /// Every edge that takes viewers, the best first.
    pub(super) fn edges(&self) -> Vec<peers::Edge> {
        self.peers.edges(&self.policy(), &self.addresses, self.census().live)
    }

    /// Members of a room on the other comets and edges, as these told it last.
    pub(super) fn members_elsewhere(&self, comet: usize, room: &RoomKey) -> usize {
        let others = self.comets.iter().enumerate().filter(|(id, _)| *id != comet);
        let here: usize =
            others.map(|(_, other)| lock(&other.census).rooms.get(room).copied().unwrap_or(0)).sum();
        here + self.peers.router(|router| router.members(room))
    }

    /// Tells every comet that the process stops.
    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.peers.leave();
        self.tell_all(None, || Order::Drain);
    }

    /// Whether the process stops.
    pub(super) fn draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Hands a direct message to every comet.
    pub(super) fn spread(&self, direct: Direct) {
        let direct = Arc::new(direct);
        let refused = self.tell_all(None, || Order::Direct(Arc::clone(&direct)));
        self.counters.orders_refused.add(refused);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
