//! One viewer: the real engine, and the shell around it that holds bytes, connections and a player.

use std::collections::{BTreeMap, VecDeque};

use protocol::id::{InfoHash, PeerId, Rendition};
use protocol::time::Instant;
use swarm::io::{FetchId, Links, WantId};
use swarm::report::Stats;
use swarm::{Config, Engine, Handle, LinkId};

use crate::access::Access;
use crate::bodies::Bodies;
use crate::books::Account;
use crate::event::GetId;
use crate::home::Home;
use crate::lies::Lie;
use crate::mesh::{Body, EndId, ViewerId};
use crate::player::Player;
use crate::random::{Fold, Purpose, Random};
use crate::rival::Rival;
use crate::row::Row;
use crate::scenario::Scenario;
use crate::sleep::Sleep;
use crate::stream;

/// Links an engine aims at, and keeps at most. A page aims at 12 of 16, a phone's at 6 of 8 (`client-wasm`): with 12, two
/// hundred of `broadband` buy 1.65 copies of a block instead of 1.77, for 1.6 messages more, and 120 of `mixed` reach 0.894 of
/// their ceiling instead of 0.902.
pub const LINKS: Links = Links { aim: 10, max: 16 };
/// Links of the operator's own peers, which serve nothing else.
pub const LINKS_OF_THE_OPERATOR: Links = Links { aim: 48, max: 64 };
/// Bytes of blocks an engine keeps at most.
pub const CACHE_BYTES_MAX: u64 = 48 << 20;

/// A viewer.
#[derive(Debug)]
pub struct Viewer {
    /// It watches.
    pub present: bool,
    /// It is the operator's own, and nobody's eyes.
    pub super_peer: bool,
    /// How it lies, if it does.
    pub lie: Option<Lie>,
    /// Where it lives.
    pub home: Home,
    /// What it watches.
    pub rendition: Rendition,
    /// It is to watch another rendition from the next segment on.
    pub switches: bool,
    /// Its engine; the control has none.
    pub engine: Option<Engine>,
    /// What the rival would have in its place.
    pub(crate) rival: Option<Box<Rival>>,
    /// Its player.
    pub player: Player,
    /// Its network.
    pub access: Access,
    /// What it did.
    pub account: Account,
    /// What the shell keeps.
    pub shell: Shell,
}

/// What a shell keeps beside its engine.
#[derive(Debug, Default)]
pub struct Shell {
    /// The bytes that it holds, and the end that they came from, where a viewer sent them.
    pub bodies: Bodies,
    /// How many bytes these are.
    pub held_bytes: u64,
    /// The tab is in the background.
    pub background: bool,
    /// The phone sleeps.
    pub asleep: Option<Box<Sleep>>,
    /// The engine's links.
    pub links: Row<LinkId, EndId>,
    /// The engine's GETs.
    pub fetches: Row<FetchId, GetId>,
    /// What the player waits for: the wish, and the place of the segment.
    pub want: Option<(WantId, usize)>,
    /// The next wish.
    pub next_want: u32,
    /// Of each rendition, the first place that the engine was not told of.
    pub told: BTreeMap<Rendition, usize>,
    /// The rendition that the engine was told of last.
    pub rendition: Rendition,
    /// When the playlist is polled next: what is planned for an earlier moment has had its turn.
    pub poll_at: Instant,
    /// The engine's timer.
    pub timer: Timer,
    /// When its page handles the last of what has reached it.
    pub handled: Instant,
    /// GETs under way, and those that wait for one of the browser's connections.
    pub http: Connections,
    /// The connection to the tracker: its number, and whether it is open.
    pub tracker: Option<(u64, bool)>,
}

/// When the engine wants to be called.
#[derive(Clone, Copy, Debug)]
pub struct Timer {
    /// The moment it asked for.
    pub due: Instant,
    /// The earliest event that is planned for it.
    pub planned: Instant,
    /// Times that it was called at one moment.
    pub spins: u32,
    /// Times that it was called and had nothing to say, since its figures were looked at.
    pub in_vain: u32,
}

/// A browser's connections to one host.
#[derive(Debug, Default)]
pub struct Connections {
    /// GETs that have one.
    pub active: Vec<GetId>,
    /// GETs that wait for one.
    pub waiting: VecDeque<GetId>,
}

impl Connections {
    /// A GET is over.
    pub fn forget(&mut self, get: GetId) {
        self.active.retain(|other| *other != get);
        self.waiting.retain(|other| *other != get);
    }
}

impl Default for Timer {
    fn default() -> Self {
        Self { due: Instant::NEVER, planned: Instant::NEVER, spins: 0, in_vain: 0 }
    }
}

impl Viewer {
    /// A viewer who has not come yet.
    #[must_use]
    pub fn new(scenario: &Scenario, home: Home, lie: Option<Lie>) -> Self {
        Self {
            present: false,
            super_peer: false,
            lie,
            home,
            rendition: stream::RENDITION,
            switches: false,
            engine: None,
            rival: None,
            player: Player::new(scenario.stream.segment_ms),
            access: Access::new(&home),
            account: Account::default(),
            shell: Shell::default(),
        }
    }

    /// It is there, and its page is awake.
    #[must_use]
    pub const fn is_watching(&self) -> bool {
        self.present && self.shell.asleep.is_none()
    }

    /// It is one of those for whom all this is done.
    #[must_use]
    pub const fn is_judged(&self) -> bool {
        self.lie.is_none() && !self.super_peer
    }

    /// What its engine says of itself, or said when it left.
    #[must_use]
    pub fn stats(&self) -> Option<Stats> {
        self.engine.as_ref().map(Engine::stats).or(self.account.told.as_deref().copied())
    }

    /// Some block that it sends is wrong.
    #[must_use]
    pub fn corrupts(&self) -> bool {
        self.lie.is_some_and(Lie::corrupts)
    }

    /// The shell forgets a body; false where it had none of this name.
    pub fn release(&mut self, handle: Handle) -> bool {
        let released = self.shell.bodies.take(handle);
        self.shell.held_bytes -= released.map_or(0, |body| u64::from(body.bytes));
        released.is_some()
    }

    /// Gives a body to the shell.
    pub fn hold(&mut self, body: Body, from: Option<EndId>) -> Handle {
        self.shell.held_bytes += u64::from(body.bytes);
        self.shell.bodies.put(body, from)
    }
}

/// The name of a viewer in the swarm.
#[must_use]
pub fn peer_id(seed: u64, viewer: ViewerId) -> PeerId {
    let mut fold = Fold(seed);
    fold.word(u64::from(viewer.0) + 1);
    PeerId(fold.spread())
}

/// What the engine of a viewer is told at its start.
#[must_use]
pub fn config(scenario: &Scenario, viewer: ViewerId, upload: bool) -> Config {
    let super_peer = viewer.0 < scenario.crowd.super_peers;
    Config {
        seed: Random::new(scenario.seed, Purpose::Engine, u64::from(viewer.0)).next(),
        peer_id: peer_id(scenario.seed, viewer),
        info_hash: InfoHash([0x53; 20]),
        stream: stream::NAME.into(),
        keys: vec![stream::KEY],
        target_duration_ms: scenario.stream.segment_ms,
        trackers: 1,
        p2p: true,
        upload,
        super_peer,
        links: if super_peer { LINKS_OF_THE_OPERATOR } else { LINKS },
        cache_bytes_max: CACHE_BYTES_MAX,
    }
}
