//! The engine: a table of parts, and the routes between them.

mod ahead;
mod ask;
mod gossip;
mod lists;
mod load;
mod media;
mod neighbours;
mod serve;
mod supply;
mod tracker;
mod trade;

use std::collections::VecDeque;

use protocol::id::{BlockKey, Rendition};
use protocol::time::{Duration, Instant, StreamTime};

use crate::announce::Announcer;
use crate::budget::Budget;
use crate::early::Early;
use crate::encoder::Encoder;
use crate::io::{Config, Input, Output};
use crate::links::Table;
use crate::lists::Lists;
use crate::origin::Origin;
use crate::pace::Pace;
use crate::peer::Peers;
use crate::position::Position;
use crate::report::{BlockView, PeerView, Stats, Status};
use crate::rng::Rng;
use crate::share::Share;
use crate::timers::{Timer, Timers};
use crate::upload::Upload;
use crate::wants::Wants;
use crate::window::{Held, Source, Window};

/// One viewer's engine. The crate's documentation has the drain rule.
#[derive(Debug)]
pub struct Engine {
    config: Config,
    rng: Rng,
    out: VecDeque<Output>,
    timers: Timers,
    window: Window,
    lists: Lists,
    origin: Origin,
    pace: Pace,
    /// How long a block takes from the origin, where that is long; else zero.
    slow: Duration,
    wants: Wants,
    position: Position,
    encoder: Encoder,
    early: Early,
    peers: Peers,
    links: Table,
    announcer: Announcer,
    upload: Upload,
    budget: Budget,
    budget_told: Instant,
    /// The weight and the willingness that neighbours were last told.
    weight: u8,
    /// The weight by uplink alone.
    class: u8,
    share: Share,
    served: bool,
    begun: Instant,
    /// Until when time-outs are nobody's fault: this page itself stood still.
    lenient_until: Instant,
    /// Since when there are neighbours.
    joined: Option<Instant>,
    /// When offers were last asked of the shell.
    dialled: Option<Instant>,
    /// The links are at fault: one more is looked for.
    shaken: bool,
    /// Something happened that may change a decision: the market is looked at before this input is done with.
    stirred: bool,
    /// Bytes came in: something older may have to make room.
    crowded: bool,
    /// When the first promise near must have been kept.
    promises_end: Instant,
    /// Moves with everything that ranks depend on: neighbours, their weights and renditions, and our own weight.
    ranks: u32,
    /// How late a neighbour's news may be.
    lag: Duration,
    /// The rendition watched, and from where on its segments are wanted.
    rendition: Option<Rendition>,
    floor: Option<StreamTime>,
    /// The first segment that the player wished for: it waits for its first frame.
    first: Option<protocol::id::SegmentKey>,
    /// The playlist has ended: nothing new comes.
    ended: bool,
    background: bool,
    upload_allowed: bool,
    stats: Stats,
    now: Instant,
}

