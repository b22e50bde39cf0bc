//! Stream descriptors as `docs/spec/descriptor.md` has them.

use protocol::descriptor::{Descriptor, ParseError, SWARM_DOMAIN};
use protocol::id::{Block, BlockKey, Rendition, Segment, SegmentKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::vectors::{number, read, rows, text};

fn named(vectors: &Value, name: &Value) -> Descriptor {
    let row = rows(&vectors["valid"]).iter().find(|row| row["name"] == *name).expect("a vector of this name");
    Descriptor::parse(text(&row["json"])).unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

#[test]
fn valid_descriptors_are_read_and_written() {
    let vectors: Value = read("descriptor.json");
    for row in rows(&vectors["valid"]) {
        assert_eq!(named(&vectors, &row["name"]).to_json(), text(&row["json"]), "{row}");
    }
    for row in rows(&vectors["taken_as"]) {
        let taken = Descriptor::parse(text(&row["json"])).unwrap_or_else(|error| panic!("{row}: {error:?}"));
        assert_eq!(taken, named(&vectors, &row["as"]), "{row}");
    }
}

#[test]
fn templates_name_blocks_and_lists() {
    let vectors: Value = read("descriptor.json");
    for row in rows(&vectors["urls"]) {
        let descriptor = named(&vectors, &row["of"]);
        let segment = SegmentKey::new(Rendition(number(&row["rendition"])), Segment(number(&row["segment"])));
        let block = BlockKey::new(segment, Block(number(&row["block"])));
        assert_eq!(descriptor.block_url(block).as_deref(), row["url"].as_str(), "{row}");
        let hashes = descriptor.hashes_url(segment, number(&row["hashes_blocks"]));
        assert_eq!(hashes.as_deref(), row["hashes_url"].as_str(), "{row}");
    }
}

#[test]
fn a_swarm_is_named_by_the_hash_of_its_streams_id() {
    let vectors: Value = read("descriptor.json");
    for row in rows(&vectors["swarms"]) {
        let hash = Sha256::digest([SWARM_DOMAIN, text(&row["stream_id"])].concat());
        assert_eq!(hex::encode(&hash[..20]), text(&row["swarm"]), "{row}");
    }
}

#[test]
fn the_first_broken_rule_is_told() {
    let vectors: Value = read("descriptor.json");
    for row in rows(&vectors["invalid"]) {
        let fault = match Descriptor::parse(text(&row["json"])) {
            Ok(_) => panic!("taken: {row}"),
            Err(ParseError::Fault(fault)) => Some(format!("{fault:?}")),
            Err(ParseError::Json(_)) => None,
            Err(ParseError::TooLong) => panic!("too long: {row}"),
        };
        assert_eq!(fault.as_deref(), row["fault"].as_str(), "{row}");
    }
}
