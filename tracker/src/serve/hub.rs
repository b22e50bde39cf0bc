//! The registry and the clients' outboxes, shared by all connections.
//!
//! One short lock: a message is decoded before it and encoded after it, so connections on other cores wait only for
//! the registry's own work (about a microsecond). Shards by swarm, or workers for one large swarm, would go here.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::net::IpAddr;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use indexmap::IndexMap;
use protocol::tracker::{ClientMessage, ServerMessage};
use service::clock::{self, Clock};
use tokio_tungstenite::tungstenite::Message;

use super::config::Config;
use super::guard::Now;
use super::metrics::{Counters, Snapshot};
use super::nodes::Nodes;
use super::outbox::{Budget, Ending, Outbox, Pushed};
use super::policy::addresses::{Addresses, subscriber};
use super::policy::{self, Policy};
use super::rates::{History, Rates};
use super::wire::Encoding;
use crate::registry::{Address, ConnectionId, Input, Output, Place, Registry};

/// What all connections share.
#[derive(Debug)]
pub(super) struct Hub {
    policy: ArcSwap<Policy>,
    clock: Clock,
    counters: Counters,
    budget: Arc<Budget>,
    addresses: Arc<Addresses>,
    /// Addresses become places by a secret hash: no address goes into the registry.
    places: RandomState,
    history: Mutex<History>,
    /// Clients for whom a reply waits that is in no hurry.
    late: Mutex<Vec<Arc<Outbox>>>,
    /// The other trackers of this deployment, where there are any.
    nodes: Option<Nodes>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    registry: Registry,
    outboxes: IndexMap<ConnectionId, Arc<Outbox>>,
    connections_so_far: u64,
}

/// What a restart takes: nobody needs to try before.
const RESTART_S: u64 = 2;

/// Offers that are handed to others at once after whom they were for has gone; the makers of further ones offer again.
const OFFERS_AGAIN_MAX: usize = 32;

/// A reply to an announce whose offers were handed on waits at most this long for the first answer, which comes after a
/// round trip and what a browser needs to make one: they share a packet, and the system's work for it.
pub(super) const REPLY_LATE: Duration = Duration::from_millis(100);
/// Replies that wait so; further ones go at once.
const REPLIES_LATE_MAX: usize = 65_536;

/// A message and the queue that it goes to.
type Delivery = (ConnectionId, Arc<Outbox>, ServerMessage);

/// A client's place; dropping it takes the client out of everything.
#[derive(Debug)]
pub(super) struct Seat {
    hub: Arc<Hub>,
    connection: ConnectionId,
    /// What waits for the client.
    pub(super) outbox: Arc<Outbox>,
}

impl Hub {
    /// Nobody is here.
    pub(super) fn new(policy: Policy, seed: u64, nodes: Option<Nodes>) -> Self {
        let registry = Registry::new(policy.config.registry(seed));
        let budget = Arc::new(Budget::new(policy.config.outgoing_total_bytes_max));
        let state = Mutex::new(State { registry, outboxes: IndexMap::new(), connections_so_far: 0 });
        Self {
            policy: ArcSwap::from_pointee(policy),
            clock: Clock::start(),
            counters: Counters::default(),
            budget,
            addresses: Arc::default(),
            places: RandomState::new(),
            history: Mutex::default(),
            late: Mutex::default(),
            nodes,
            state,
        }
    }

    /// What is taken from whom, as of now.
    pub(super) fn policy(&self) -> Arc<Policy> {
        self.policy.load_full()
    }

    /// The same, for the moment: it counts no references, which all cores would share.
    pub(super) fn policy_now(&self) -> Guard<Arc<Policy>> {
        self.policy.load()
    }

