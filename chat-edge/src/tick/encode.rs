//! A tick's bytes: inner frames, batches around them, compression, the transport's wrapping.

use std::borrow::Cow;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use protocol::chat::{Extension, HEADER_BYTES, Header, Operation, RoomEvent, Version};
use protocol::limits::CHAT_SERVER_FRAME_BYTES_MAX;
use serde::Deserialize;

use super::{Form, Transport, Variant};
use crate::websocket;

/// Bytes of the frames in one batch before compression: with what compression may add in the worst case (5 bytes for each
/// 16 KiB in zlib) and the header it stays below the longest frame.
const BATCH_BYTES_MAX: usize = CHAT_SERVER_FRAME_BYTES_MAX - 256;
/// brotli's quality, of 11. 5 is the first that searches well: 20 comments of 140 bytes become 724 bytes, for a tenth of
/// the time of 11.
const BROTLI_QUALITY: u32 = 5;
/// brotli's window, as a power of two: no batch is longer than 64 KiB.
const BROTLI_WINDOW: u32 = 16;

/// Whether Bilibili's clients can read this body: a JSON object with a text `cmd`. Several of them end at any other.
#[must_use]
pub fn is_event(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(borrow)]
        #[expect(dead_code, reason = "that it is there and a text is what is asked")]
        cmd: Cow<'a, str>,
    }
    // serde would take a list for an object with the fields in order.
    let object = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    object && serde_json::from_slice::<Event<'_>>(body).is_ok()
}

/// One message outside rooms, for one kind of reader; `None` where it could not read it.
#[must_use]
pub fn frame_for(operation: Operation, body: &[u8], form: Form) -> Option<Vec<u8>> {
    let (version, operation) = if form.variant.events_only() {
        if !is_event(body) {
            return None;
        }
        (Version::PLAIN, Operation::MESSAGE)
    } else {
        (Version::CONTROL, operation)
    };
    let mut frame = Vec::with_capacity(HEADER_BYTES + body.len());
    Header { version, operation, sequence: 0 }.encode(body, &mut frame);
    let mut out = Vec::with_capacity(2 * HEADER_BYTES + websocket::HEADER_BYTES_MAX + body.len());
    match (form.variant, form.transport) {
        (Variant::Goim | Variant::Extended, Transport::WebSocket) => {
            wrap(Version::CONTROL, Operation::RAW, &frame, form.transport, &mut out);
        }
        _ => push(&frame, form.transport, &mut out),
    }
    Some(out)
}

pub(super) fn encode<'a>(messages: impl Iterator<Item = &'a RoomEvent>, form: Form) -> Vec<u8> {
    let mut batches = Batches { form, batch: Vec::new(), out: Vec::new() };
    for message in messages {
        batches.add(message);
    }
    batches.flush();
    batches.out
}

/// Gathers inner frames and lets them out whenever they fill a batch.
struct Batches {
    form: Form,
    batch: Vec<u8>,
    out: Vec<u8>,
}

impl Batches {
    fn add(&mut self, message: &RoomEvent) {
        let start = self.batch.len();
        inner(message, self.form.variant, &mut self.batch);
        if self.batch.len() > BATCH_BYTES_MAX && start > 0 {
            let last = self.batch.split_off(start);
            self.flush();
            self.batch = last;
        }
        if self.form.variant == Variant::Plain {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let Self { form: Form { variant, transport }, batch, out } = self;
        match (variant, *transport) {
            (Variant::Goim | Variant::Extended, Transport::WebSocket) => {
                wrap(Version::CONTROL, Operation::RAW, batch, *transport, out);
            }
            (Variant::Goim | Variant::Extended, Transport::Tcp) | (Variant::Plain, _) => {
                push(batch, *transport, out);
            }
            (Variant::Zlib, _) => wrap(Version::ZLIB, Operation::MESSAGE, &zlib(batch), *transport, out),
            (Variant::Brotli, _) => {
                wrap(Version::BROTLI, Operation::MESSAGE, &brotli(batch), *transport, out);
            }
        }
        batch.clear();
    }
}

fn inner(message: &RoomEvent, variant: Variant, out: &mut Vec<u8>) {
    let goim = Header { version: Version::CONTROL, operation: message.operation, sequence: 0 };
    match variant {
        Variant::Goim => goim.encode(&message.body, out),
        Variant::Extended => {
            let RoomEvent { epoch, sequence, class, .. } = *message;
            goim.encode_extended(Extension { epoch, sequence, class }, &message.body, out);
        }
        Variant::Plain | Variant::Zlib | Variant::Brotli => {
            let header = Header { version: Version::PLAIN, operation: Operation::MESSAGE, sequence: 0 };
            header.encode(&message.body, out);
        }
    }
}

/// A frame around others.
fn wrap(version: Version, operation: Operation, body: &[u8], transport: Transport, out: &mut Vec<u8>) {
    if transport == Transport::WebSocket {
        websocket::binary_header(HEADER_BYTES + body.len(), out);
    }
    Header { version, operation, sequence: 0 }.encode(body, out);
}

/// Frames as they are.
fn push(frames: &[u8], transport: Transport, out: &mut Vec<u8>) {
    if transport == Transport::WebSocket {
        websocket::binary_header(frames.len(), out);
    }
    out.extend_from_slice(frames);
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::default());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 2);
    let mut encoder = brotli::CompressorWriter::new(&mut out, bytes.len(), BROTLI_QUALITY, BROTLI_WINDOW);
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    drop(encoder);
    out
}
