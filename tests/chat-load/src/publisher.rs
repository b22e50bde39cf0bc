//! Publishes on a schedule over one connection, on a thread of its own, without waiting for replies: a message's delay
//! counts from when it was due.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::crowd::{BINARY, Dialect, frame};
use crate::message::{Message, body};
use measure::clock::Clock;
use measure::failure::{Context, Outcome};

/// Who takes the replies rests so long between two reads.
const NAP: Duration = Duration::from_millis(1);

/// How a server is told a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// GOIM's push API.
    Goim,
    /// NATS.
    Nats,
    /// A line for the floor and its like: room, length, body.
    Lines,
    /// A WebSocket, and a binary message for each: room, space, body.
    WebSocket,
    /// Centrifugo's API.
    Centrifugo,
}

/// What is published when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub(crate) rooms: usize,
    /// Messages of all rooms together.
    pub(crate) messages: u64,
    /// Over so long, evenly.
    pub(crate) span: Duration,
    /// The number of the first message of each room.
    pub(crate) first: u64,
    pub(crate) body_bytes: usize,
}

/// Starts; the thread ends when everything is sent.
pub(crate) fn start(
    door: Door,
    address: SocketAddr,
    schedule: Schedule,
    clock: Clock,
) -> Outcome<JoinHandle<Outcome>> {
    let mut stream = TcpStream::connect(address).context("connecting to publish")?;
    stream.set_nodelay(true).context("connecting to publish")?;
    if door == Door::Nats {
        stream.write_all(b"CONNECT {\"verbose\":false}\r\n").context("publishing")?;
    }
    if door == Door::WebSocket {
        stream.write_all(Dialect::Ws.upgrade().as_bytes()).context("publishing")?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).context("publishing")?;
            head.extend(byte);
        }
    }
    let replies = stream.try_clone().context("connecting to publish")?;
    std::thread::spawn(move || drain(replies, clock));
    Ok(std::thread::spawn(move || publish(&door, stream, schedule, clock)))
}

fn publish(door: &Door, mut stream: TcpStream, schedule: Schedule, clock: Clock) -> Outcome {
    let start = clock.now();
    for index in 0..schedule.messages {
        let due = start + schedule.span.mul_f64(index as f64 / schedule.messages as f64);
        clock.wait_until(due);
        let rooms = schedule.rooms as u64;
        let message = Message { number: schedule.first + index / rooms, due };
        let bytes = door.bytes(index % rooms, &body(message, schedule.body_bytes));
        stream.write_all(&bytes).context("publishing")?;
    }
    // Replies that are still to come must not end with us: the drain has its own handle.
    Ok(())
}

/// Takes the replies, so that the server can go on; whether all was taken shows in what arrives. It rests as viewers do,
/// so that what a reply costs is not that of waking somebody.
fn drain(mut stream: TcpStream, clock: Clock) {
    let mut scratch = vec![0; 65_536];
    loop {
        clock.rest(NAP);
        match stream.read(&mut scratch) {
            Ok(length) if length > 0 => {}
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => return,
        }
    }
}

impl Door {
    fn bytes(&self, room: u64, body: &str) -> Vec<u8> {
        let length = body.len();
        let text = match self {
            Self::Goim => format!(
                "POST /goim/push/room?operation=1000&type=live&room={room} HTTP/1.1\r\nhost: chat\r\n\
                 content-length: {length}\r\n\r\n{body}"
            ),
            Self::Nats => format!("PUB room.{room} {length}\r\n{body}\r\n"),
            Self::Lines => format!("{room} {length}\n{body}"),
            Self::WebSocket => return frame(BINARY, format!("{room} {body}").as_bytes()),
            Self::Centrifugo => {
                let json = format!("{{\"channel\":\"room{room}\",\"data\":{body}}}");
                format!(
                    "POST /api/publish HTTP/1.1\r\nhost: chat\r\ncontent-type: application/json\r\n\
                     x-api-key: bench\r\ncontent-length: {}\r\n\r\n{json}",
                    json.len()
                )
            }
        };
        text.into_bytes()
    }
}
