//! Messages to users and keys: to the edges that hold them, and to no other.
//!
//! Each edge tells the others whom it holds as that changes, and everything now and then and to whoever is new
//! ([`crate::router::interest`]). Somebody whom nobody holds may just be on the way in, and the word of it slower than the
//! message: so such a message is looked at once more after a moment.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bus::Full;
use protocol::chat::node::{Holder, Letter, Life};
use protocol::chat::{Direct, To};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::hub::Hub;
use crate::router::interest::Here;

/// Between two letters about whom this edge holds: what changes meanwhile goes together.
const PAUSE: Duration = Duration::from_millis(10);
/// How often everything is told anew, so that a letter that was lost is made up for.
const ANEW: Duration = Duration::from_secs(30);
/// How long somebody may be on the way in.
const MOMENT: Duration = Duration::from_millis(250);
/// Messages that wait for somebody at once.
const WAITING_MAX: usize = 1_024;

/// Whom this edge holds.
#[derive(Debug)]
pub(super) struct Reach {
    /// Nobody is told, because nobody else is there.
    alone: bool,
    here: Mutex<Here>,
    changed: Notify,
    /// Somebody is new, or everything is to be told anew for another reason.
    anew: Notify,
    waiting: Arc<Semaphore>,
}

impl Reach {
    pub(super) fn new(alone: bool) -> Self {
        let waiting = Arc::new(Semaphore::new(WAITING_MAX));
        let (here, changed, anew) = (Mutex::default(), Notify::new(), Notify::new());
        Self { alone, here, changed, anew, waiting }
    }

    /// A connection of theirs is here.
    pub(super) fn on_came(&self, holder: Holder) {
        if !self.alone && self.here(|here| here.on_came(holder)) {
            self.changed.notify_one();
        }
    }

    /// A connection of theirs is here no more.
    pub(super) fn on_went(&self, holder: Holder) {
        if !self.alone && self.here(|here| here.on_went(holder)) {
            self.changed.notify_one();
        }
    }

    /// A node came that knows nothing of us.
    pub(super) fn on_newcomer(&self) {
        self.anew.notify_one();
    }

    fn here<T>(&self, look: impl FnOnce(&mut Here) -> T) -> T {
        look(&mut self.here.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Tells the others whom this edge holds, for ever.
pub(super) async fn run(hub: Arc<Hub>) {
    let mut beat = tokio::time::interval(ANEW);
    loop {
        let everything = tokio::select! {
            () = hub.reach.changed.notified() => false,
            () = hub.reach.anew.notified() => true,
            _ = beat.tick() => true,
        };
        let life: &Life = hub.peers.life();
        let letters =
            hub.reach.here(|here| if everything { here.everything(life) } else { here.changes(life) });
        for letter in letters {
            hub.peers.tell(&Letter::Holders(letter));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Where a direct message goes.
#[derive(Debug, Default)]
struct Route {
    /// Edges, and whom of those they may hold.
    edges: BTreeMap<String, To>,
    /// Some may be here.
    here: bool,
    /// Nobody holds these.
    absent: Option<To>,
}

/// Sends a message to whoever holds those whom it is for.
pub(super) fn send(hub: &Hub, direct: &Direct) -> Result<(), Full> {
    let route = route(hub, &direct.to);
    carry(hub, direct, &route)?;
    let Some(absent) = route.absent else { return Ok(()) };
    let later = Direct { to: absent, ..direct.clone() };
    match (Arc::clone(&hub.reach.waiting).try_acquire_owned(), hub.me()) {
        (Ok(place), Some(here)) => drop(hub.runtime().spawn(send_later(here, later, place))),
        _ => hub.counters.direct_absent.add(1),
    }
    Ok(())
}

/// Looks once more, after a moment.
async fn send_later(hub: Arc<Hub>, direct: Direct, place: OwnedSemaphorePermit) {
    tokio::time::sleep(MOMENT).await;
    drop(place);
    let found = route(&hub, &direct.to);
    if found.absent.is_some() || carry(&hub, &direct, &found).is_err() {
        hub.counters.direct_absent.add(1);
    }
}

fn carry(hub: &Hub, direct: &Direct, route: &Route) -> Result<(), Full> {
    for (edge, to) in &route.edges {
        hub.peers.hand(edge, Direct { to: to.clone(), ..direct.clone() })?;
    }
    if route.here {
        hub.spread(direct.clone());
    }
    Ok(())
}

fn route(hub: &Hub, to: &To) -> Route {
    match to {
        To::Users(users) => by_holder(hub, users, |user| Holder::user(*user), To::Users),
        To::Keys(keys) => by_holder(hub, keys, |key| Holder::key(key), To::Keys),
        // These go on the bus, to every edge.
        To::Everybody => Route::default(),
    }
}

fn by_holder<T: Clone>(
    hub: &Hub,
    names: &[T],
    holder: impl Fn(&T) -> Holder,
    to: impl Fn(Vec<T>) -> To,
) -> Route {
    let edges = hub.peers.other_edges();
    let mut found: BTreeMap<String, Vec<T>> = BTreeMap::new();
    let (mut absent, mut any_here) = (Vec::new(), false);
    for name in names {
        let holder = holder(name);
        let here = hub.reach.here(|here| here.has(holder));
        let holding: Vec<&String> =
            hub.peers.router(|router| edges.iter().filter(|edge| router.may_hold(edge, holder)).collect());
        if !here && holding.is_empty() {
            absent.push(name.clone());
        }
        any_here |= here;
        holding.into_iter().for_each(|edge| found.entry(edge.clone()).or_default().push(name.clone()));
    }
    let edges = found.into_iter().map(|(edge, names)| (edge, to(names))).collect();
    Route { edges, here: any_here, absent: (!absent.is_empty()).then(|| to(absent)) }
}
