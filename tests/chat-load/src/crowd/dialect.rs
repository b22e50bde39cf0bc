//! What viewers say to each kind of server, and how they read what it sends.

use memchr::memmem;
use protocol::chat::auth::Position;
use protocol::chat::{Extension, Header, Operation, Reader, Version};
use protocol::limits::CHAT_SERVER_FRAME_BYTES_MAX;

use crate::message::{self, Message};

const READER: Reader = Reader { frame_bytes_max: CHAT_SERVER_FRAME_BYTES_MAX, extended: false };
const READER_OF_OURS: Reader = Reader { extended: true, ..READER };
/// Opcodes of RFC 6455.
const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;

/// A protocol over WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// GOIM's frames, which the floor has too.
    Goim,
    /// The same with our extension: a viewer knows its place in the room, and goes on there.
    Ours,
    /// NATS's lines.
    Nats,
    /// The shortest: a viewer sends its room's number, is told `ok`, and gets bodies.
    Ws,
    /// Centrifugo's lines of JSON.
    Centrifugo,
}

/// What a WebSocket message was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The viewer is in.
    Welcome,
    /// The server asks whether the viewer is there.
    Ping,
    /// The server answers that it is there.
    Beat,
    /// Messages, already handed on, or nothing that matters.
    Other,
    /// Not what the dialect says.
    Nonsense,
}

impl Dialect {
    /// The request that makes a WebSocket.
    pub(crate) fn upgrade(self) -> String {
        let path = match self {
            Self::Goim | Self::Ours => "/sub",
            Self::Nats | Self::Ws => "/",
            Self::Centrifugo => "/connection/websocket",
        };
        format!(
            "GET {path} HTTP/1.1\r\nhost: chat\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
        )
    }

    /// Who I am and which room I want, as a client's frame.
    pub(super) fn hello(self, room: u32, place: Option<Position>) -> Vec<u8> {
        match self {
            Self::Goim => goim(Operation::AUTH, format!("{{\"room_id\":\"live://{room}\"}}").as_bytes()),
            Self::Ours => {
                let place = place.map_or_else(String::new, |Position { epoch, sequence }| {
                    format!(",\"epoch\":{epoch},\"sequence\":{sequence}")
                });
                let auth = format!(
                    "{{\"room_id\":\"live://{room}\",\"shoal\":{{\"version\":1,\"history\":0{place}}}}}"
                );
                goim(Operation::AUTH, auth.as_bytes())
            }
            Self::Nats => {
                let lines = format!("CONNECT {{\"verbose\":false}}\r\nSUB room.{room} 1\r\nPING\r\n");
                frame(BINARY, lines.as_bytes())
            }
            Self::Ws => frame(TEXT, room.to_string().as_bytes()),
            Self::Centrifugo => {
                let subscribe = format!("{{\"id\":2,\"subscribe\":{{\"channel\":\"room{room}\"}}}}");
                frame(TEXT, format!("{{\"id\":1,\"connect\":{{}}}}\n{subscribe}").as_bytes())
            }
        }
    }

    /// I am still here, as a client's frame: said by itself (GOIM's), or when asked.
    pub(super) fn heartbeat(self) -> Vec<u8> {
        match self {
            Self::Goim | Self::Ours => goim(Operation::HEARTBEAT, b""),
            Self::Nats => frame(BINARY, b"PONG\r\n"),
            Self::Ws => frame(TEXT, b""),
            Self::Centrifugo => frame(TEXT, b"{}"),
        }
    }

    /// Reads a WebSocket message; the messages in it go to `found`, in order, with their places where they have one.
    pub(super) fn read(self, payload: &[u8], mut found: impl FnMut(Message, Option<Extension>)) -> Heard {
        match self {
            Self::Goim => return read_goim(READER, payload, found),
            Self::Ours => return read_goim(READER_OF_OURS, payload, found),
            Self::Nats if memmem::find(payload, b"PONG\r\n").is_some() => return Heard::Welcome,
            Self::Nats if payload.starts_with(b"PING") => return Heard::Ping,
            Self::Ws if payload == b"ok" => return Heard::Welcome,
            Self::Centrifugo if memmem::find(payload, b"{\"id\":2,").is_some() => return Heard::Welcome,
            Self::Centrifugo if payload.trim_ascii() == b"{}" => return Heard::Ping,
            Self::Nats | Self::Ws | Self::Centrifugo => {
                message::find(payload, |message| found(message, None))
            }
        }
        Heard::Other
    }
}

fn read_goim(reader: Reader, payload: &[u8], mut found: impl FnMut(Message, Option<Extension>)) -> Heard {
    let Ok(Some((outer, length))) = reader.decode(payload) else { return Heard::Nonsense };
    if length != payload.len() {
        return Heard::Nonsense;
    }
    match outer.header.operation {
        Operation::AUTH_REPLY if outer.body == b"{\"code\":0}" => return Heard::Welcome,
        Operation::HEARTBEAT_REPLY if outer.body.len() == 4 => return Heard::Beat,
        Operation::RAW => {
            for inner in reader.frames(outer.body) {
                let read = inner.ok().and_then(|inner| Some((message::parse(inner.body)?, inner.extension)));
                let Some((message, place)) = read else { return Heard::Nonsense };
                found(message, place);
            }
        }
        _ => return Heard::Nonsense,
    }
    Heard::Other
}

