//! Signed hash lists as `docs/spec/hash-list.md` has them: real blocks, a real key, a chain of two segments.

use ed25519_dalek::{Signature, VerifyingKey};
use protocol::block;
use protocol::hash_list::{Closed, HashList, Signed};
use protocol::id::{Block, Digest, KeyId, Rendition, Segment, SegmentKey};
use protocol::time::StreamTime;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::vectors::{array, bytes, number, read, rows, text};

fn list(row: &Value) -> HashList {
    let closed = &row["closed"];
    let sizes = || Closed { bytes: number(&closed["bytes"]), duration_ms: number(&closed["duration_ms"]) };
    HashList {
        stream: text(&row["stream"]).into(),
        segment: SegmentKey::new(Rendition(number(&row["rendition"])), Segment(number(&row["segment"]))),
        start: StreamTime(number(&row["start_ms"])),
        closed: (!closed.is_null()).then(sizes),
        hashes: row["hashes"].as_array().expect("a list").iter().map(|hash| Digest(array(hash))).collect(),
        previous: Digest(array(&row["previous"])),
        key: KeyId(number(&row["key"])),
    }
}

#[test]
fn valid_lists_mean_what_the_vectors_say() {
    let vectors: Value = read("hash_list.json");
    for row in rows(&vectors["valid"]) {
        let (bytes, list) = (bytes(&row["hex"]), list(&row["list"]));
        let signed = Signed::decode(&bytes).unwrap_or_else(|error| panic!("{row}: {error:?}"));
        assert_eq!(signed.list, list, "{row}");
        assert_eq!(list.attach(array(&row["signature"])), signed, "{row}");
        assert_eq!(signed.encode(), bytes, "{row}");
        assert_eq!(Sha256::digest(&signed.signed)[..], array::<32>(&row["signed_sha256"]), "{row}");
    }
}

#[test]
fn signatures_are_the_keys_and_the_keys_name_is_its_hash() {
    let vectors: Value = read("hash_list.json");
    let public = array(&vectors["ed25519"]);
    let name = Sha256::digest(public);
    assert_eq!(u32::from_be_bytes([name[0], name[1], name[2], name[3]]), number::<u32>(&vectors["key"]));
    let key = VerifyingKey::from_bytes(&public).expect("a key");
    for row in rows(&vectors["valid"]) {
        let signed = Signed::decode(&bytes(&row["hex"])).unwrap_or_else(|error| panic!("{row}: {error:?}"));
        let signature = Signature::from_bytes(&signed.signature);
        assert!(key.verify_strict(&signed.signed, &signature).is_ok(), "{row}");
    }
}

#[test]
fn hashes_are_those_of_the_blocks_and_links_those_of_the_lists() {
    let vectors: Value = read("hash_list.json");
    let mut link = Digest::ZERO;
    for row in rows(&vectors["valid"]) {
        let signed = Signed::decode(&bytes(&row["hex"])).unwrap_or_else(|error| panic!("{row}: {error:?}"));
        let Some(closed) = signed.list.closed else { continue };
        let segment = signed.list.segment.segment.0;
        let byte = |i: u32| ((7 * u64::from(i) + segment % 251) % 251).to_le_bytes()[0];
        let media: Vec<u8> = (0..closed.bytes).map(byte).collect();
        for (i, digest) in (0..).zip(&signed.list.hashes) {
            let range = block::range(Block(i), closed.bytes).expect("a block for each hash");
            assert_eq!(
                Sha256::digest(&media[range.start as usize..range.end as usize])[..],
                digest.0,
                "{row}"
            );
        }
        assert_eq!(signed.list.previous, link, "{row}");
        link = Digest(Sha256::digest(&signed.signed).into());
    }
    assert_ne!(link, Digest::ZERO);
}

#[test]
fn invalid_lists_are_refused_where_and_why_the_vectors_say() {
    let vectors: Value = read("hash_list.json");
    for row in rows(&vectors["invalid"]) {
        let error = Signed::decode(&bytes(&row["hex"])).err().unwrap_or_else(|| panic!("taken: {row}"));
        assert_eq!(format!("{:?}", error.fault), text(&row["fault"]), "{row}");
        assert_eq!(error.at, number::<u32>(&row["at"]), "{row}");
    }
}
