//! An engine is recorded while it lives a little, and the recording is run again.

#![cfg(test)]

use protocol::hash_list::{Closed, HashList};
use protocol::id::{Digest, InfoHash, KeyId, PeerId, Rendition, Segment, SegmentKey};
use protocol::time::{Duration, Instant, StreamTime};
use protocol::tracker::{Forwarded, Reply, ServerMessage};
use replay::{ReadError, Recorder, Recording, Row, State};
use swarm::io::{CheckId, FetchId, Handle, LinkId, Links, Listed, Playhead, WantId};
use swarm::{Config, Engine, Input, Output};

const SWARM: InfoHash = InfoHash([0xe9; 20]);
const STREAM: &str = "anna's birthday";
const KEY: KeyId = KeyId(7);
const SDP: &str = "v=0\r\na=candidate:1 1 udp 1 203.0.113.9 9 typ host\r\n";

fn config() -> Config {
    Config {
        seed: 42,
        peer_id: PeerId([1; 20]),
        info_hash: SWARM,
        stream: STREAM.to_owned(),
        keys: vec![KEY],
        target_duration_ms: 2_000,
        trackers: 1,
        p2p: true,
        upload: true,
        super_peer: false,
        links: Links { aim: 2, max: 4 },
        cache_bytes_max: 64_000_000,
    }
}

/// An engine and its recorder, in a world that answers at once.
struct Life {
    engine: Engine,
    recorder: Recorder,
    now: Instant,
    done: Vec<Output>,
}

impl Life {
    fn new(bytes_max: usize) -> Self {
        let now = Instant(3_000_000);
        let (engine, recorder) = (Engine::new(config(), now), Recorder::new(&config(), now, bytes_max));
        Self { engine, recorder, now, done: Vec::new() }
    }

    fn give(&mut self, after_ms: u64, input: Input<'_>) {
        self.now = self.now + Duration::from_millis(after_ms);
        self.recorder.input(self.now, Row::from(&input));
        self.engine.handle_input(self.now, input);
        loop {
            let output = self.engine.poll_output();
            self.recorder.output(Row::from(&output));
            if matches!(output, Output::Timeout(_)) {
                break;
            }
            self.done.push(output);
        }
    }

    /// A segment comes from the origin, proven by a list, and a neighbour is met.
    fn live(mut self) -> Vec<u8> {
        let segment = SegmentKey::new(Rendition(0), Segment(812));
        let listed = Listed { segment, start: StreamTime(10_000), duration_ms: 2_000 };
        self.give(0, Input::Playlist { segments: &[listed], ended: false });
        self.give(1, Input::Rendition(Rendition(0)));
        let playhead = Playhead { at: listed.start, buffered_until: listed.start, playing: false };
        self.give(1, Input::Playhead(playhead));
        self.give(1, Input::Want { want: WantId(1), segment });
        self.fetch();
        for _ in 0..8 {
            self.give(400, Input::Timeout);
            self.fetch();
        }
        self.give(1, Input::TrackerOpen);
        let reply = Reply { info_hash: SWARM, interval_s: 30, complete: 0, incomplete: 2 };
        self.give(1, Input::TrackerMessage(&ServerMessage::Reply(reply).encode()));
        let offer = Forwarded {
            info_hash: SWARM,
            peer_id: PeerId([2; 20]),
            offer_id: protocol::id::OfferId([3; 20]),
            sdp: SDP.to_owned(),
        };
        self.give(1, Input::TrackerMessage(&ServerMessage::Offer(offer).encode()));
        let link = self.done.iter().rev().find_map(|output| match output {
            Output::Accept { link, .. } => Some(*link),
            _ => None,
        });
        let link = link.unwrap_or(LinkId(0));
        self.give(30, Input::Answer { link, sdp: SDP });
        self.give(30, Input::LinkOpen { link });
        self.give(30, Input::Message { link, bytes: &[0xc1] });
        self.give(10, Input::Leave);
        self.recorder.finish()
    }

    /// Answers every GET with the list or a block, and every check with its consent.
    fn fetch(&mut self) {
        while let Some(output) = self.done.pop() {
            match output {
                Output::FetchList { fetch, segment, .. } => self.list(fetch, segment),
                Output::Fetch { fetch, block } => {
                    let handle = Handle(u32::from(block.block.0) + 1);
                    self.give(2, Input::Fetched { fetch, handle, bytes: 1_000 });
                }
                Output::Verify { handle } => {
                    self.give(1, Input::Verified { handle, digest: Digest([9; 32]) })
                }
                Output::VerifyList { check: CheckId(check), .. } => {
                    let check = CheckId(check);
                    self.give(1, Input::ListVerified { check, valid: true, digest: Digest([8; 32]) });
                }
                _ => {}
            }
        }
    }

