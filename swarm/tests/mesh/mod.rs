//! A small world for tests: real engines, an origin that makes a segment every 2 s, a tracker, players; no socket.
//!
//! Four blocks a segment; a message takes 5 ms, a GET 20 ms. Signatures and digests are stand-ins that the world itself
//! gives out, so that it can say exactly which bytes are true.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "every test file uses its own part of the world"
)]
#![allow(clippy::expect_used, clippy::panic, reason = "the world of a test breaks with the test")]

mod one;
mod origin;
mod shell;
mod tracker;

use std::collections::BTreeMap;

use protocol::id::{InfoHash, PeerId, Rendition, Segment, SegmentKey};
use protocol::time::{Duration, Instant};
use swarm::io::{Config, FetchFailure, FetchId, Links, Listed};
use swarm::{Engine, Input, LinkId, Output};

pub use one::One;
pub use origin::{BLOCKS, KEY, SEGMENT_BYTES, digest_of, list, listed, segment};
pub use shell::{Body, Viewer};

/// What happens later.
pub enum Later {
    Timer(usize),
    Poll(usize),
    Position(usize),
    Fetched(usize, FetchId, Result<Answer, FetchFailure>),
    Tracker(usize, Vec<u8>),
    TrackerOpen(usize, bool),
    Open(usize, LinkId),
    Message(usize, LinkId, Vec<u8>),
    Data(usize, LinkId, Vec<u8>, Body),
    Drained(usize, LinkId),
}

/// What a GET brought.
pub enum Answer {
    Block(Body, u32),
    List(Vec<u8>),
}

/// The world.
pub struct World {
    pub now: Instant,
    pub viewers: Vec<Viewer>,
    queue: BTreeMap<(Instant, u64), Later>,
    order: u64,
    /// Blocks that the origin sent, by segment and block.
    pub spent: BTreeMap<(u64, u16), u32>,
    pub tracker_up: bool,
    pub lists_up: bool,
    pub blocks_up: bool,
}

pub fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub fn peer_id(number: usize) -> PeerId {
    let mut id = [0x51; 20];
    id[0] = u8::try_from(number * 37 % 251).expect("a byte");
    id[1] = u8::try_from(number).expect("few viewers");
    PeerId(id)
}

pub fn config(number: usize) -> Config {
    Config {
        seed: number as u64 + 1,
        peer_id: peer_id(number),
        info_hash: InfoHash([9; 20]),
        stream: "main".into(),
        keys: vec![KEY],
        target_duration_ms: 2_000,
        trackers: 1,
        p2p: true,
        upload: true,
        super_peer: false,
        links: Links { aim: 12, max: 16 },
        cache_bytes_max: 64 << 20,
    }
}

impl World {
    /// A stream that has been on for 20 s, and nobody watching.
    pub fn new() -> Self {
        Self {
            now: Instant::from_millis(20_000),
            viewers: Vec::new(),
            queue: BTreeMap::new(),
            order: 0,
            spent: BTreeMap::new(),
            tracker_up: true,
            lists_up: true,
            blocks_up: true,
        }
    }

    /// Viewers that come 300 ms apart.
    pub fn with(viewers: usize) -> Self {
        let mut world = Self::new();
        for number in 0..viewers {
            world.join(config(number));
            world.run(ms(300));
        }
        world
    }

    pub fn join(&mut self, config: Config) -> usize {
        let number = self.viewers.len();
        let super_peer = config.super_peer;
        let mut viewer = Viewer::new(Engine::new(config, self.now));
        viewer.super_peer = super_peer;
        viewer.id = peer_id(number);
        self.viewers.push(viewer);
        self.drain(number);
        self.later(ms(0), Later::Poll(number));
        self.later(ms(100), Later::Position(number));
        number
    }

    pub fn leave(&mut self, viewer: usize) {
        self.feed(viewer, Input::Leave);
        self.viewers[viewer].gone = true;
    }

