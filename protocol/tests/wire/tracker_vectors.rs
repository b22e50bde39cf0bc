//! Every message of `docs/spec/tracker.md`, as text and as a binary frame, and what is taken for it.

use protocol::tracker::page::Ice;
use protocol::tracker::{ClientMessage, ServerMessage, binary, text};
use serde_json::Value;

use crate::vectors::{bytes, read, rows, text as string};

fn named<'a>(vectors: &'a Value, name: &Value) -> &'a Value {
    rows(vectors).iter().find(|row| row["name"] == *name).expect("a vector of this name")
}

#[test]
fn a_viewers_frames_are_what_the_vectors_say() {
    let vectors: Value = read("tracker.json");
    for row in rows(&vectors["client"]) {
        let (json, bytes) = (string(&row["text"]), bytes(&row["hex"]));
        let message = ClientMessage::decode(&bytes).unwrap_or_else(|error| panic!("{row}: {error:?}"));
        assert_eq!(text::decode_client(json).ok().as_ref(), Some(&message), "{row}");
        assert_eq!(binary::decode_client(&bytes).ok().as_ref(), Some(&message), "{row}");
        assert_eq!(text::encode_client(&message), json, "{row}");
        assert_eq!(binary::encode_client(&message), bytes, "{row}");
        assert_eq!(message.encode(), bytes, "{row}");
    }
}

#[test]
fn the_trackers_frames_are_what_the_vectors_say() {
    let vectors: Value = read("tracker.json");
    for row in rows(&vectors["server"]) {
        let (json, bytes) = (string(&row["text"]), bytes(&row["hex"]));
        let message = text::decode_server(json).unwrap_or_else(|error| panic!("{row}: {error:?}"));
        let lean = Some(&message).filter(|message| !matches!(message, ServerMessage::Scrape(_)));
        assert_eq!(ServerMessage::decode(&bytes).ok().as_ref(), lean, "{row}");
        assert_eq!(binary::decode_server(&bytes).ok().as_ref(), Some(&message), "{row}");
        assert_eq!(text::encode_server(&message), json, "{row}");
        assert_eq!(binary::encode_server(&message), bytes, "{row}");
        assert_eq!(message.encode(), bytes, "{row}");
    }
}

#[test]
fn what_others_write_is_taken_as_the_vectors_say() {
    let vectors: Value = read("tracker.json");
    for row in rows(&vectors["client_taken_as"]) {
        let same = string(&named(&vectors["client"], &row["as"])["text"]);
        let taken =
            text::decode_client(string(&row["text"])).unwrap_or_else(|error| panic!("{row}: {error:?}"));
        assert_eq!(Some(taken), text::decode_client(same).ok(), "{row}");
    }
    for row in rows(&vectors["server_taken_as"]) {
        let same = string(&named(&vectors["server"], &row["as"])["text"]);
        let taken =
            text::decode_server(string(&row["text"])).unwrap_or_else(|error| panic!("{row}: {error:?}"));
        assert_eq!(Some(taken), text::decode_server(same).ok(), "{row}");
    }
}

#[test]
fn frames_between_page_and_tracker_are_what_the_vectors_say() {
    let vectors: Value = read("tracker.json");
    let (token, ice) = (string(&vectors["page"]["token"]), string(&vectors["page"]["ice"]));
    let (message, extras) = text::decode_client_with_extras(token).unwrap();
    assert_eq!((message, extras.token.as_deref()), (None, Some("eyJh.eyJl.c2ln")));
    let lent = Ice::decode(ice).unwrap();
    assert_eq!((lent.ice_servers.len(), lent.ttl), (2, 7_200));
    assert_eq!(lent.encode(), ice);
}

#[test]
fn what_is_wrong_is_refused_as_the_vectors_say() {
    let vectors: Value = read("tracker.json");
    for row in rows(&vectors["client_refused"]) {
        assert!(text::decode_client(string(&row["text"])).is_err(), "{row}");
    }
}
