//! What viewers say to the chat edge, and what they are sent.

use std::io::Read;

use chat_edge::session::{Heard, Session};
use chat_edge::tick::{Counts, Form, Tick, Transport, Variant};
use protocol::chat::auth::{self, Auth};
use protocol::chat::{Class, Operation, Reader, RoomEvent, RoomKey, Version};
use protocol::limits::{
    CHAT_ACCEPTS_MAX, CHAT_BODY_BYTES_MAX, CHAT_FOLLOWS_MAX, CHAT_SERVER_FRAME_BYTES_MAX,
};

use crate::hold;

/// Input that is as long as this may be refused when it comes in pieces and taken when it comes at once.
const COMPARED_BYTES_MAX: usize = 4_096;
/// Bytes that a session leaves with its caller: a message and its header, at the most.
const KEPT_BYTES_MAX: usize = 32_768;
/// Messages of one batch.
const MESSAGES_MAX: usize = 64;
const VARIANTS: [Variant; 5] =
    [Variant::Goim, Variant::Extended, Variant::Plain, Variant::Zlib, Variant::Brotli];

/// A connection's bytes: however they are cut, the same is heard.
pub(crate) fn connection(bytes: &[u8]) {
    let whole = hear(bytes, bytes.len().max(1));
    if bytes.len() < COMPARED_BYTES_MAX {
        for piece in [1, 7] {
            hold(hear(bytes, piece) == whole, "what comes in pieces is heard as what comes at once");
        }
    }
}

fn hear(bytes: &[u8], piece: usize) -> Vec<Heard> {
    let (mut session, mut heard, mut kept) = (Session::default(), Vec::new(), Vec::new());
    for piece in bytes.chunks(piece) {
        kept.extend_from_slice(piece);
        let taken = session.handle_bytes(&mut kept, &mut heard);
        hold(taken <= kept.len(), "nobody takes more than there is");
        kept.drain(..taken);
        hold(kept.len() <= KEPT_BYTES_MAX, "what is kept is bounded");
    }
    heard
}

/// The body of a first frame.
pub(crate) fn authentication(bytes: &[u8]) {
    if let Ok(Auth::Goim(goim)) = auth::parse(bytes) {
        hold(goim.accepts.len() <= CHAT_ACCEPTS_MAX, "operations are bounded");
        hold(goim.follows.len() <= CHAT_FOLLOWS_MAX, "users to follow are bounded");
    }
}

/// Bodies, with zeros between: in every form each reader gets what it can read, in order, and nothing else.
pub(crate) fn batch(bytes: &[u8]) {
    let Some(room) = RoomKey::of("live", "1") else { return };
    let bodies = bytes.split(|byte| *byte == 0).take(MESSAGES_MAX);
    let messages: Vec<RoomEvent> = (1..)
        .zip(bodies)
        .map(|(sequence, body)| RoomEvent {
            room: room.clone(),
            epoch: 1,
            sequence,
            class: Class::Chat,
            operation: Operation(1_000),
            body: body.get(..CHAT_BODY_BYTES_MAX).unwrap_or(body).into(),
        })
        .collect();
    let tick = Tick::new(messages, Counts::EMPTY);
    for variant in VARIANTS {
        // Compressed frames are wrapped as the others are, and compressing takes long.
        let compressed = matches!(variant, Variant::Zlib | Variant::Brotli);
        for transport in [Transport::Tcp, Transport::WebSocket].into_iter().skip(usize::from(compressed)) {
            let seen = tick.kept().total() - tick.hidden(variant).total();
            let bodies = read(tick.bytes(Form { variant, transport }), transport);
            hold(bodies.len() as u64 == seen, "as many arrive as the books say");
            let mut sent = tick.messages.iter().map(|message| &message.body[..]);
            hold(
                bodies.iter().all(|body| sent.any(|sent| sent == body)),
                "what arrives was sent, in its order",
            );
        }
    }
}

/// The bodies that a client finds in what it was sent.
fn read(mut bytes: &[u8], transport: Transport) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    while !bytes.is_empty() {
        let (message, rest) = match transport {
            Transport::Tcp => (bytes, &bytes[..0]),
            Transport::WebSocket => split_message(bytes),
        };
        bytes = rest;
        walk(message, &mut bodies);
    }
    bodies
}

fn walk(frames: &[u8], bodies: &mut Vec<Vec<u8>>) {
    let reader = Reader { frame_bytes_max: CHAT_SERVER_FRAME_BYTES_MAX, extended: true };
    for frame in reader.frames(frames) {
        let Ok(frame) = frame else { return hold(false, "what is sent is frames") };
        let mut inner = Vec::new();
        let unpacked = match frame.header.version {
            Version::ZLIB => flate2::read::ZlibDecoder::new(frame.body).read_to_end(&mut inner).map(drop),
            Version::BROTLI => brotli::Decompressor::new(frame.body, 4_096).read_to_end(&mut inner).map(drop),
            _ if frame.header.operation == Operation::RAW => {
                inner.extend_from_slice(frame.body);
                Ok(())
            }
            _ => {
                bodies.push(frame.body.to_vec());
                continue;
            }
        };
        hold(unpacked.is_ok(), "what is packed unpacks");
        hold(inner.len() <= CHAT_SERVER_FRAME_BYTES_MAX, "what is packed is bounded");
        walk(&inner, bodies);
    }
}

/// The first message of a server, and what follows it.
fn split_message(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (header, length) = match bytes {
        [0x82, 126, a, b, ..] => (4, usize::from(u16::from_be_bytes([*a, *b]))),
        [0x82, 127, rest @ ..] => {
            let length = rest.first_chunk::<8>().map_or(0, |length| u64::from_be_bytes(*length));
            (10, usize::try_from(length).unwrap_or(usize::MAX))
        }
        [0x82, length, ..] => (2, usize::from(*length)),
        _ => (0, usize::MAX),
    };
    let message = bytes.get(header..).and_then(|rest| rest.split_at_checked(length));
    hold(message.is_some(), "what is sent is whole binary messages");
    message.unwrap_or_default()
}
