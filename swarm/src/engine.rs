//! The engine: a table of parts, and the routes between them.

mod lists;
mod media;
mod supply;
mod trade;

use std::collections::VecDeque;

use protocol::id::{BlockKey, Rendition};
use protocol::time::{Duration, Instant, StreamTime};

use crate::io::{Config, Input, Output};
use crate::lists::Lists;
use crate::origin::Origin;
use crate::position::Position;
use crate::report::{BlockView, PeerView, Stats, Status};
use crate::rng::Rng;
use crate::timers::{Timer, Timers};
use crate::wants::Wants;
use crate::window::{BlockState, Held, Source, Window};

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
    wants: Wants,
    position: Position,
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
        Self {
            config,
            rng,
            out: VecDeque::new(),
            timers: Timers::new(),
            window: Window::default(),
            lists: Lists::default(),
            origin: Origin::default(),
            wants: Wants::default(),
            position: Position::default(),
            rendition: None,
            floor: None,
            first: None,
            ended: false,
            background: false,
            upload_allowed,
            stats: Stats::default(),
            now,
        }
    }

    /// Takes in what happened. The outputs of the input before must have been drained.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        debug_assert!(self.out.is_empty(), "an input came before the outputs of the last one were drained");
        self.now = self.now.max(now);
        match input {
            Input::Timeout => {}
            Input::Playlist { segments, ended } => self.on_playlist(segments, ended),
            Input::Playhead(playhead) => self.on_playhead(playhead),
            Input::Want { want, segment } => self.on_want(want, segment),
            Input::Unwant { want } => self.wants.remove(want),
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
            Input::TrackerOpen
            | Input::TrackerClosed
            | Input::TrackerMessage(_)
            | Input::Offer { .. }
            | Input::Answer { .. }
            | Input::LinkOpen { .. }
            | Input::LinkClosed { .. }
            | Input::Message { .. }
            | Input::Buffered { .. } => {}
            Input::Data { handle, .. } => self.release(handle),
        }
        self.turn();
    }

    /// What to do next; [`Output::Timeout`] ends the drain.
    pub fn poll_output(&mut self) -> Output {
        self.out.pop_front().unwrap_or_else(|| Output::Timeout(self.timers.next().0))
    }

    /// Totals since the start.
    #[must_use]
    pub const fn stats(&self) -> Stats {
        self.stats
    }

    /// The neighbours.
    pub fn peers(&self) -> impl Iterator<Item = PeerView> {
        core::iter::empty()
    }

    /// The blocks of the window, oldest first.
    pub fn blocks(&self) -> impl Iterator<Item = BlockView> {
        self.window.iter().flat_map(|segment| {
            let numbered = segment.blocks.iter().zip(0..);
            numbered.map(|(block, place)| view(BlockKey::new(segment.key, protocol::id::Block(place)), block))
        })
    }

    /// Everything that follows from the passing of time or from any input.
    fn turn(&mut self) {
        self.end_overdue_fetches();
        self.trade();
        self.evict();
        self.timers.set(Timer::Fetches, self.origin.next_deadline());
    }

    fn push(&mut self, output: Output) {
        self.out.push_back(output);
    }

    /// A GET that may wait at the origin waits one target duration at most.
    fn origin_wait(&self) -> Duration {
        Duration::from_millis(u64::from(self.config.target_duration_ms))
    }
}

fn view(key: BlockKey, block: &BlockState) -> BlockView {
    let source = match block.held {
        Held::Missing => None,
        Held::Checking { source, .. } | Held::Have { source, .. } => Some(source),
    };
    let status = match block.held {
        Held::Checking { .. } => Status::Checking,
        Held::Have { source: Source::Origin, .. } => Status::HaveOrigin,
        Held::Have { source: Source::Peer(..), .. } => Status::HavePeer,
        Held::Missing if block.bought.is_some() => Status::FromOrigin,
        Held::Missing if block.asked.is_some() => Status::FromPeer,
        Held::Missing => Status::Missing,
    };
    let from = match source {
        Some(Source::Peer(_, peer)) => Some(peer),
        Some(Source::Origin) | None => None,
    };
    BlockView {
        block: key,
        bytes: block.bytes,
        status,
        supply: 0,
        demand: 0,
        reason: block.reason,
        from,
        seen: block.seen,
        done: block.done,
    }
}