    fn list(&mut self, fetch: FetchId, segment: SegmentKey) {
        let list = HashList {
            stream: STREAM.to_owned(),
            segment,
            start: StreamTime(10_000),
            closed: Some(Closed { bytes: 1_000, duration_ms: 2_000 }),
            hashes: vec![Digest([9; 32])],
            previous: Digest::ZERO,
            key: KEY,
        };
        self.give(2, Input::FetchedList { fetch, bytes: &list.attach([5; 64]).encode() });
    }
}

#[test]
fn a_recording_replays_to_the_same_outputs() {
    let file = Life::new(usize::MAX).live();
    let outcome = Recording::parse(&file).unwrap().replay().unwrap();
    assert!(outcome.difference.is_none(), "{:?}", outcome.difference);
    assert!(!outcome.full && !outcome.cut);
    assert_eq!((outcome.stats.segments_ready, outcome.stats.origin_bytes), (1, 1_000));
    assert!(outcome.inputs > 20 && outcome.outputs > outcome.inputs);
}

#[test]
fn names_and_addresses_that_the_engine_saw_are_not_in_it() {
    let file = Life::new(usize::MAX).live();
    for secret in [STREAM.as_bytes(), b"203.0.113.9", &SWARM.0] {
        assert!(!file.windows(secret.len()).any(|window| window == secret), "{secret:?}");
    }
}

#[test]
fn the_first_input_with_other_outputs_is_pointed_to() {
    let file = Life::new(usize::MAX).live();
    let inputs = Recording::parse(&file).unwrap().replay().unwrap().inputs;
    // The seed stands where the vectors have it: another seed draws other offers' ids.
    let mut other = file.clone();
    let head = b"\xa6stream".to_vec();
    let at = other.windows(head.len()).position(|window| window == head).unwrap() - 22 - 1;
    assert_eq!(other[at], 42);
    other[at] = 41;
    let difference = Recording::parse(&other).unwrap().replay().unwrap().difference.unwrap();
    assert!(difference.input > 0 && difference.input < inputs);
    assert_ne!(difference.recorded, difference.replayed);
    assert!(
        difference.outputs.iter().any(|output| matches!(output, Output::Dial { .. } | Output::Tracker(_)))
    );
}

#[test]
fn a_recording_keeps_its_maximum_and_says_that_it_is_full() {
    let whole = Life::new(usize::MAX).live();
    for bytes_max in [whole.len() / 2, whole.len() / 3] {
        let file = Life::new(bytes_max).live();
        assert!(file.len() <= bytes_max && file.len() > bytes_max / 4, "{} of {bytes_max}", file.len());
        let outcome = Recording::parse(&file).unwrap().replay().unwrap();
        assert!(outcome.full && outcome.difference.is_none());
    }
}

#[test]
fn a_row_that_no_reader_would_take_ends_the_recording() {
    let mut life = Life::new(usize::MAX);
    let row = Row { kind: replay::kind::input::VERIFIED, numbers: vec![1], bytes: vec![0; 65_536] };
    life.recorder.input(life.now, row.clone());
    life.recorder.input(life.now, Row { bytes: vec![0; 65_537], ..row });
    assert_eq!(life.recorder.state(), State::Growing);
    life.recorder.input(life.now, Row::default());
    assert_eq!(life.recorder.state(), State::Full);
    assert!(Recording::parse(&life.recorder.finish()).unwrap().replay().is_ok());
}

#[test]
fn a_file_that_ends_early_is_replayed_as_far_as_it_goes() {
    let file = Life::new(usize::MAX).live();
    let recording = Recording::parse(&file).unwrap();
    let inputs = recording.replay().unwrap().inputs;
    // The end is three bytes here: its array, a number below 128, false.
    let outcome = Recording::parse(&file[..file.len() - 3]).unwrap().replay().unwrap();
    assert!(outcome.cut && outcome.inputs == inputs);
    assert!(matches!(Recording::parse(&file[..file.len() - 4]).unwrap().replay(), Err(ReadError::Broken(_))));
}

#[test]
fn what_is_no_recording_is_refused_with_a_reason() {
    let file = Life::new(usize::MAX).live();
    let version = file.iter().position(|byte| *byte == b'y').unwrap() + 1;
    let mut later = file.clone();
    later[version] = 2;
    let rows: [(&[u8], ReadError); 3] = [
        (b"", ReadError::Foreign),
        (b"\x9fsomething else", ReadError::Foreign),
        (&later, ReadError::Version(2)),
    ];
    for (bytes, error) in rows {
        assert_eq!(Recording::parse(bytes).unwrap_err(), error);
    }
    assert!(matches!(Recording::parse(&file[..40]), Err(ReadError::Broken(_))));
    let long = vec![0; replay::RECORDING_BYTES_MAX + 1];
    assert_eq!(Recording::parse(&long).unwrap_err(), ReadError::TooLong);
}

#[test]
fn no_byte_of_a_broken_recording_makes_the_reader_or_the_engine_panic() {
    let file = Life::new(usize::MAX).live();
    for at in 0..file.len() {
        let mut broken = file.clone();
        broken[at] ^= 1 << (at % 8);
        if let Ok(recording) = Recording::parse(&broken) {
            let _ = recording.replay();
        }
    }
}
