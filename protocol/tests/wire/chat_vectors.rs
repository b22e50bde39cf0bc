//! Chat frames and authentication, as `docs/spec/chat.md` has them.

use protocol::chat::auth::{self, Auth, Bilibili, Goim, Position, Protocol, Wishes};
use protocol::chat::{Class, Extension, Frame, Header, Operation, Reader, RoomKey, Version};
use protocol::limits::{CHAT_CLIENT_FRAME_BYTES_MAX, CHAT_SERVER_FRAME_BYTES_MAX};
use serde_json::Value;

use crate::vectors::{bytes, flag, number, read, rows, text};

/// What a server takes from clients.
const SHORT: Reader = Reader { frame_bytes_max: CHAT_CLIENT_FRAME_BYTES_MAX, extended: false };
/// What a client of ours takes from servers.
const LONG: Reader = Reader { frame_bytes_max: CHAT_CLIENT_FRAME_BYTES_MAX, extended: true };

fn header(row: &Value) -> Header {
    Header {
        version: Version(number(&row["version"])),
        operation: Operation(number(&row["operation"])),
        sequence: number(&row["sequence"]),
    }
}

#[test]
fn the_limits_are_those_of_the_vectors() {
    let vectors: Value = read("chat.json");
    assert_eq!(number::<usize>(&vectors["client_frame_bytes_max"]), CHAT_CLIENT_FRAME_BYTES_MAX);
    assert_eq!(number::<usize>(&vectors["server_frame_bytes_max"]), CHAT_SERVER_FRAME_BYTES_MAX);
}

#[test]
fn frames_are_written_and_read_as_the_vectors_say() {
    for row in rows(&read::<Value>("chat.json")["frames"]) {
        let (wire, body) = (bytes(&row["hex"]), bytes(&row["body"]));
        let mut written = Vec::new();
        header(row).encode(&body, &mut written);
        assert_eq!(written, wire, "{row}");
        for reader in [SHORT, LONG] {
            let expected = Frame { header: header(row), extension: None, body: &body };
            assert_eq!(reader.decode(&wire), Ok(Some((expected, wire.len()))), "{row}");
        }
    }
}

#[test]
fn extended_frames_are_written_and_read_as_the_vectors_say() {
    for row in rows(&read::<Value>("chat.json")["extended"]) {
        let (wire, body) = (bytes(&row["hex"]), bytes(&row["body"]));
        let class = Class::from_number(number(&row["class"])).expect("a class");
        let extension =
            Extension { epoch: number(&row["epoch"]), sequence: number(&row["room_sequence"]), class };
        let mut written = Vec::new();
        header(row).encode_extended(extension, &body, &mut written);
        assert_eq!(written, wire, "{row}");
        let expected = Frame { header: header(row), extension: Some(extension), body: &body };
        assert_eq!(LONG.decode(&wire), Ok(Some((expected, wire.len()))), "{row}");
    }
}

#[test]
fn packed_frames_come_out_in_order_up_to_the_first_fault() {
    for row in rows(&read::<Value>("chat.json")["packed"]) {
        let wire = bytes(&row["hex"]);
        let mut operations = Vec::new();
        let mut fault = None;
        for frame in SHORT.frames(&wire) {
            match frame {
                Ok(frame) => operations.push(frame.header.operation.0),
                Err(found) => fault = Some(found.code()),
            }
        }
        let expected: Vec<u32> =
            row["operations"].as_array().expect("a list").iter().map(number::<u32>).collect();
        assert_eq!((operations, fault), (expected, row["fault"].as_str()), "{row}");
    }
}

#[test]
fn a_frame_that_has_not_wholly_arrived_is_waited_for() {
    for row in rows(&read::<Value>("chat.json")["partial"]) {
        assert_eq!(SHORT.decode(&bytes(row)), Ok(None), "{row}");
    }
}

#[test]
fn what_is_no_frame_is_refused_by_name() {
    for row in rows(&read::<Value>("chat.json")["refused"]) {
        let reader = if flag(&row["extended"]) { LONG } else { SHORT };
        let fault = reader.decode(&bytes(&row["hex"])).expect_err("a fault");
        assert_eq!(fault.code(), text(&row["fault"]), "{row}");
    }
}

#[test]
fn authentications_mean_what_the_vectors_say() {
    for row in rows(&read::<Value>("chat.json")["auth"]) {
        let parsed = auth::parse(text(&row["body"]).as_bytes());
        if let Some(fault) = row["fault"].as_str() {
            assert_eq!(parsed.expect_err("a fault").code(), fault, "{row}");
            continue;
        }
        assert_eq!(parsed, Ok(expected(row)), "{row}");
    }
}

fn expected(row: &Value) -> Auth {
    let words = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(fields) = row.get("bilibili") {
        let protocol = match text(&fields["protocol"]) {
            "plain" => Protocol::Plain,
            "zlib" => Protocol::Zlib,
            _ => Protocol::Brotli,
        };
        let (uid, room) = (number(&fields["uid"]), number(&fields["room"]));
        return Auth::Bilibili(Bilibili { uid, room, protocol, token: words(&fields["token"]) });
    }
    let fields = &row["goim"];
    let extension = fields["extension"].as_object().map(|wishes| Wishes {
        resume: wishes["epoch"]
            .as_u64()
            .map(|_| Position { epoch: number(&wishes["epoch"]), sequence: number(&wishes["sequence"]) }),
        history: number(&wishes["history"]),
    });
    Auth::Goim(Goim {
        mid: text(&fields["mid"]).parse().expect("a number"),
        key: words(&fields["key"]),
        room: fields["room"].as_str().and_then(RoomKey::parse),
        accepts: fields["accepts"].as_array().expect("a list").iter().map(number::<u32>).collect(),
        extension,
        follows: fields["follows"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect(),
        token: words(&fields["token"]),
    })
}