    /// From now on this holds. Names the keys that only a restart changes; they stay as they are.
    pub(super) fn reload(&self, config: Config) -> Result<Vec<&'static str>, policy::Error> {
        let fixed = self.policy().config.needs_restart(&config);
        let policy = Policy::new(config)?;
        let mut state = self.lock();
        state.registry.reconfigure(policy.config.registry(0));
        drop(state);
        self.policy.store(Arc::new(policy));
        Ok(fixed)
    }

    /// The trackers of this deployment; none where this one is alone.
    pub(super) const fn nodes(&self) -> Option<&Nodes> {
        self.nodes.as_ref()
    }

    /// The connections of each address.
    pub(super) const fn addresses(&self) -> &Arc<Addresses> {
        &self.addresses
    }

    /// The time.
    pub(super) fn now(&self) -> Now {
        Now { instant: self.clock.now(), unix_s: clock::since_1970().as_secs() }
    }

    /// Looks into the registry.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Registry) -> T) -> T {
        look(&self.lock().registry)
    }

    /// What the shell counts.
    pub(super) const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// A seat for a new client, who comes from this address.
    pub(super) fn seat(self: &Arc<Self>, client: IpAddr) -> Seat {
        let policy = self.policy.load();
        let address = NonZeroU64::new(self.places.hash_one(subscriber(client))).map(Address);
        let place = Place { address, ..policy.tables.look(client) };
        let outbox = Arc::new(Outbox::new(policy.config.outgoing_bytes_max, place, Arc::clone(&self.budget)));
        let mut state = self.lock();
        let connection = ConnectionId(state.connections_so_far);
        state.connections_so_far += 1;
        state.outboxes.insert(connection, Arc::clone(&outbox));
        drop(state);
        self.handle(Input::Opened { connection, place }, None);
        Seat { hub: Arc::clone(self), connection, outbox }
    }

    /// A step of the registry's time is due.
    pub(super) fn on_timeout(&self) {
        self.handle(Input::Timeout, None);
        let stats = self.look(Registry::stats);
        self.history.lock().unwrap_or_else(PoisonError::into_inner).look(self.clock.now(), stats);
    }

    /// How busy it was over the last minute.
    pub(super) fn rates(&self) -> Rates {
        let stats = self.look(Registry::stats);
        self.history.lock().unwrap_or_else(PoisonError::into_inner).rates(self.clock.now(), &stats)
    }

    /// Tells every client that the tracker stops, and when to come back: as many a second as newcomers are let in.
    pub(super) fn drain(&self) {
        let per_s = u64::from(self.policy.load().config.joins_per_s).max(1);
        for (nth, outbox) in (0..).zip(self.lock().outboxes.values()) {
            let after_s: u64 = RESTART_S + nth / per_s;
            outbox.end(Ending::Draining(u32::try_from(after_s).unwrap_or(u32::MAX)));
        }
    }

    /// Figures of now.
    pub(super) fn snapshot(&self) -> Snapshot {
        let state = self.lock();
        let (registry, connections) = (state.registry.stats(), state.outboxes.len());
        let accused = state.registry.accusations().census();
        drop(state);
        let nodes = self.nodes.as_ref().map_or(1, |nodes| nodes.borrow().nodes().len());
        Snapshot { registry, connections, outgoing_bytes: self.budget.waiting(), accused, nodes }
    }

    fn handle(&self, input: Input, by: Option<ConnectionId>) {
        let deliveries = self.step(input);
        self.deliver(deliveries, by);
    }

    /// Replies that have waited long enough go now.
    pub(super) fn on_late(&self) {
        let late = mem::take(&mut *self.lock_late());
        late.iter().for_each(|outbox| outbox.hurry());
    }

    /// Lets a reply wait for the answers to the offers that went out with it.
    fn push_late(&self, outbox: &Arc<Outbox>, message: Message) -> Pushed {
        let mut late = self.lock_late();
        if late.len() >= REPLIES_LATE_MAX {
            drop(late);
            return outbox.push(message);
        }
        late.push(Arc::clone(outbox));
        drop(late);
        outbox.push_late(message)
    }

    fn lock_late(&self) -> MutexGuard<'_, Vec<Arc<Outbox>>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, input: Input) -> Vec<Delivery> {
        let now = self.clock.now();
        let mut state = self.lock();
        state.registry.handle_input(now, input);
        state.poll_deliveries()
    }

    /// Puts messages into their queues. Whose connection has ended is out of the swarms at once, so that no further offer
    /// is wasted on it, and the offers that it did not get go to others. Whose task does this looks into its own queue next.
    fn deliver(&self, deliveries: Vec<Delivery>, by: Option<ConnectionId>) {
        let is_offer = |(_, _, message): &Delivery| matches!(message, ServerMessage::Offer(_));
        let answers_follow = deliveries.iter().any(is_offer);
        let mut due = VecDeque::from(deliveries);
        let mut again = 0;
        while let Some((connection, outbox, message)) = due.pop_front() {
            let frame = outbox.encode(&message);
            let late = answers_follow && matches!(message, ServerMessage::Reply(_));
            let pushed = if late {
                self.push_late(&outbox, frame)
            } else if by == Some(connection) {
                outbox.push_own(frame)
            } else {
                outbox.push(frame)
            };
            let unsent = match pushed {
                Pushed::Waiting => continue,
                Pushed::TooMany(unsent) => {
                    self.counters.slow_readers.add(1);
                    unsent
                }
                Pushed::Gone => VecDeque::new(),
            };
            self.forget(connection);
            let this = if let ServerMessage::Offer(offer) = message { Some(offer) } else { None };
            let offers = this.into_iter().chain(unsent.iter().filter_map(Encoding::offer));
            for offer in offers.take(OFFERS_AGAIN_MAX - again) {
                again += 1;
                due.extend(self.step(Input::Undelivered(offer)));
            }
        }
    }

    /// Takes the connection out of everything.
    fn forget(&self, connection: ConnectionId) {
        let mut state = self.lock();
        if state.outboxes.swap_remove(&connection).is_some() {
            state.registry.handle_input(self.clock.now(), Input::Closed { connection });
            // Nobody is told of a departure.
            state.poll_deliveries();
        }
    }

    /// A client has left; the offers that it did not get go to others.
    fn leave(&self, connection: ConnectionId, unsent: &VecDeque<Message>) {
        self.forget(connection);
        for offer in unsent.iter().filter_map(Encoding::offer).take(OFFERS_AGAIN_MAX) {
            self.handle(Input::Undelivered(offer), None);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Everything the registry wants sent; what is for a connection that has just gone is dropped.
    fn poll_deliveries(&mut self) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        loop {
            match self.registry.poll_output() {
                Output::Transmit { to, message } => {
                    if let Some(outbox) = self.outboxes.get(&to) {
                        deliveries.push((to, Arc::clone(outbox), message));
                    }
                }
                Output::Probe { connection } => {
                    if let Some(outbox) = self.outboxes.get(&connection) {
                        outbox.probe();
                    }
                }
                Output::Timeout(_) => return deliveries,
            }
        }
    }
}

