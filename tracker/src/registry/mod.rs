//! Who is in which swarm, and who is handed whose offer.
//!
//! One machine in the sans-IO shape: [`Registry::handle_input`] takes what happened, [`Registry::poll_output`] gives
//! what to do. **Drain rule:** after every input, poll until [`Output::Timeout`]; a breach is a debug assertion.
//! The parts: [`swarm`] holds the peers of one swarm, [`groups`] what they have in common, [`choose`] picks receivers,
//! [`nat`] reads who cannot meet whom, [`reach`] learns it from reports, [`connections`] knows which peers a connection speaks for, [`gate`] lets newcomers
//! in, [`interval`] and [`load`] say when to announce again, [`sweep`] finds the silent ones.
//!
//! ```
//! use protocol::id::{InfoHash, PeerId};
//! use protocol::time::Instant;
//! use protocol::tracker::{Announce, ClientMessage, Event};
//! use tracker::registry::{Config, ConnectionId, Input, Output, Registry};
//!
//! let mut registry = Registry::new(Config::new(1));
//! let announce = Announce::new(InfoHash([7; 20]), PeerId([1; 20]), Event::Started);
//! let message = ClientMessage::Announce(announce);
//! registry.handle_input(Instant::ZERO, Input::Message { connection: ConnectionId(0), message });
//! loop {
//!     match registry.poll_output() {
//!         Output::Transmit { to, message } => println!("to {to:?}: {message:?}"),
//!         Output::Probe { connection } => println!("does {connection:?} live?"),
//!         Output::Timeout(_at) => break,
//!     }
//! }
//! assert_eq!(registry.stats().peers, 1);
//! ```
//!
//! **Invariant:** a peer of a swarm belongs to exactly one connection, and that connection's list names it; no other
//! connection can take it over.
//! **Invariant:** an offer goes to peers of its swarm, each at most once, never to its sender; an answer goes to a peer
//! of its swarm only, and only from a peer of it.

pub mod accusations;
pub mod choose;
pub mod connections;
pub mod gate;
pub mod groups;
pub mod interval;
pub mod io;
pub mod limits;
pub mod load;
#[cfg(test)]
mod model_tests;
pub mod nat;
pub mod place;
pub mod reach;
#[cfg(test)]
mod reach_choice_tests;
pub mod stats;
pub mod swarm;
pub mod sweep;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use indexmap::IndexMap;
use protocol::id::{InfoHash, PeerId};
use protocol::limits::{OFFERS_PER_ANNOUNCE_MAX, SCRAPE_HASHES_MAX};
use protocol::time::{Duration, Instant};
use protocol::tracker::{
    Announce, ClientAnswer, ClientMessage, Event, Forwarded, Offer, Reply, ScrapeEntry, ServerMessage,
};
use rand_core::SeedableRng;
use rand_pcg::Pcg32;

use accusations::Accusations;
use connections::{Connections, Membership};
use gate::Gate;
use groups::Group;
pub use interval::Interval;
pub use io::{ConnectionId, Input, Output, Refusal};
use load::Load;
pub use place::{Address, Network, Place, Region};
pub use stats::Stats;
use swarm::{Peer, Swarm};
use sweep::Sweep;

/// What a registry is told once, at its start.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The seed of its one generator.
    pub seed: u64,
    /// Peers of all swarms together.
    pub peers_max: usize,
    /// Peers that one connection speaks for, over all its swarms.
    pub peers_per_connection_max: usize,
    /// A peer that has not announced for this long is forgotten by the next sweep.
    pub peer_lifetime: Duration,
    /// How long a connection may stay silent whose peer id another one claims.
    pub probe: Duration,
    /// Newcomers per second, one second's worth at once; 0 is no limit.
    pub joins_per_s: u32,
    /// When peers announce again.
    pub interval: Interval,
}

impl Config {
    /// The defaults, with a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            peers_max: limits::PEERS_MAX,
            peers_per_connection_max: limits::PEERS_PER_CONNECTION_MAX,
            peer_lifetime: limits::PEER_LIFETIME,
            probe: limits::PROBE,
            joins_per_s: limits::JOINS_PER_S,
            interval: Interval::DEFAULT,
        }
    }
}

/// Every swarm of one tracker.
#[derive(Debug)]
pub struct Registry {
    config: Config,
    random: Pcg32,
    swarms: IndexMap<InfoHash, Swarm>,
    connections: Connections,
    accusations: Accusations,
    gate: Gate,
    load: Load,
    sweep: Sweep,
    stats: Stats,
    outputs: VecDeque<Output>,
}