    pub fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(((at, _), _)) = self.queue.first_key_value()
            && *at <= end
        {
            let ((at, _), later) = self.queue.pop_first().expect("there is one");
            self.now = at;
            self.happen(later);
        }
        self.now = end;
    }

    pub fn later(&mut self, span: Duration, later: Later) {
        self.order += 1;
        self.queue.insert((self.now + span, self.order), later);
    }

    fn happen(&mut self, later: Later) {
        match later {
            Later::Timer(viewer) => {
                if self.viewers[viewer].due <= self.now {
                    self.feed(viewer, Input::Timeout);
                }
            }
            Later::Poll(viewer) => self.poll(viewer),
            Later::Position(viewer) => {
                let playhead = self.viewers[viewer].play(self.now);
                if let Some(playhead) = playhead {
                    self.feed(viewer, Input::Playhead(playhead));
                }
                self.later(ms(250), Later::Position(viewer));
            }
            Later::Fetched(viewer, fetch, answer) => self.fetched(viewer, fetch, answer),
            Later::Tracker(viewer, bytes) => self.feed(viewer, Input::TrackerMessage(&bytes)),
            Later::TrackerOpen(viewer, true) => self.feed(viewer, Input::TrackerOpen),
            Later::TrackerOpen(viewer, false) => self.feed(viewer, Input::TrackerClosed),
            Later::Open(viewer, link) => self.feed(viewer, Input::LinkOpen { link }),
            Later::Message(viewer, link, bytes) => self.feed(viewer, Input::Message { link, bytes: &bytes }),
            Later::Data(viewer, link, header, body) => {
                let bytes = body.bytes();
                let handle = self.viewers[viewer].hold(body);
                self.feed(viewer, Input::Data { link, header: &header, handle, bytes });
            }
            Later::Drained(viewer, link) => self.feed(viewer, Input::Buffered { link, bytes: 0 }),
        }
    }

    fn fetched(&mut self, viewer: usize, fetch: FetchId, answer: Result<Answer, FetchFailure>) {
        match answer {
            Ok(Answer::Block(body, bytes)) => {
                let handle = self.viewers[viewer].hold(body);
                self.feed(viewer, Input::Fetched { fetch, handle, bytes });
            }
            Ok(Answer::List(bytes)) => self.feed(viewer, Input::FetchedList { fetch, bytes: &bytes }),
            Err(failure) => self.feed(viewer, Input::FetchFailed { fetch, failure }),
        }
    }

    fn poll(&mut self, viewer: usize) {
        let newest = self.now.0 / 2_000_000 - 1;
        let known = self.viewers[viewer].listed.map_or(newest.saturating_sub(5), |known| known + 1);
        let segments: Vec<Listed> = (known..=newest).map(origin::listed).collect();
        self.viewers[viewer].listed = Some(newest);
        self.feed(viewer, Input::Playlist { segments: &segments, ended: false });
        self.want(viewer);
        self.later(ms(1_900), Later::Poll(viewer));
    }

    /// Asks the engine for what the player wants next.
    fn want(&mut self, viewer: usize) {
        if let Some((want, segment)) = self.viewers[viewer].next_want() {
            self.feed(viewer, Input::Want { want, segment });
        }
    }

    /// One input, and everything that it leads to at once.
    pub fn feed(&mut self, viewer: usize, input: Input<'_>) {
        if self.viewers[viewer].gone {
            return;
        }
        self.viewers[viewer].engine.handle_input(self.now, input);
        self.drain(viewer);
    }

    fn drain(&mut self, viewer: usize) {
        let mut outputs = Vec::new();
        let due = loop {
            match self.viewers[viewer].engine.poll_output() {
                Output::Timeout(due) => break due,
                output => outputs.push(output),
            }
        };
        self.viewers[viewer].check();
        self.viewers[viewer].due = due;
        if due != Instant::NEVER {
            self.later(due.since(self.now), Later::Timer(viewer));
        }
        for output in outputs {
            self.carry_out(viewer, output);
        }
    }

    fn carry_out(&mut self, viewer: usize, output: Output) {
        match output {
            Output::Fetch { fetch, block } => self.get_block(viewer, fetch, block),
            Output::FetchList { fetch, segment, blocks } => self.get_list(viewer, fetch, segment, blocks),
            Output::Verify { handle } => {
                let digest = digest_of(self.viewers[viewer].body(handle));
                self.feed(viewer, Input::Verified { handle, digest });
            }
            Output::VerifyList { check, signed, signature, .. } => {
                let digest = origin::digest(&signed);
                self.feed(
                    viewer,
                    Input::ListVerified { check, valid: signature == origin::SIGNATURE, digest },
                );
            }
            Output::Ready { want, blocks } => {
                self.viewers[viewer].ready(want, &blocks, self.now);
                self.want(viewer);
            }
            Output::GiveUp { want } => {
                self.viewers[viewer].given_up(want);
                self.want(viewer);
            }
            Output::Release { handle } => self.viewers[viewer].release(handle),
            Output::Event(event) => self.viewers[viewer].events.push(event),
            Output::Tracker(bytes) => self.tell_tracker(viewer, &bytes),
            Output::TrackerConnect { .. } => self.later(ms(5), Later::TrackerOpen(viewer, self.tracker_up)),
            Output::Transmit { .. }
            | Output::TransmitBlock { .. }
            | Output::Dial { .. }
            | Output::Accept { .. }
            | Output::Answered { .. }
            | Output::Close { .. } => self.link_output(viewer, output),
            Output::CancelFetch { .. } | Output::Timeout(_) => {}
        }
    }

    fn link_output(&mut self, viewer: usize, output: Output) {
        match output {
            Output::Dial { link } => {
                self.feed(viewer, Input::Offer { link, sdp: &format!("{viewer} {}", link.0) })
            }
            Output::Accept { link, sdp } => {
                self.viewers[viewer].pair(link, &sdp);
                self.feed(viewer, Input::Answer { link, sdp: &format!("{viewer} {}", link.0) });
            }
            Output::Answered { link, sdp } => {
                let (them, theirs) = self.viewers[viewer].pair(link, &sdp);
                self.later(ms(10), Later::Open(viewer, link));
                self.later(ms(10), Later::Open(them, theirs));
            }
            Output::Transmit { link, bytes } => {
                if let Some((them, theirs)) = self.viewers[viewer].partner(link) {
                    self.later(ms(5), Later::Message(them, theirs, bytes));
                }
            }
            Output::TransmitBlock { link, header, handle } => {
                let body = self.viewers[viewer].outgoing(handle);
                if let Some((them, theirs)) = self.viewers[viewer].partner(link) {
                    self.later(ms(3), Later::Drained(viewer, link));
                    if !self.viewers[viewer].swallows {
                        self.later(ms(8), Later::Data(them, theirs, header, body));
                    }
                }
            }
            Output::Close { link } => {
                let partner = self.viewers[viewer].unpair(link);
                self.feed(viewer, Input::LinkClosed { link });
                if let Some((them, theirs)) = partner
                    && self.viewers[them].unpair(theirs).is_some()
                {
                    self.feed(them, Input::LinkClosed { link: theirs });
                }
            }
            other => panic!("not of a link: {other:?}"),
        }
    }

    /// Copies that the origin sent of each block of these segments.
    pub fn copies(&self, segments: core::ops::Range<u64>) -> f64 {
        let blocks = (segments.end - segments.start) * u64::from(BLOCKS);
        let spent: u32 =
            self.spent.range((segments.start, 0)..(segments.end, 0)).map(|(_, copies)| *copies).sum();
        f64::from(spent) / blocks as f64
    }

    pub fn newest(&self) -> u64 {
        self.now.0 / 2_000_000
    }
}

pub fn rendition() -> Rendition {
    Rendition(0)
}

pub fn key(number: u64) -> SegmentKey {
    SegmentKey::new(rendition(), Segment(number))
}