impl Engine {
    /// A new engine. Its shell drains it once before the first input.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let rng = Rng::new(config.seed);
        let upload_allowed = config.upload;
        let trackers = if config.p2p { config.trackers } else { 0 };
        let mut engine = Self {
            rng,
            out: VecDeque::new(),
            timers: Timers::new(),
            window: Window::default(),
            lists: Lists::default(),
            origin: Origin::default(),
            pace: Pace::default(),
            slow: Duration::ZERO,
            wants: Wants::default(),
            position: Position::default(),
            encoder: Encoder::default(),
            early: Early::default(),
            peers: Peers::default(),
            links: Table::default(),
            announcer: Announcer::new(trackers, now),
            upload: Upload::default(),
            budget: Budget::new(config.super_peer),
            budget_told: Instant::ZERO,
            weight: 0,
            class: 0,
            share: Share::default(),
            served: config.p2p && config.upload,
            begun: now,
            lenient_until: Instant::ZERO,
            joined: None,
            dialled: None,
            shaken: false,
            stirred: true,
            crowded: false,
            promises_end: Instant::NEVER,
            ranks: 1,
            lag: Duration::ZERO,
            config,
            rendition: None,
            floor: None,
            first: None,
            ended: false,
            background: false,
            upload_allowed,
            stats: Stats::default(),
            now,
        };
        engine.turn();
        engine
    }

    /// Takes in what happened. The outputs of the input before must have been drained.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        debug_assert!(self.out.is_empty(), "an input came before the outputs of the last one were drained");
        self.now = self.now.max(now);
        if self.now.since(self.timers.next().0) > crate::limits::FROZEN {
            self.lenient_until = self.now + crate::limits::LENIENCE;
        }
        // What neighbours tell, and what becomes of our own uploads, stirs the market only where it says so: with a
        // dozen neighbours that is nearly every input there is.
        self.stirred = !matches!(
            input,
            Input::Timeout | Input::Message { .. } | Input::Buffered { .. } | Input::Verified { .. }
        );
        match input {
            Input::Timeout => {}
            Input::Playlist { segments, ended } => self.on_playlist(segments, ended),
            Input::Playhead(playhead) => self.on_playhead(playhead),
            Input::Want { want, segment } => self.on_want(want, segment),
            Input::Unwant { want } => self.wants.remove(want),
            Input::Loaded { bytes } => {
                self.budget.earn(u64::from(bytes.min(crate::limits::LOADED_BYTES_MAX)));
            }
            Input::Rendition(rendition) => self.on_rendition(rendition),
            Input::Conditions { background, upload } => {
                self.background = background;
                self.upload_allowed = self.config.upload && upload;
            }
            Input::Fetched { fetch, handle, bytes } => self.on_fetched(fetch, handle, bytes),
            Input::FetchedList { fetch, bytes } => self.on_fetched_list(fetch, bytes),
            Input::FetchFailed { fetch, failure } => self.on_fetch_failed(fetch, failure),
            Input::Verified { handle, digest } => self.on_verified(handle, digest),
            Input::ListVerified { check, valid, digest } => self.on_list_verified(check, valid, digest),
            Input::TrackerOpen => self.on_tracker_open(),
            Input::TrackerClosed => self.on_tracker_closed(),
            Input::TrackerMessage(bytes) => self.on_tracker_message(bytes),
            Input::Offer { link, sdp } => self.on_offer(link, sdp),
            Input::Answer { link, sdp } => self.on_answer(link, sdp),
            Input::LinkOpen { link } => self.on_link_open(link),
            Input::LinkClosed { link } => self.on_link_closed(link),
            Input::Message { link, bytes } => self.on_message(link, bytes),
            Input::Data { link, header, handle, bytes } => self.on_data(link, header, handle, bytes),
            Input::Buffered { link, bytes: 0 } => self.upload.drained(link, self.now),
            Input::Buffered { .. } => {}
            Input::Leave => self.on_leave(),
        }
        self.turn();
    }

    /// What to do next; [`Output::Timeout`] ends the drain.
    pub fn poll_output(&mut self) -> Output {
        let next = || self.timers.next().0.max(self.now + crate::limits::TIMER_MIN);
        self.out.pop_front().unwrap_or_else(|| Output::Timeout(next()))
    }

    /// Swaps the room in which outputs wait for the drain. A shell of thousands of engines lends each its own, which is
    /// near at hand, before an input, and takes it back after the drain.
    pub fn lend(&mut self, room: &mut VecDeque<Output>) {
        debug_assert!(self.out.is_empty() || room.is_empty(), "outputs would wait in two rooms");
        core::mem::swap(&mut self.out, room);
    }

    /// Totals since the start.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let links = u16::try_from(self.peers.met()).unwrap_or(u16::MAX);
        // The tracker is asked every minute or two; who has joined since is a neighbour before it says so.
        let near = u32::from(links) + 1;
        let swarm_size = if self.announcer.is_open() { self.announcer.swarm.max(near) } else { 0 };
        Stats { links, swarm_size, ..self.stats }
    }

    /// The neighbours.
    pub fn peers(&self) -> impl Iterator<Item = PeerView> {
        self.peers.greeted().map(|peer| PeerView {
            link: peer.link,
            peer: peer.id,
            received_bytes: peer.received_bytes,
            sent_bytes: peer.sent_bytes,
            block_ms: peer.block_ms(),
            requests: u8::try_from(peer.asked.len()).unwrap_or(u8::MAX),
            super_peer: peer.is_super(),
        })
    }

    /// The blocks of the window, oldest first.
    pub fn blocks(&self) -> impl Iterator<Item = BlockView> {
        self.window.iter().flat_map(|segment| {
            let places = (0..).take(segment.blocks());
            places.filter_map(|place| self.block(BlockKey::new(segment.key, protocol::id::Block(place))))
        })
    }

    /// One block of the window.
    #[must_use]
    pub fn block(&self, key: BlockKey) -> Option<BlockView> {
        let block = self.window.block(key);
        let piece = self.window.had(key).or_else(|| Some(&block?.piece))?;
        let held = block.map_or(Held::Have, |block| block.held);
        let from = match piece.source {
            Source::Peer(_, peer) if held != Held::Missing => Some(peer),
            Source::Peer(..) | Source::Origin => None,
        };
        let status = match held {
            Held::Checking(_) => Status::Checking,
            Held::Have if from.is_some() => Status::HavePeer,
            Held::Have => Status::HaveOrigin,
            Held::Missing if block?.bought.is_some() => Status::FromOrigin,
            Held::Missing if block?.asked.is_some() => Status::FromPeer,
            Held::Missing => Status::Missing,
        };
        let had = held == Held::Have;
        let supply = self.peers.greeted().filter(|peer| peer.supplies(key)).count();
        let demand = self.peers.greeted().filter(|peer| !peer.holdings.has(key)).count() + usize::from(!had);
        Some(BlockView {
            block: key,
            bytes: piece.bytes,
            status,
            supply: u8::try_from(supply).unwrap_or(u8::MAX),
            demand: u8::try_from(demand).unwrap_or(u8::MAX),
            reason: piece.reason,
            from,
            seen: piece.seen,
            done: had.then_some(piece.done),
        })
    }

    /// Everything that follows from the passing of time or from any input.
    fn turn(&mut self) {
        if self.stirred || self.timers.next_but_upload() <= self.now {
            self.round();
        }
        self.serve();
        self.tell_budget();
        self.timers.set(Timer::Upload, self.upload.next_deadline());
    }

    /// Looks at everything once.
    fn round(&mut self) {
        self.end_overdue_fetches();
        self.slow = self.pace.slow(self.origin.oldest(), self.now);
        if self.timers.at(Timer::Links) <= self.now {
            self.end_overdue_links();
        }
        self.tell_weight();
        self.trade();
        self.speak_to_tracker();
        self.evict();
        self.timers.set(Timer::Fetches, self.origin.next_deadline());
        self.timers.set(Timer::Links, self.next_link_deadline());
    }

    fn push(&mut self, output: Output) {
        self.out.push_back(output);
    }

    /// A GET that may wait at the origin waits one target duration at most.
    fn origin_wait(&self) -> Duration {
        Duration::from_millis(u64::from(self.config.target_duration_ms))
    }
}
