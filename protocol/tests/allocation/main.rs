//! No decoder allocates more than its input's length times a small constant, whatever lengths the input claims.
//!
//! A binary of its own with one test: the allocator counts what every thread allocates.

// Helpers outside test functions may panic too: `cfg(test)` tells clippy so.
#![cfg(test)]

#[path = "../wire/generate.rs"]
mod generate;

use std::alloc::System;
use std::hint::black_box;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use protocol::descriptor::Descriptor;
use protocol::hash_list::Signed;
use protocol::peer::Message;
use protocol::tracker::{ClientMessage, ServerMessage, binary, text};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The dearest: a status of a segment is 6 bytes on the wire and 40 in memory, and a growing list of them is moved as
/// often as its length doubles. All allocations count, those given back too.
const FACTOR: usize = 32;
/// A list's first allocation and an error's text, for inputs of a few bytes.
const BASE_BYTES: usize = 1_024;

const CASES: usize = 300;

fn check(decoder: &str, input: &[u8], decode: impl FnOnce(&[u8])) {
    let region = Region::new(ALLOCATOR);
    decode(input);
    let allocated = region.change().bytes_allocated;
    let allowed = FACTOR * input.len() + BASE_BYTES;
    assert!(allocated <= allowed, "{decoder}: {allocated} for {} bytes: {input:02x?}", input.len());
}

fn check_all(bytes: &[u8]) {
    check("peer message", bytes, |bytes| drop(black_box(Message::decode(bytes))));
    check("hash list", bytes, |bytes| drop(black_box(Signed::decode(bytes))));
    check("client frame", bytes, |bytes| drop(black_box(ClientMessage::decode(bytes))));
    check("server frame", bytes, |bytes| drop(black_box(ServerMessage::decode(bytes))));
    check("client frame by serde", bytes, |bytes| drop(black_box(binary::decode_client(bytes))));
    check("server frame by serde", bytes, |bytes| drop(black_box(binary::decode_server(bytes))));
}

fn check_text(json: &str) {
    let text = |bytes: &[u8], decode: fn(&str)| decode(std::str::from_utf8(bytes).unwrap_or_default());
    check("client text", json.as_bytes(), |bytes| {
        text(bytes, |text| drop(black_box(text::decode_client(text))))
    });
    check("server text", json.as_bytes(), |bytes| {
        text(bytes, |text| drop(black_box(text::decode_server(text))))
    });
    check("descriptor", json.as_bytes(), |bytes| {
        text(bytes, |text| drop(black_box(Descriptor::parse(text))))
    });
}

/// What every generator makes, whole, cut and with one byte changed.
fn variants(runner: &mut TestRunner) -> Vec<Vec<u8>> {
    let mut draw = || -> Vec<Vec<u8>> {
        vec![
            value(runner, generate::message()).encode(),
            value(runner, generate::hash_list()).attach([7; 64]).encode(),
            value(runner, generate::client_message()).encode(),
            value(runner, generate::server_message()).encode(),
            value(runner, prop::collection::vec(any::<u8>(), 0..64)),
        ]
    };
    let whole = draw();
    let mut all = whole.clone();
    for bytes in whole {
        all.push(bytes[..bytes.len() / 2].to_vec());
        let mut changed = bytes;
        if let Some(first) = changed.iter().position(|byte| *byte == 0xC4) {
            // A `bin` that claims four billion bytes.
            changed.splice(first..=first, [0xC6, 0xFF, 0xFF, 0xFF, 0xFF]);
        }
        all.push(changed);
    }
    all
}

fn value<S: Strategy>(runner: &mut TestRunner, strategy: S) -> S::Value {
    strategy.new_tree(runner).expect("a value").current()
}

/// Lengths that nothing follows.
const CLAIMS: [&[u8]; 6] = [
    &[0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
    &[0xDC, 0x01, 0x01, 0x02],
    &[0x9B, 0x01, 0xDB, 0xFF, 0xFF, 0xFF, 0xFF],
    &[0xDF, 0xFF, 0xFF, 0xFF, 0xFF, 0xA1, b'x'],
    b"\x82\xa6action\xa8announce\xa6offers\xdd\xff\xff\xff\xff",
    b"\x82\xa6action\xa6scrape\xa5files\xdf\xff\xff\xff\xff",
];

#[test]
fn decoders_allocate_in_proportion_to_their_input() {
    CLAIMS.iter().for_each(|bytes| check_all(bytes));
    let mut runner = TestRunner::deterministic();
    for _ in 0..CASES {
        variants(&mut runner).iter().for_each(|bytes| check_all(bytes));
        check_text(&text::encode_client(&value(&mut runner, generate::client_message())));
        check_text(&text::encode_server(&value(&mut runner, generate::server_message())));
    }
    check_text(&"[".repeat(60_000));
    check_text(&[r#"{"action":"announce","deep":"#, &"[".repeat(60_000)].concat());
}