impl Registry {
    /// An empty registry.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            random: Pcg32::seed_from_u64(config.seed),
            connections: Connections::new(config.peers_per_connection_max),
            config,
            swarms: IndexMap::new(),
            accusations: Accusations::default(),
            gate: Gate::default(),
            load: Load::default(),
            sweep: Sweep::default(),
            stats: Stats::default(),
            outputs: VecDeque::new(),
        }
    }

    /// From now on these maxima and intervals hold; the seed stays what it was. Peers past a smaller maximum stay.
    pub fn reconfigure(&mut self, config: Config) {
        self.connections.set_max(config.peers_per_connection_max);
        self.config = Config { seed: self.config.seed, ..config };
    }

    /// Who accused whom.
    #[must_use]
    pub const fn accusations(&self) -> &Accusations {
        &self.accusations
    }

    /// The largest swarms, at most `count` of them, with their peers; the work grows with the number of swarms.
    #[must_use]
    pub fn largest(&self, count: usize) -> Vec<(InfoHash, &Swarm)> {
        let mut swarms: Vec<_> = self.swarms.iter().map(|(hash, swarm)| (*hash, swarm)).collect();
        let larger = |(_, swarm): &(InfoHash, &Swarm)| core::cmp::Reverse(swarm.len());
        if swarms.len() > count {
            swarms.select_nth_unstable_by_key(count, larger);
            swarms.truncate(count);
        }
        swarms.sort_unstable_by_key(larger);
        swarms
    }

    /// How many peers each region has, most first, at most `count` regions; the work grows with the number of groups.
    #[must_use]
    pub fn regions(&self, count: usize) -> Vec<(Region, usize)> {
        let mut sizes: BTreeMap<Region, usize> = BTreeMap::new();
        for (group, size) in self.swarms.values().flat_map(Swarm::group_sizes) {
            if let Group::Region(region) = group {
                *sizes.entry(region).or_default() += size;
            }
        }
        let mut sizes: Vec<_> = sizes.into_iter().collect();
        sizes.sort_by_key(|(_, size)| core::cmp::Reverse(*size));
        sizes.truncate(count);
        sizes
    }

    /// Takes what happened; then poll until [`Output::Timeout`].
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        debug_assert!(self.outputs.is_empty(), "poll_output must be drained before the next input");
        match input {
            Input::Opened { connection, place } => self.connections.open(connection, place),
            Input::Message { connection, message } => self.on_message(now, connection, message),
            Input::Closed { connection } => self.on_closed(connection),
            Input::Undelivered(offer) => self.on_undelivered(now, offer),
            Input::Timeout => self.on_timeout(now),
        }
    }

    /// What to do next; [`Output::Timeout`] ends every drain.
    pub fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or(Output::Timeout(self.sweep.due()))
    }

    /// Figures of now and counts since the start.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats { swarms: self.swarms.len(), ..self.stats }
    }

    /// How many peers a swarm has.
    #[must_use]
    pub fn swarm_size(&self, info_hash: InfoHash) -> usize {
        self.swarms.get(&info_hash).map_or(0, Swarm::len)
    }

    fn on_message(&mut self, now: Instant, connection: ConnectionId, message: ClientMessage) {
        let (info_hash, outcome) = match message {
            ClientMessage::Announce(announce) => {
                (Some(announce.info_hash), self.on_announce(now, connection, announce))
            }
            ClientMessage::Answer(answer) => (Some(answer.info_hash), self.on_answer(connection, answer)),
            ClientMessage::Scrape(hashes) => (None, self.on_scrape(connection, &hashes)),
        };
        if let Err(refused) = outcome {
            let Refused { refusal, wait } = refused;
            let count = &mut self.stats.refusals[refusal.index()];
            let failure = refusal.to_failure(info_hash, *count, wait);
            *count += 1;
            self.transmit(connection, ServerMessage::Failure(failure));
        }
    }

    fn on_announce(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        announce: Announce,
    ) -> Result<(), Refused> {
        self.stats.announces += 1;
        self.load.count(now, self.config.interval.announces_total_per_s);
        let membership = Membership { info_hash: announce.info_hash, peer_id: announce.peer_id };
        if announce.event == Event::Stopped {
            if self.connections.remove(connection, membership) {
                self.forget(membership);
            }
            return Ok(());
        }
        self.admit(now, connection, &announce)?;
        self.on_accused(membership, &announce.accused);
        self.on_reports(now, membership, &announce);
        self.reply(connection, announce.info_hash);
        self.relay_offers(now, membership, announce.offers);
        Ok(())
    }

    /// Peers that are together in a swarm accuse each other; who is not there cannot be meant.
    fn on_accused(&mut self, accuser: Membership, accused: &[PeerId]) {
        let Some(swarm) = self.swarms.get(&accuser.info_hash) else { return };
        let from = swarm.get(accuser.peer_id).and_then(|peer| peer.place.address);
        for peer in accused.iter().filter(|peer| **peer != accuser.peer_id && swarm.get(**peer).is_some()) {
            self.stats.accusations += 1;
            self.accusations.add(accuser.peer_id, from, *peer);
        }
    }

    /// With whom of the swarm a link came of an introduction, and with whom not.
    fn on_reports(&mut self, now: Instant, maker: Membership, announce: &Announce) {
        let Some(swarm) = self.swarms.get_mut(&maker.info_hash) else { return };
        let reports = [(&announce.reached, true), (&announce.unreached, false)];
        for (others, reached) in reports {
            let of_swarm = others.iter().filter(|other| swarm.report(now, maker.peer_id, **other, reached));
            let count = of_swarm.count() as u64;
            *(if reached { &mut self.stats.reached } else { &mut self.stats.unreached }) += count;
        }
    }

    /// Enters the peer, or refreshes it.
    fn admit(&mut self, now: Instant, connection: ConnectionId, announce: &Announce) -> Result<(), Refused> {
        let membership = Membership { info_hash: announce.info_hash, peer_id: announce.peer_id };
        let known = self.swarms.get(&announce.info_hash).and_then(|swarm| swarm.get(announce.peer_id));
        let (owner, known_nat) = known.map(|peer| (peer.connection, peer.nat)).unzip();
        match owner {
            None => self.admit_newcomer(now, connection, membership)?,
            Some(owner) if owner == connection => {}
            Some(owner) => {
                self.stats.probes += 1;
                self.outputs.push_back(Output::Probe { connection: owner });
                // A moment after a silent owner is gone.
                let wait = self.config.probe + Duration::from_secs(1);
                return Err(Refused { refusal: Refusal::PeerIdTaken, wait });
            }
        }
        let peer = Peer {
            connection,
            announced: now,
            seeder: announce.left == Some(0) || announce.event == Event::Completed,
            lacks_links: announce.event == Event::Started || !announce.offers.is_empty(),
            rendition: announce.rendition,
            nat: known_nat.unwrap_or_default(),
            place: self.connections.place(connection),
        };
        let swarm = self.swarms.entry(announce.info_hash).or_default();
        swarm.upsert(announce.peer_id, peer);
        if let Some(offer) = announce.offers.first() {
            swarm.look_at(announce.peer_id, &offer.sdp);
        }
        if announce.event == Event::Completed {
            swarm.count_completed();
        }
        self.sweep.start(now);
        Ok(())
    }

    /// Makes room for a peer that is not here yet.
    fn admit_newcomer(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        membership: Membership,
    ) -> Result<(), Refused> {
        if self.stats.peers >= self.config.peers_max {
            return Err(Refusal::TrackerFull.into());
        }
        if self.connections.is_full(connection) {
            return Err(Refusal::TooManyPeersOnConnection.into());
        }
        self.gate
            .admit(now, self.config.joins_per_s, limits::JOIN_WAIT_MAX)
            .map_err(|wait| Refused { refusal: Refusal::TooManyNewcomers, wait })?;
        self.connections.insert(connection, membership);
        self.stats.peers += 1;
        Ok(())
    }

    fn reply(&mut self, connection: ConnectionId, info_hash: InfoHash) {
        let Some(swarm) = self.swarms.get(&info_hash) else { return };
        let interval_s = self.config.interval.draw(swarm.len(), &self.load, &mut self.random);
        let (complete, incomplete) = (swarm.seeders(), swarm.leechers());
        let reply = Reply { info_hash, interval_s, complete, incomplete };
        self.transmit(connection, ServerMessage::Reply(reply));
    }

    /// Hands each offer to another peer; offers for which the swarm has nobody are dropped and counted.
    fn relay_offers(&mut self, now: Instant, from: Membership, offers: Vec<Offer>) {
        self.stats.offers += offers.len() as u64;
        let wanted = offers.len().min(OFFERS_PER_ANNOUNCE_MAX);
        let Membership { info_hash, peer_id } = from;
        let offers = offers.into_iter();
        let forwarded =
            offers.map(|Offer { offer_id, sdp }| Forwarded { info_hash, peer_id, offer_id, sdp }).collect();
        self.stats.offers_relayed += self.hand_out(now, from, wanted, forwarded);
    }

    /// An offer came back: whom it was for has gone. It goes to another one, if its maker is still here.
    fn on_undelivered(&mut self, now: Instant, offer: Forwarded) {
        let from = Membership { info_hash: offer.info_hash, peer_id: offer.peer_id };
        let here = self.swarms.get(&from.info_hash).is_some_and(|swarm| swarm.get(from.peer_id).is_some());
        if here {
            self.stats.offers_again += self.hand_out(now, from, 1, vec![offer]);
        }
    }

    /// Hands offers to as many peers, as far as there are peers; how many were handed out.
    fn hand_out(&mut self, now: Instant, from: Membership, wanted: usize, offers: Vec<Forwarded>) -> u64 {
        let Some(swarm) = self.swarms.get_mut(&from.info_hash) else { return 0 };
        let receivers = choose::receivers(swarm, from.peer_id, wanted, now, &mut self.random);
        let mut handed = 0;
        for (slot, offer) in receivers.into_iter().zip(offers) {
            if let Some(to) = swarm.hand(slot) {
                handed += 1;
                self.outputs.push_back(Output::Transmit { to, message: ServerMessage::Offer(offer) });
            }
        }
        handed
    }

    fn on_answer(&mut self, connection: ConnectionId, answer: ClientAnswer) -> Result<(), Refused> {
        self.stats.answers += 1;
        let ClientAnswer { info_hash, peer_id, to_peer_id, offer_id, sdp } = answer;
        let Some(swarm) = self.swarms.get_mut(&info_hash) else {
            return Err(Refusal::AnswerFromStranger.into());
        };
        if swarm.get(peer_id).is_none_or(|peer| peer.connection != connection) {
            return Err(Refusal::AnswerFromStranger.into());
        }
        swarm.look_at(peer_id, &sdp);
        let receiver = swarm.get(to_peer_id).filter(|_| to_peer_id != peer_id);
        let to = receiver.ok_or(Refusal::OffererLeft)?.connection;
        self.stats.answers_relayed += 1;
        self.transmit(to, ServerMessage::Answer(Forwarded { info_hash, peer_id, offer_id, sdp }));
        Ok(())
    }

    fn on_scrape(&mut self, connection: ConnectionId, hashes: &[InfoHash]) -> Result<(), Refused> {
        self.stats.scrapes += 1;
        if hashes.is_empty() {
            return Err(Refusal::ScrapeOfEverything.into());
        }
        if hashes.len() > SCRAPE_HASHES_MAX {
            return Err(Refusal::ScrapeTooLong.into());
        }
        let entries = hashes.iter().map(|hash| self.scrape_entry(*hash)).collect();
        self.transmit(connection, ServerMessage::Scrape(entries));
        Ok(())
    }

    fn scrape_entry(&self, info_hash: InfoHash) -> ScrapeEntry {
        let size = |count: fn(&Swarm) -> u32| self.swarms.get(&info_hash).map_or(0, count);
        ScrapeEntry {
            info_hash,
            complete: size(Swarm::seeders),
            incomplete: size(Swarm::leechers),
            downloaded: size(Swarm::completed),
        }
    }

    fn on_closed(&mut self, connection: ConnectionId) {
        for membership in self.connections.take(connection) {
            self.forget(membership);
        }
    }

    fn on_timeout(&mut self, now: Instant) {
        if !self.sweep.tick(now) {
            return;
        }
        let alive_since = now.before(self.config.peer_lifetime);
        for (connection, membership) in self.sweep.find(&self.swarms, self.stats.peers, alive_since) {
            self.stats.expired += 1;
            self.connections.remove(connection, membership);
            self.forget(membership);
        }
        if self.swarms.is_empty() {
            self.sweep.stop();
        }
    }

    /// Takes the peer out of its swarm; a swarm that nobody is in does not exist.
    fn forget(&mut self, membership: Membership) {
        let Some(swarm) = self.swarms.get_mut(&membership.info_hash) else { return };
        if swarm.remove(membership.peer_id).is_some() {
            self.stats.peers -= 1;
        }
        if swarm.is_empty() {
            self.swarms.swap_remove(&membership.info_hash);
        }
    }

    fn transmit(&mut self, to: ConnectionId, message: ServerMessage) {
        self.outputs.push_back(Output::Transmit { to, message });
    }
}

/// A refusal, and when its turn is, where there is one.
struct Refused {
    refusal: Refusal,
    wait: Duration,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, wait: Duration::ZERO }
    }
}