impl Seat {
    /// The client said this.
    pub(super) fn on_message(&self, message: ClientMessage) {
        self.hub.handle(Input::Message { connection: self.connection, message }, Some(self.connection));
    }

    /// Lends the client's page the operator's servers for ICE, where there are some; when it is to get them anew, in seconds
    /// since 1970.
    pub(super) fn lend_ice(&self, policy: &Policy, now_s: u64) -> Option<u64> {
        let lent = policy.ice.as_ref()?;
        let ice = lent.lend(now_s, self.hub.places.hash_one(self.connection));
        self.hub.counters.ice_lent.add(1);
        if let Pushed::TooMany(unsent) = self.outbox.push(Message::text(ice.encode())) {
            self.hub.counters.slow_readers.add(1);
            self.hub.leave(self.connection, &unsent);
        }
        Some(now_s + lent.renewed_after_s())
    }

    /// The client has gone, and these did not reach it.
    pub(super) fn hand_back(&self, unsent: VecDeque<Message>) {
        self.hub.leave(self.connection, &unsent);
    }

    /// Tells the client this.
    pub(super) fn say(&self, message: ServerMessage) {
        self.hub.deliver(vec![(self.connection, Arc::clone(&self.outbox), message)], Some(self.connection));
    }
}

impl Seat {
    /// What the shell counts.
    pub(super) fn counters(&self) -> &Counters {
        &self.hub.counters
    }

    /// A way to tell the client what others say.
    pub(super) fn hearer(&self) -> Hearer {
        let (hub, outbox) = (Arc::clone(&self.hub), Arc::clone(&self.outbox));
        Hearer { hub, connection: self.connection, outbox }
    }
}

/// Who speaks to a client from elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Hearer {
    hub: Arc<Hub>,
    connection: ConnectionId,
    outbox: Arc<Outbox>,
}

impl Hearer {
    /// Tells the client this; nobody, where it has gone.
    pub(super) fn hear(&self, message: ServerMessage) {
        self.hub.counters.node_received.add(1);
        self.hub.deliver(vec![(self.connection, Arc::clone(&self.outbox), message)], None);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.leave(self.connection, &self.outbox.end(Ending::Left));
    }
}
