//! Whatever comes from outside, in whatever order: the engine neither panics nor spins, gives no more than it got, and
//! lets every handle go.

mod mesh;

use mesh::{Body, One, World, ms};
use proptest::prelude::*;
use protocol::id::{Block, BlockKey, Digest};
use protocol::peer::{
    Budget, Fetching, ListWanted, Message, Refusal, Refuse, Request, RequestId, SegmentStatus, data_header,
};
use swarm::io::{CheckId, FetchFailure, FetchId, Playhead, WantId};
use swarm::report::Status;
use swarm::{Handle, Input, LinkId, Output};

fn mostly() -> impl Strategy<Value = bool> {
    proptest::bool::weighted(0.9)
}

fn message() -> impl Strategy<Value = Message> {
    let block = || {
        (8_u64..13, prop_oneof![9 => 0_u16..4, 1 => 0_u16..1_000])
            .prop_map(|(segment, block)| BlockKey::new(mesh::key(segment), Block(block)))
    };
    prop_oneof![
        (8_u64..13, proptest::collection::vec(any::<u8>(), 1..3)).prop_map(|(segment, have)| {
            Message::Window(vec![SegmentStatus { segment: mesh::key(segment), have }])
        }),
        (8_u64..13, 1_u16..5, mostly()).prop_map(|(segment, blocks, valid)| {
            Message::List(mesh::list(segment, blocks, if valid { [7; 64] } else { [0; 64] }))
        }),
        proptest::collection::vec(block(), 1..8).prop_map(Message::Have),
        (block(), any::<u16>()).prop_map(|(block, wait_ms)| Message::Fetching(Fetching { block, wait_ms })),
        (block(), any::<u16>()).prop_map(|(block, wait_ms)| Message::Rumour(Fetching { block, wait_ms })),
        (block(), 0_u32..8, any::<u16>()).prop_map(|(block, id, due_ms)| Message::Request(Request {
            id: RequestId(id),
            block,
            due_ms
        })),
        (0_u32..8, any::<u16>()).prop_map(|(id, retry_ms)| Message::Refuse(Refuse {
            id: RequestId(id),
            reason: Refusal::Busy,
            retry_ms
        })),
        (0_u32..8).prop_map(|id| Message::Cancel(RequestId(id))),
        (8_u64..13, 0_u16..6).prop_map(|(segment, blocks)| Message::ListWanted(ListWanted {
            segment: mesh::key(segment),
            blocks
        })),
        any::<(u64, u32, u8)>().prop_map(|(spare_bytes, uplink_kbit, queued)| Message::Budget(Budget {
            spare_bytes,
            uplink_kbit,
            queued
        })),
        Just(Message::Probe),
        Just(Message::Bye),
    ]
}

/// One thing that happens to an engine; numbers name one of what the engine asked for last.
#[derive(Clone, Debug)]
enum Blow {
    Bytes(Vec<u8>),
    Message(Message),
    Greet,
    Data(usize, bool),
    Unasked(Vec<u8>, u32),
    Tracker(Vec<u8>),
    List(usize, u64, u16, bool),
    Fetched(usize, bool),
    Failed(usize),
    Verified(usize),
    Checked(usize, bool),
    Link(u32, bool),
    Hang,
    Want(u64),
    Playhead(u64, u64, bool),
    Buffered,
    Pass(u64),
}

fn blow() -> impl Strategy<Value = Blow> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..64);
    let one = || 0_usize..4;
    // Of what makes the rest happen there is more.
    prop_oneof![
        1 => bytes().prop_map(Blow::Bytes),
        24 => message().prop_map(Blow::Message),
        2 => Just(Blow::Greet),
        12 => (one(), mostly()).prop_map(|(request, good)| Blow::Data(request, good)),
        1 => (bytes(), 0_u32..70_000).prop_map(|(header, bytes)| Blow::Unasked(header, bytes)),
        1 => bytes().prop_map(Blow::Tracker),
        4 => (one(), 8_u64..13, 0_u16..5, mostly())
            .prop_map(|(get, segment, blocks, valid)| Blow::List(get, segment, blocks, valid)),
        4 => (one(), mostly()).prop_map(|(get, good)| Blow::Fetched(get, good)),
        1 => one().prop_map(Blow::Failed),
        12 => one().prop_map(Blow::Verified),
        8 => (one(), mostly()).prop_map(|(check, valid)| Blow::Checked(check, valid)),
        1 => (0_u32..6, any::<bool>()).prop_map(|(link, open)| Blow::Link(link, open)),
        1 => Just(Blow::Hang),
        2 => (8_u64..13).prop_map(Blow::Want),
        2 => (16_000_u64..24_000, 18_000_u64..30_000, any::<bool>())
            .prop_map(|(at, to, playing)| Blow::Playhead(at, to, playing)),
        1 => Just(Blow::Buffered),
        6 => (0_u64..600).prop_map(Blow::Pass),
    ]
}

