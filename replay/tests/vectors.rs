//! The golden vectors of recordings: a recorder that is given these inputs and outputs writes these bytes, and what a
//! recording must not have in it is not in them.

#![cfg(test)]

use protocol::id::{InfoHash, KeyId, PeerId};
use protocol::time::{Duration, Instant};
use replay::{ENGINE, Recorder, Recording, Row};
use serde_json::Value;
use swarm::Config;
use swarm::io::Links;

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/vectors/replay.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn row(value: &Value) -> Row {
    let numbers = value["numbers"].as_array().unwrap();
    Row {
        kind: u8::try_from(value["kind"].as_u64().unwrap()).unwrap(),
        numbers: numbers.iter().map(|number| number.as_str().unwrap().parse().unwrap()).collect(),
        bytes: bytes(&value["bytes"]),
    }
}

fn config(said: &Value) -> Config {
    let number = |key: &str| said[key].as_u64().unwrap();
    let flag = |key: &str| said[key].as_bool().unwrap();
    Config {
        seed: number("seed"),
        peer_id: PeerId(bytes(&said["peer"]).try_into().unwrap()),
        info_hash: InfoHash(bytes(&said["swarm"]).try_into().unwrap()),
        stream: said["stream"].as_str().unwrap().to_owned(),
        keys: said["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| KeyId(key.as_u64().unwrap() as u32))
            .collect(),
        target_duration_ms: number("target_duration_ms") as u32,
        trackers: number("trackers") as u8,
        p2p: flag("p2p"),
        upload: flag("upload"),
        super_peer: flag("super_peer"),
        links: Links { aim: number("links_aim") as u16, max: number("links_max") as u16 },
        cache_bytes_max: number("cache_bytes_max"),
    }
}

#[test]
fn a_recorder_writes_what_the_specification_says() {
    let vectors = vectors();
    let said = &vectors["config"];
    let mut now = Instant(said["started_us"].as_u64().unwrap());
    let mut recorder = Recorder::new(&config(said), now, usize::MAX);
    for entry in vectors["entries"].as_array().unwrap() {
        now = now + Duration::from_micros(entry["elapsed_us"].as_u64().unwrap());
        recorder.input(now, row(&entry["input"]));
        entry["outputs"].as_array().unwrap().iter().for_each(|output| recorder.output(row(output)));
    }
    let word = u8::try_from(ENGINE.len()).unwrap();
    let engine = [&[0xa0 | word], ENGINE.as_bytes()].concat();
    let [before, after, body, end] = ["before", "after", "body", "end"].map(|part| bytes(&vectors[part]));
    let wanted = [before, engine, after, body, end].concat();
    let written = recorder.finish();
    assert_eq!(hex::encode(&written), hex::encode(wanted));

    let read = Recording::parse(&written).unwrap();
    assert_eq!((read.engine, read.started), (ENGINE, Instant(said["started_us"].as_u64().unwrap())));
    assert_eq!(read.config.peer_id, PeerId(core::array::from_fn(|at| at as u8)));
}

#[test]
fn an_address_a_name_and_a_swarm_are_not_in_a_recording() {
    let vectors = vectors();
    let body = bytes(&vectors["body"]);
    let whole = [bytes(&vectors["before"]), bytes(&vectors["after"]), body].concat();
    let swarm = bytes(&vectors["config"]["swarm"]);
    for secret in [b"203.0.113.9".as_slice(), b"a name", b"not you", b"v=0", &swarm] {
        assert!(!whole.windows(secret.len()).any(|window| window == secret), "{secret:?}");
    }
}
