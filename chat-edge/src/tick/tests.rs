//! Ticks as their readers see them.

use std::io::Read;

use protocol::chat::{Class, Frame, Operation, Reader, RoomEvent, RoomKey};
use protocol::limits::{CHAT_BODY_BYTES_MAX, CHAT_SERVER_FRAME_BYTES_MAX};

use super::*;

const READER: Reader = Reader { frame_bytes_max: CHAT_SERVER_FRAME_BYTES_MAX, extended: true };

pub(crate) fn message(sequence: u64, class: Class, body: &[u8]) -> RoomEvent {
    RoomEvent {
        room: RoomKey::of("live", "1").unwrap(),
        epoch: 7,
        sequence,
        class,
        operation: Operation(1_000),
        body: body.into(),
    }
}

fn event(sequence: u64) -> RoomEvent {
    message(sequence, Class::Chat, format!("{{\"cmd\":\"DANMU_MSG\",\"n\":{sequence}}}").as_bytes())
}

const fn form(variant: Variant, transport: Transport) -> Form {
    Form { variant, transport }
}

/// The messages of a WebSocket stream of unmasked binary frames.
fn websocket_messages(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut messages = Vec::new();
    while let [0x82, length, rest @ ..] = bytes {
        let (length, rest) = match length {
            126 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), &rest[2..]),
            127 => (u64::from_be_bytes(rest[..8].try_into().unwrap()) as usize, &rest[8..]),
            short => (usize::from(*short), rest),
        };
        messages.push(&rest[..length]);
        bytes = &rest[length..];
    }
    assert!(bytes.is_empty());
    messages
}

fn frames(bytes: &[u8]) -> Vec<Frame<'_>> {
    READER.frames(bytes).map(Result::unwrap).collect()
}

/// What a client makes of the bytes: bodies, after unpacking.
fn bodies(bytes: &[u8], transport: Transport) -> Vec<Vec<u8>> {
    let outer: Vec<Frame<'_>> = match transport {
        Transport::Tcp => frames(bytes),
        Transport::WebSocket => websocket_messages(bytes)
            .into_iter()
            .map(|message| {
                let frames = frames(message);
                assert_eq!(frames.len(), 1, "one frame in a message");
                frames[0]
            })
            .collect(),
    };
    let mut bodies = Vec::new();
    for frame in outer {
        let mut unpacked = Vec::new();
        match (frame.header.version.0, frame.header.operation) {
            (2, _) => drop(flate2::read::ZlibDecoder::new(frame.body).read_to_end(&mut unpacked).unwrap()),
            (3, _) => drop(brotli::Decompressor::new(frame.body, 4_096).read_to_end(&mut unpacked).unwrap()),
            (_, Operation::RAW) => unpacked.extend_from_slice(frame.body),
            _ => {
                bodies.push(frame.body.to_vec());
                continue;
            }
        }
        bodies.extend(frames(&unpacked).into_iter().map(|frame| frame.body.to_vec()));
    }
    bodies
}

const VARIANTS: [Variant; 5] =
    [Variant::Goim, Variant::Extended, Variant::Plain, Variant::Zlib, Variant::Brotli];
const TRANSPORTS: [Transport; 2] = [Transport::Tcp, Transport::WebSocket];

#[test]
fn every_kind_of_reader_reads_every_event_in_order() {
    let messages: Vec<RoomEvent> = (1..=30).map(event).collect();
    let expected: Vec<Vec<u8>> = messages.iter().map(|message| message.body.to_vec()).collect();
    let tick = Tick::new(messages, Counts::default());
    for variant in VARIANTS {
        for transport in TRANSPORTS {
            let bytes = tick.bytes(form(variant, transport));
            assert_eq!(bodies(bytes, transport), expected, "{variant:?} {transport:?}");
        }
    }
}

#[test]
fn bytes_are_made_once_for_each_kind_and_only_when_somebody_wants_them() {
    let tick = Tick::new(vec![event(1)], Counts::default());
    assert_eq!(tick.built(), 0);
    let first = Arc::clone(tick.bytes(form(Variant::Zlib, Transport::Tcp)));
    assert!(Arc::ptr_eq(&first, tick.bytes(form(Variant::Zlib, Transport::Tcp))));
    assert_eq!(tick.built(), 1);
}

#[test]
fn what_would_end_a_client_of_bilibilis_is_hidden_from_it_and_counted() {
    let rows: [(&[u8], bool); 8] = [
        (b"{\"cmd\":\"LIVE\"}", true),
        (b" { \"a\": 1, \"cmd\": \"LIVE:1\" }", true),
        (b"{\"test\":1}", false),
        (b"{\"cmd\":1}", false),
        (b"[\"LIVE\"]", false),
        (b"hello", false),
        (b"{\"cmd\":\"LIVE\"", false),
        (b"", false),
    ];
    for (body, readable) in rows {
        assert_eq!(is_event(body), readable, "{}", String::from_utf8_lossy(body));
        let tick = Tick::new(vec![message(1, Class::Paid, body)], Counts::default());
        assert_eq!(tick.hidden(Variant::Plain).of(Class::Paid), u64::from(!readable));
        assert_eq!(tick.hidden(Variant::Goim).total(), 0);
        assert_eq!(tick.bytes(form(Variant::Zlib, Transport::Tcp)).is_empty(), !readable);
    }
}

#[test]
fn no_frame_is_longer_than_the_longest_nor_unpacks_to_more() {
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'!' + (state >> 58) as u8).to_string().replace(['"', '\\'], "x")
    };
    let text: String = (0..CHAT_BODY_BYTES_MAX - 16).map(|_| noise()).collect();
    let body = format!("{{\"cmd\":\"A\",\"t\":\"{}\"}}", &text[..CHAT_BODY_BYTES_MAX - 20]);
    assert!(body.len() <= CHAT_BODY_BYTES_MAX);
    let tick = Tick::new(
        (1..=9).map(|sequence| message(sequence, Class::Chat, body.as_bytes())).collect(),
        Counts::default(),
    );
    for variant in VARIANTS {
        for transport in TRANSPORTS {
            // The reader refuses a longer frame, packed or not.
            assert_eq!(bodies(tick.bytes(form(variant, transport)), transport).len(), 9, "{variant:?}");
        }
    }
}

#[test]
fn the_extension_says_where_in_the_room_a_message_stands() {
    let tick = Tick::new(vec![event(41), event(43)], Counts::default());
    let bytes = tick.bytes(form(Variant::Extended, Transport::Tcp));
    let extensions: Vec<_> = frames(bytes).into_iter().map(|frame| frame.extension.unwrap()).collect();
    assert_eq!(extensions.iter().map(|e| (e.epoch, e.sequence)).collect::<Vec<_>>(), [(7, 41), (7, 43)]);
}

#[test]
fn a_message_outside_rooms_is_framed_as_its_reader_wants_it() {
    for transport in TRANSPORTS {
        let goim = frame_for(Operation(1_000), b"hello", form(Variant::Goim, transport)).unwrap();
        assert_eq!(bodies(&goim, transport), [b"hello".to_vec()]);
        assert_eq!(frame_for(Operation(1_000), b"hello", form(Variant::Brotli, transport)), None);
        let event = br#"{"cmd":"NOTICE_MSG"}"#;
        let plain = frame_for(Operation(1_000), event, form(Variant::Brotli, transport)).unwrap();
        assert_eq!(bodies(&plain, transport), [event.to_vec()]);
    }
}