/// An engine under blows, and what it has asked for and not been given.
struct Bout {
    one: One,
    requests: Vec<(RequestId, BlockKey)>,
    gets: Vec<(FetchId, BlockKey)>,
    list_gets: Vec<(FetchId, u64)>,
    /// With what is true of their signatures.
    checks: Vec<(CheckId, bool)>,
    hashes: Vec<Handle>,
    /// The bytes behind each handle that the engine was given and has not released.
    held: std::collections::BTreeMap<Handle, Body>,
    handles: u32,
    peers: usize,
    linked: bool,
}

impl Bout {
    /// A viewer that has just begun to watch segment 9 of a stream that is making segment 10.
    fn new() -> Self {
        let one = One::new();
        let mut bout = Self {
            one,
            requests: Vec::new(),
            gets: Vec::new(),
            list_gets: Vec::new(),
            checks: Vec::new(),
            hashes: Vec::new(),
            held: std::collections::BTreeMap::new(),
            handles: 0,
            peers: 1,
            linked: false,
        };
        bout.give(Input::Rendition(mesh::rendition()));
        let listed: Vec<_> = (8..10).map(mesh::listed).collect();
        bout.give(Input::Playlist { segments: &listed, ended: false });
        bout.strike(&Blow::Want(9));
        bout.strike(&Blow::Playhead(18_000, 18_500, true));
        bout
    }

    /// Makes a link where there is none: with somebody new, for the last one may be barred.
    fn meet(&mut self) {
        if !self.linked {
            self.linked = self.one.meet(mesh::peer_id(self.peers % 250 + 1));
            assert!(self.linked, "a stranger is met");
            self.peers += 1;
            self.note();
            // Now and then one speaks before its greeting.
            if !self.peers.is_multiple_of(4) {
                self.one.greet();
                self.note();
            }
        }
    }

    fn give(&mut self, input: Input<'_>) {
        self.one.feed(input);
        self.note();
    }

    fn hold(&mut self, body: Body) -> (Handle, u32) {
        let handle = Handle(self.handles);
        self.handles += 1;
        self.held.insert(handle, body);
        (handle, body.bytes())
    }

    /// Remembers what the engine wants now.
    fn note(&mut self) {
        for output in std::mem::take(&mut self.one.outputs) {
            match output {
                Output::Fetch { fetch, block } => self.gets.push((fetch, block)),
                Output::FetchList { fetch, segment, .. } => self.list_gets.push((fetch, segment.segment.0)),
                Output::VerifyList { check, signature, .. } => {
                    self.checks.push((check, signature == [7; 64]));
                }
                Output::Verify { handle } => self.hashes.push(handle),
                Output::Release { handle } => {
                    assert!(self.held.remove(&handle).is_some(), "released twice, or never given");
                }
                Output::Close { link } if link == self.one.link => self.linked = false,
                Output::Transmit { bytes, .. } => {
                    if let Ok(Message::Request(request)) = Message::decode(&bytes) {
                        self.requests.push((request.id, request.block));
                    }
                }
                _ => {}
            }
        }
    }