fn goim(operation: Operation, body: &[u8]) -> Vec<u8> {
    let mut inner = Vec::new();
    Header { version: Version::CONTROL, operation, sequence: 1 }.encode(body, &mut inner);
    frame(BINARY, &inner)
}

/// A client's frame, masked with zeros, which is allowed and saves the work.
pub(crate) fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x80 | opcode];
    match u8::try_from(payload.len()) {
        Ok(length) if length < 126 => out.push(0x80 | length),
        _ => {
            out.push(0x80 | 126);
            out.extend_from_slice(&u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
    out
}

/// The first frame of a server: how long its header is, and its payload; nothing where it has not wholly arrived.
pub(super) fn payload(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (header, length) = match bytes {
        [_, 126, a, b, ..] => (4, usize::from(u16::from_be_bytes([*a, *b]))),
        [_, 127, a, b, c, d, e, f, g, h, ..] => {
            let length = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
            (10, usize::try_from(length).ok()?)
        }
        [_, length, ..] if *length < 126 => (2, usize::from(*length)),
        _ => return None,
    };
    Some((header, bytes.get(header..header.checked_add(length)?)?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use protocol::chat::Class;
    use protocol::chat::auth::{self, Auth};

    use super::*;

    fn heard(dialect: Dialect, payload: &[u8]) -> (Heard, usize) {
        let mut count = 0;
        (dialect.read(payload, |_, _| count += 1), count)
    }

    #[test]
    fn each_dialect_is_read_as_its_servers_write_it() {
        let body = message::body(Message { number: 1, due: Duration::ZERO }, 0);
        let nats = format!("MSG room.1 1 {}\r\n{body}\r\n", body.len());
        let push = format!("{{\"push\":{{\"channel\":\"room1\",\"pub\":{{\"data\":{body}}}}}}}");
        let welcome = "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{}}";
        let rows: [(Dialect, &str, Heard, usize); 9] = [
            (Dialect::Nats, "INFO {}\r\n", Heard::Other, 0),
            (Dialect::Nats, "PONG\r\n", Heard::Welcome, 0),
            (Dialect::Nats, "PING\r\n", Heard::Ping, 0),
            (Dialect::Nats, &(nats.clone() + &nats), Heard::Other, 2),
            (Dialect::Ws, "ok", Heard::Welcome, 0),
            (Dialect::Ws, &body, Heard::Other, 1),
            (Dialect::Centrifugo, welcome, Heard::Welcome, 0),
            (Dialect::Centrifugo, "{}", Heard::Ping, 0),
            (Dialect::Centrifugo, &push, Heard::Other, 1),
        ];
        for (dialect, payload, wanted, count) in rows {
            assert_eq!(heard(dialect, payload.as_bytes()), (wanted, count), "{payload}");
        }
    }

    #[test]
    fn a_batch_of_goims_is_read_whole_or_not_at_all() {
        let body = message::body(Message { number: 1, due: Duration::ZERO }, 100);
        let mut inner = Vec::new();
        let push = Header { version: Version::CONTROL, operation: Operation(1_000), sequence: 0 };
        (0..3).for_each(|_| push.encode(body.as_bytes(), &mut inner));
        let mut outer = Vec::new();
        Header { operation: Operation::RAW, ..push }.encode(&inner, &mut outer);
        assert_eq!(heard(Dialect::Goim, &outer), (Heard::Other, 3));
        assert_eq!(heard(Dialect::Goim, &outer[..outer.len() - 1]).0, Heard::Nonsense);
        outer.clear();
        Header { operation: Operation::HEARTBEAT_REPLY, ..push }.encode(&[0; 4], &mut outer);
        assert_eq!(heard(Dialect::Goim, &outer), (Heard::Beat, 0));
    }

    #[test]
    fn a_place_is_read_by_viewers_of_ours_and_told_when_they_come_back() {
        let body = message::body(Message { number: 1, due: Duration::ZERO }, 100);
        let push = Header { version: Version::CONTROL, operation: Operation(1_000), sequence: 0 };
        let place = Extension { epoch: 3, sequence: 9, class: Class::Chat };
        let (mut inner, mut outer, mut read) = (Vec::new(), Vec::new(), None);
        push.encode_extended(place, body.as_bytes(), &mut inner);
        Header { operation: Operation::RAW, ..push }.encode(&inner, &mut outer);
        assert_eq!(Dialect::Ours.read(&outer, |_, place| read = place), Heard::Other);
        assert_eq!(read, Some(place));
        assert_eq!(heard(Dialect::Goim, &outer).0, Heard::Nonsense);
        let hello = Dialect::Ours.hello(1, Some(Position { epoch: 3, sequence: 9 }));
        let at = memmem::find(&hello, b"{\"room_id\"").unwrap();
        let Ok(Auth::Goim(auth)) = auth::parse(&hello[at..]) else { panic!("it is GOIM's") };
        assert_eq!(auth.extension.unwrap().resume, Some(Position { epoch: 3, sequence: 9 }));
    }

    #[test]
    fn a_servers_frame_is_waited_for() {
        let long = [&[0x82, 126, 1, 0][..], &[7; 256]].concat();
        assert_eq!(payload(&long), Some((4, &long[4..])));
        (0..long.len()).for_each(|cut| assert_eq!(payload(&long[..cut]), None, "{cut}"));
        assert_eq!(payload(&[0x82, 1, 9, 9]), Some((2, &[9][..])));
    }
}
