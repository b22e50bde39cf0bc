//! Whatever comes from outside, in whatever order: the engine neither panics nor spins, gives no more than it got, and
//! lets every handle go.

mod mesh;

use mesh::{World, config, ms};
use proptest::prelude::*;
use protocol::id::{Block, BlockKey, Digest};
use protocol::peer::{Budget, Fetching, Hello, ListWanted, Message, Refusal, Refuse, Request, RequestId};
use swarm::io::{CheckId, FetchFailure, FetchId, Playhead, WantId};
use swarm::{Engine, Handle, Input, LinkId, Output};

/// Outputs of one drain at most, whatever came in.
const DRAIN_MAX: usize = 4_096;

fn message() -> impl Strategy<Value = Message> {
    let block = || {
        (0_u64..40, 0_u16..2_000).prop_map(|(segment, block)| BlockKey::new(mesh::key(segment), Block(block)))
    };
    prop_oneof![
        any::<(bool, u8)>().prop_map(|(serves, weight)| Message::Hello(Hello {
            version: 1,
            peer: mesh::peer_id(1),
            serves,
            super_peer: false,
            weight: weight % 9,
        })),
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
        (0_u64..40, any::<u16>()).prop_map(|(segment, blocks)| Message::ListWanted(ListWanted {
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

/// One thing that happens to an engine; numbers name handles, links and GETs that may or may not exist.
#[derive(Clone, Debug)]
enum Blow {
    Bytes(Vec<u8>),
    Message(Message),
    Data(Vec<u8>, u32),
    Tracker(Vec<u8>),
    List(u32, u64, u16, bool),
    Fetched(u32, u32),
    Failed(u32),
    Verified(u32, u8),
    Checked(u32, bool),
    Link(u32, bool),
    Want(u64),
    Playhead(u64, u64, bool),
    Buffered(u32),
    Pass(u64),
}

fn blow() -> impl Strategy<Value = Blow> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..64);
    prop_oneof![
        bytes().prop_map(Blow::Bytes),
        message().prop_map(Blow::Message),
        (bytes(), 0_u32..70_000).prop_map(|(header, bytes)| Blow::Data(header, bytes)),
        bytes().prop_map(Blow::Tracker),
        (0_u32..20, 0_u64..40, 0_u16..5, any::<bool>())
            .prop_map(|(get, segment, blocks, valid)| { Blow::List(get, segment, blocks, valid) }),
        (0_u32..20, 0_u32..70_000).prop_map(|(get, bytes)| Blow::Fetched(get, bytes)),
        (0_u32..20).prop_map(Blow::Failed),
        (0_u32..20, any::<u8>()).prop_map(|(handle, digest)| Blow::Verified(handle, digest)),
        (0_u32..20, any::<bool>()).prop_map(|(check, valid)| Blow::Checked(check, valid)),
        (0_u32..6, any::<bool>()).prop_map(|(link, open)| Blow::Link(link, open)),
        (0_u64..40).prop_map(Blow::Want),
        (0_u64..90_000, 0_u64..90_000, any::<bool>())
            .prop_map(|(at, to, playing)| Blow::Playhead(at, to, playing)),
        (0_u32..6).prop_map(Blow::Buffered),
        (0_u64..3_000).prop_map(Blow::Pass),
    ]
}

fn drain(engine: &mut Engine) -> Vec<Output> {
    let mut outputs = Vec::new();
    loop {
        match engine.poll_output() {
            Output::Timeout(_) => return outputs,
            output => outputs.push(output),
        }
        assert!(outputs.len() < DRAIN_MAX, "a drain that does not end");
    }
}

/// Strikes one blow at an engine whose link 0 is, or was, open.
fn strike(engine: &mut Engine, now: &mut protocol::time::Instant, handles: &mut u32, blow: &Blow) {
    let link = LinkId(0);
    let handle = Handle(*handles);
    let give = |input: Input<'_>, engine: &mut Engine| engine.handle_input(*now, input);
    match blow {
        Blow::Bytes(bytes) => give(Input::Message { link, bytes }, engine),
        Blow::Message(message) => give(Input::Message { link, bytes: &message.encode() }, engine),
        Blow::Data(header, bytes) => {
            *handles += 1;
            give(Input::Data { link, header, handle, bytes: *bytes }, engine);
        }
        Blow::Tracker(bytes) => give(Input::TrackerMessage(bytes), engine),
        Blow::List(get, segment, blocks, valid) => {
            let list = mesh::list(*segment, *blocks, if *valid { [7; 64] } else { [0; 64] });
            give(Input::FetchedList { fetch: FetchId(*get), bytes: &list }, engine);
        }
        Blow::Fetched(get, bytes) => {
            *handles += 1;
            give(Input::Fetched { fetch: FetchId(*get), handle, bytes: *bytes }, engine);
        }
        Blow::Failed(get) => {
            give(Input::FetchFailed { fetch: FetchId(*get), failure: FetchFailure::Absent }, engine);
        }
        Blow::Verified(handle, digest) => {
            give(Input::Verified { handle: Handle(*handle), digest: Digest([*digest; 32]) }, engine);
        }
        Blow::Checked(check, valid) => {
            let digest = Digest([1; 32]);
            give(Input::ListVerified { check: CheckId(*check), valid: *valid, digest }, engine);
        }
        Blow::Link(link, true) => give(Input::LinkOpen { link: LinkId(*link) }, engine),
        Blow::Link(link, false) => give(Input::LinkClosed { link: LinkId(*link) }, engine),
        Blow::Want(segment) => {
            give(Input::Want { want: WantId(*handles), segment: mesh::key(*segment) }, engine)
        }
        Blow::Playhead(at, until, playing) => {
            let start = 1_700_000_000_000;
            let (at, buffered_until) =
                (protocol::time::StreamTime(start + at), protocol::time::StreamTime(start + until));
            give(Input::Playhead(Playhead { at, buffered_until, playing: *playing }), engine);
        }
        Blow::Buffered(link) => give(Input::Buffered { link: LinkId(*link), bytes: 0 }, engine),
        Blow::Pass(span) => {
            *now = *now + ms(*span);
            engine.handle_input(*now, Input::Timeout);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_inputs_in_any_order_are_survived(blows in proptest::collection::vec(blow(), 0..160)) {
        let mut now = protocol::time::Instant::from_millis(20_000);
        let mut engine = Engine::new(config(0), now);
        drain(&mut engine);
        let (mut handles, mut released) = (0, std::collections::BTreeSet::new());
        for blow in &blows {
            strike(&mut engine, &mut now, &mut handles, blow);
            for output in drain(&mut engine) {
                if let Output::Release { handle } = output {
                    prop_assert!(released.insert(handle), "released twice");
                }
            }
            let stats = engine.stats();
            prop_assert!(stats.upload_bytes <= stats.origin_bytes + stats.peer_bytes + stats.super_peer_bytes);
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