    fn strike(&mut self, blow: &Blow) {
        self.meet();
        let link = self.one.link;
        match blow {
            Blow::Bytes(bytes) => self.give(Input::Message { link, bytes }),
            Blow::Message(message) => self.hear(message),
            Blow::Greet => {
                self.one.greet();
                self.note();
            }
            Blow::Data(request, good) => {
                let Some((id, block)) = pick(&mut self.requests, *request) else { return };
                let (handle, bytes) = self.hold(if *good { Body::True(block) } else { Body::False(61_440) });
                self.give(Input::Data { link, header: &data_header(id, bytes), handle, bytes });
            }
            Blow::Unasked(header, bytes) => {
                let (handle, bytes) = self.hold(Body::False(*bytes));
                self.give(Input::Data { link, header, handle, bytes });
            }
            Blow::Tracker(bytes) => self.give(Input::TrackerMessage(bytes)),
            Blow::Link(link, true) => self.give(Input::LinkOpen { link: LinkId(100 + link) }),
            Blow::Link(link, false) => self.give(Input::LinkClosed { link: LinkId(100 + link) }),
            Blow::Hang => {
                self.linked = false;
                self.give(Input::LinkClosed { link });
            }
            Blow::Buffered => self.give(Input::Buffered { link, bytes: 0 }),
            Blow::Pass(span) => {
                self.one.pass(ms(*span));
                self.note();
            }
            Blow::Want(segment) => {
                self.handles += 1;
                self.give(Input::Want { want: WantId(self.handles), segment: mesh::key(*segment) });
            }
            Blow::Playhead(at, until, playing) => {
                let time = |ms: &u64| protocol::time::StreamTime(1_700_000_000_000 + ms);
                let (at, buffered_until) = (time(at), time(until));
                self.give(Input::Playhead(Playhead { at, buffered_until, playing: *playing }));
            }
            answer => self.answer(answer),
        }
    }

    /// A message reaches its handler: the link is open.
    fn hear(&mut self, message: &Message) {
        let before = self.one.engine.stats().messages_received;
        self.one.hear(message);
        assert_eq!(self.one.engine.stats().messages_received, before + 1);
        self.note();
    }

    /// The shell's answers to what the engine asked of it.
    fn answer(&mut self, blow: &Blow) {
        match *blow {
            Blow::List(get, segment, blocks, valid) => {
                let Some((fetch, asked)) = pick(&mut self.list_gets, get) else { return };
                let number = if valid { asked } else { segment };
                let bytes = mesh::list(number, blocks, if valid { [7; 64] } else { [0; 64] });
                self.give(Input::FetchedList { fetch, bytes: &bytes });
            }
            Blow::Fetched(get, good) => {
                let Some((fetch, block)) = pick(&mut self.gets, get) else { return };
                let (handle, bytes) = self.hold(if good { Body::True(block) } else { Body::False(9) });
                self.give(Input::Fetched { fetch, handle, bytes });
            }
            Blow::Failed(get) => {
                let Some((fetch, _)) = pick(&mut self.gets, get) else { return };
                self.give(Input::FetchFailed { fetch, failure: FetchFailure::Absent });
            }
            Blow::Verified(place) => {
                let Some(handle) = pick(&mut self.hashes, place) else { return };
                let body = self.held.get(&handle).copied().unwrap_or(Body::False(0));
                self.give(Input::Verified { handle, digest: mesh::digest_of(body) });
            }
            Blow::Checked(place, truly) => {
                let Some((check, signed)) = pick(&mut self.checks, place) else { return };
                self.give(Input::ListVerified { check, valid: signed == truly, digest: Digest([1; 32]) });
            }
            _ => {}
        }
    }

    /// What the window says that it holds.
    fn in_window(&self) -> usize {
        let held = |status| matches!(status, Status::Checking | Status::HaveOrigin | Status::HavePeer);
        self.one.engine.blocks().filter(|block| held(block.status)).count()
    }
}

/// One of the last few.
fn pick<T>(from: &mut Vec<T>, place: usize) -> Option<T> {
    let place = from.len().checked_sub(1 + place)?;
    Some(from.remove(place))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_inputs_in_any_order_are_survived(blows in proptest::collection::vec(blow(), 0..160)) {
        let mut bout = Bout::new();
        for blow in &blows {
            bout.strike(blow);
            let stats = bout.one.engine.stats();
            prop_assert!(stats.upload_bytes <= stats.origin_bytes + stats.peer_bytes + stats.super_peer_bytes);
            prop_assert_eq!(bout.in_window(), bout.held.len(), "each handle is held by the window or released");
        }
    }

    #[test]
    fn a_neighbour_may_say_anything_and_the_stream_plays_on(
        said in proptest::collection::vec(prop_oneof![message().prop_map(|m| m.encode()), proptest::collection::vec(any::<u8>(), 0..48)], 1..40)
    ) {
        let mut world = World::with(3);
        world.run(ms(4_000));
        for bytes in said {
            let link = world.viewers[0].engine.peers().next().map(|peer| peer.link);
            if let Some(link) = link {
                world.feed(0, Input::Message { link, bytes: &bytes });
            }
            world.run(ms(100));
        }
        world.run(ms(10_000));
        for viewer in &world.viewers {
            prop_assert_eq!((viewer.stalls, viewer.given_up), (0, 0));
        }
    }
}
