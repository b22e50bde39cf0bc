//! Conversations, cut anywhere.

use proptest::prelude::*;
use protocol::chat::Version;

use super::*;

const UPGRADE: &str = "GET /sub HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";

fn header(operation: Operation) -> Header {
    Header { version: Version::CONTROL, operation, sequence: 5 }
}

fn frame(operation: Operation, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    header(operation).encode(body, &mut out);
    out
}

/// A client's WebSocket frame; the mask is zero, which is allowed and readable.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    if payload.len() < 126 {
        return [&[first, 0x80 | length[1], 0, 0, 0, 0], payload].concat();
    }
    [&[first, 0xFE, length[0], length[1], 0, 0, 0, 0], payload].concat()
}

fn hear(wire: &[u8], cuts: &[usize]) -> Vec<Heard> {
    let mut session = Session::default();
    let (mut heard, mut kept, mut from) = (Vec::new(), Vec::new(), 0);
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (wire.len() + 1)).chain([wire.len()]).collect();
    ends.sort_unstable();
    for end in ends {
        kept.extend_from_slice(&wire[from..end]);
        from = end;
        let taken = session.handle_bytes(&mut kept, &mut heard);
        kept.drain(..taken);
    }
    heard
}

fn talk() -> Vec<Vec<u8>> {
    vec![
        frame(Operation::AUTH, br#"{"roomid":1}"#),
        frame(Operation::HEARTBEAT, b"[object Object]"),
        frame(Operation::CHANGE_ROOM, b"live://2"),
        frame(Operation::CHANGE_ROOM, b""),
        frame(Operation::SUBSCRIBE, b"1000,1001"),
        frame(Operation::UNSUBSCRIBE, b"1000"),
        frame(Operation::SEND, b"hello"),
    ]
}

fn expected() -> Vec<Heard> {
    let Ok(auth) = auth::parse(br#"{"roomid":1}"#) else { panic!("it is one") };
    vec![
        Heard::Auth(header(Operation::AUTH), auth),
        Heard::Heartbeat(header(Operation::HEARTBEAT)),
        Heard::ChangeRoom(header(Operation::CHANGE_ROOM), RoomKey::parse("live://2")),
        Heard::ChangeRoom(header(Operation::CHANGE_ROOM), None),
        Heard::Subscribe(header(Operation::SUBSCRIBE), vec![1_000, 1_001]),
        Heard::Unsubscribe(header(Operation::UNSUBSCRIBE), vec![1_000]),
        Heard::Send(header(Operation::SEND), b"hello".to_vec()),
    ]
}

fn websocket_talk() -> Vec<u8> {
    let mut wire = UPGRADE.as_bytes().to_vec();
    let talk = talk();
    wire.extend(masked(0x82, &talk[..2].concat()));
    let (start, end) = talk[2].split_at(9);
    wire.extend(masked(0x02, start));
    wire.extend(masked(0x89, b"are you there"));
    wire.extend(masked(0x80, end));
    talk[3..].iter().for_each(|frame| wire.extend(masked(0x82, frame)));
    wire.extend(masked(0x88, &[]));
    wire
}

proptest! {
    #[test]
    fn a_stream_means_the_same_wherever_it_is_cut(cuts in prop::collection::vec(any::<usize>(), 0..12)) {
        prop_assert_eq!(hear(&talk().concat(), &cuts), expected());
    }

    #[test]
    fn a_websocket_means_the_same_wherever_it_is_cut(cuts in prop::collection::vec(any::<usize>(), 0..12)) {
        let heard = hear(&websocket_talk(), &cuts);
        prop_assert!(matches!(heard.first(), Some(Heard::Upgraded(response)) if response.starts_with("HTTP/1.1 101 ")));
        let mut rest = heard[1..].to_vec();
        prop_assert_eq!(rest.remove(2), Heard::Ping(b"are you there".to_vec()));
        prop_assert_eq!(rest.pop(), Some(Heard::Closed));
        prop_assert_eq!(rest, expected());
    }

    #[test]
    fn noise_ends_in_at_most_one_fault(noise in prop::collection::vec(any::<u8>(), 0..512), cuts in prop::collection::vec(any::<usize>(), 0..4)) {
        let heard = hear(&noise, &cuts);
        let faults = heard.iter().filter(|heard| matches!(heard, Heard::Fault(_))).count();
        prop_assert!(faults <= 1);
    }
}

#[test]
fn a_client_that_breaks_the_rules_is_ended_for_a_named_reason() {
    let auth = frame(Operation::AUTH, b"{}");
    let after = |more: Vec<u8>| [auth.clone(), more].concat();
    let websocket = |more: Vec<u8>| [UPGRADE.as_bytes().to_vec(), more].concat();
    let rows = [
        (frame(Operation::HEARTBEAT, b""), "not_authenticated"),
        (frame(Operation::AUTH, b"?"), "auth_not_json"),
        (frame(Operation::AUTH, b"{\"roomid\":\"\"}"), "auth_field"),
        (after(auth.clone()), "authenticated_twice"),
        (after(frame(Operation::RAW, b"")), "operation"),
        (after(frame(Operation::CHANGE_ROOM, b"\xFF")), "body"),
        (after(frame(Operation::SUBSCRIBE, b"1,,2")), "body"),
        (after(frame(Operation::SUBSCRIBE, vec!["1"; 65].join(",").as_bytes())), "body"),
        (vec![0; 16], "header_length"),
        (frame(Operation::SEND, &[0; 4_097]), "frame_too_long"),
        (websocket(masked(0x81, b"text")), "websocket"),
        (websocket(masked(0x80, b"more of nothing")), "websocket"),
        (websocket(masked(0x82, &auth[..15])), "frame_truncated"),
        (websocket(masked(0x82, &[0; 16_449])), "message_too_long"),
        (websocket([masked(0x02, &[0; 16_448]), masked(0x80, &[0])].concat()), "message_too_long"),
    ];
    for (wire, code) in rows {
        let heard = hear(&wire, &[]);
        let Some(Heard::Fault(fault)) = heard.last() else { panic!("{code}: {heard:?}") };
        assert_eq!(fault.code(), code);
    }
}

#[test]
fn a_reply_mirrors_sequence_and_version() {
    for (version, mirrored) in [(0, 0), (1, 1), (9, 1)] {
        let mut out = Vec::new();
        let to = Header { version: Version(version), operation: Operation::AUTH, sequence: 77 };
        reply(to, AuthCode::Accepted.body(), Transport::Tcp, &mut out);
        let reader = Reader { frame_bytes_max: 64, extended: false };
        let (frame, _) = reader.decode(&out).unwrap().unwrap();
        assert_eq!((frame.header.version.0, frame.header.sequence), (mirrored, 77));
        assert_eq!((frame.header.operation, frame.body), (Operation::AUTH_REPLY, &b"{\"code\":0}"[..]));
    }
}
