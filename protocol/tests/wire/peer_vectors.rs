//! Every message of `docs/spec/peer.md`, valid and not.

use protocol::id::{Block, BlockKey, PeerId, Rendition, Segment, SegmentKey};
use protocol::peer::{
    Budget, Fetching, Hello, ListWanted, Message, Refusal, Refuse, Request, RequestId, SegmentStatus,
    data_header, parse_data_header,
};
use serde_json::Value;

use crate::vectors::{array, bytes, flag, number, read, rows, text};

fn segment(row: &Value) -> SegmentKey {
    SegmentKey::new(Rendition(number(&row["rendition"])), Segment(number(&row["segment"])))
}

fn block(row: &Value) -> BlockKey {
    BlockKey::new(segment(row), Block(number(&row["block"])))
}

fn id(row: &Value) -> RequestId {
    RequestId(number(&row["id"]))
}

fn hello(row: &Value) -> Hello {
    Hello {
        version: number(&row["version"]),
        peer: PeerId(array(&row["peer"])),
        serves: flag(&row["serves"]),
        super_peer: flag(&row["super_peer"]),
        weight: number(&row["weight"]),
    }
}

fn refusal(name: &str) -> Refusal {
    match name {
        "no_upload" => Refusal::NoUpload,
        "absent" => Refusal::Absent,
        "budget" => Refusal::Budget,
        "busy" => Refusal::Busy,
        "unfair" => Refusal::Unfair,
        other => panic!("no such reason: {other}"),
    }
}

fn fetching(row: &Value) -> Fetching {
    Fetching { block: block(row), wait_ms: number(&row["wait_ms"]) }
}

fn list(rows: &Value) -> &[Value] {
    rows.as_array().expect("a list")
}

fn message(row: &Value) -> Message {
    let status = |row: &Value| SegmentStatus { segment: segment(row), have: bytes(&row["have"]) };
    match text(&row["kind"]) {
        "hello" => Message::Hello(hello(row)),
        "window" => Message::Window(list(&row["segments"]).iter().map(status).collect()),
        "have" => Message::Have(list(&row["blocks"]).iter().map(block).collect()),
        "fetching" => Message::Fetching(fetching(row)),
        "rumour" => Message::Rumour(fetching(row)),
        "request" => {
            Message::Request(Request { id: id(row), block: block(row), due_ms: number(&row["due_ms"]) })
        }
        "refuse" => {
            let reason = refusal(text(&row["reason"]));
            Message::Refuse(Refuse { id: id(row), reason, retry_ms: number(&row["retry_ms"]) })
        }
        "cancel" => Message::Cancel(id(row)),
        "list" => Message::List(bytes(&row["list"])),
        "list_wanted" => {
            Message::ListWanted(ListWanted { segment: segment(row), blocks: number(&row["blocks"]) })
        }
        "budget" => Message::Budget(Budget {
            spare_bytes: number(&row["spare_bytes"]),
            uplink_kbit: number(&row["uplink_kbit"]),
            queued: number(&row["queued"]),
        }),
        "probe" => Message::Probe,
        "bye" => Message::Bye,
        other => panic!("no such kind: {other}"),
    }
}

#[test]
fn valid_messages_mean_what_the_vectors_say() {
    let vectors: Value = read("peer.json");
    for row in rows(&vectors["valid"]) {
        let (bytes, message) = (bytes(&row["hex"]), message(&row["message"]));
        assert_eq!(Message::decode(&bytes).as_ref(), Ok(&message), "{row}");
        assert_eq!(message.encode(), bytes, "{row}");
        assert_eq!(parse_data_header(&bytes, bytes.len()), None, "{row}");
    }
    let later = &vectors["later_hello"];
    assert_eq!(Message::decode(&bytes(&later["hex"])), Ok(message(&later["message"])));
}

#[test]
fn invalid_messages_are_refused_where_and_why_the_vectors_say() {
    let vectors: Value = read("peer.json");
    for row in rows(&vectors["invalid"]) {
        let error = Message::decode(&bytes(&row["hex"])).err().unwrap_or_else(|| panic!("taken: {row}"));
        assert_eq!(format!("{:?}", error.fault), text(&row["fault"]), "{row}");
        assert_eq!(error.at, number::<u32>(&row["at"]), "{row}");
    }
}

#[test]
fn data_headers_are_what_the_vectors_say() {
    let vectors: Value = read("peer.json");
    for row in rows(&vectors["data"]) {
        let (header, body_bytes) = (bytes(&row["header"]), number(&row["body_bytes"]));
        assert_eq!(data_header(id(row), body_bytes), header, "{row}");
        let mut prefix = header.clone();
        prefix.push(0x93);
        let message_bytes = header.len() + body_bytes as usize;
        assert_eq!(parse_data_header(&prefix, message_bytes), Some((id(row), header.len())), "{row}");
    }
    for row in rows(&vectors["not_data"]) {
        assert_eq!(parse_data_header(&bytes(&row["hex"]), number(&row["message_bytes"])), None, "{row}");
    }
}
