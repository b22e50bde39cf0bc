//! `sim replay FILE`: a recording is run again, and the first difference is told.

#![cfg(test)]

use std::path::Path;
use std::process::{Command, Output as Ended};

use protocol::id::{InfoHash, KeyId, PeerId, Rendition};
use protocol::time::{Duration, Instant};
use replay::{Recorder, Row};
use swarm::io::Links;
use swarm::{Config, Engine, Input, Output};

/// A recording of a viewer that waits for a tracker; `kept` is what of its outputs the recorder hears.
fn recording(kept: impl Fn(&Output) -> bool) -> Vec<u8> {
    let config = Config {
        seed: 7,
        peer_id: PeerId([1; 20]),
        info_hash: InfoHash([2; 20]),
        stream: "a".to_owned(),
        keys: vec![KeyId(3)],
        target_duration_ms: 2_000,
        trackers: 1,
        p2p: true,
        upload: true,
        super_peer: false,
        links: Links { aim: 2, max: 4 },
        cache_bytes_max: 64_000_000,
    };
    let mut now = Instant(5);
    let mut recorder = Recorder::new(&config, now, usize::MAX);
    let mut engine = Engine::new(config, now);
    let mut give = |input: Input<'_>| {
        now = now + Duration::from_millis(900);
        recorder.input(now, Row::from(&input));
        engine.handle_input(now, input);
        loop {
            let output = engine.poll_output();
            if kept(&output) {
                recorder.output(Row::from(&output));
            }
            if matches!(output, Output::Timeout(_)) {
                break;
            }
        }
    };
    give(Input::Rendition(Rendition(0)));
    give(Input::Timeout);
    give(Input::TrackerOpen);
    give(Input::Timeout);
    give(Input::Leave);
    recorder.finish()
}

fn replay(file: &Path) -> Ended {
    Command::new(env!("CARGO_BIN_EXE_sim")).arg("replay").arg(file).output().unwrap()
}

fn told(name: &str, bytes: &[u8]) -> (bool, String) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, bytes).unwrap();
    let ended = replay(&file);
    let text = [ended.stdout, ended.stderr].concat();
    (ended.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn the_same_outputs_are_told_and_end_well() {
    let (well, text) = told("same.replay", &recording(|_| true));
    assert!(well && text.starts_with("5 inputs over 4.5 s"), "{text}");
    assert!(text.ends_with("the same outputs\n"), "{text}");
}

#[test]
fn the_first_difference_is_told_with_its_input_and_its_outputs() {
    let (well, text) = told("other.replay", &recording(|output| !matches!(output, Output::Tracker(_))));
    assert!(!well, "{text}");
    assert!(text.contains("DIFFERENT after input 2, 2.700000 s"), "{text}");
    assert!(text.contains("output now: Tracker("), "{text}");
}

#[test]
fn what_is_no_recording_is_refused() {
    let (well, text) = told("none.replay", b"no recording");
    assert!(!well && text.ends_with("this file is no recording\n"), "{text}");
    let ended = replay(Path::new("/nowhere/at/all"));
    assert!(!ended.status.success() && ended.stdout.is_empty());
}
