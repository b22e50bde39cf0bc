//! The floor: a message comes in, and one bare non-blocking write goes out for each member of its room. It speaks GOIM's
//! frames so far as a viewer needs them to come in, knows no slow reader, no quota, no past, and counts nothing.

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use protocol::chat::{Header, Operation, Version};
use slab::Slab;

use crate::cli;
use measure::clock::Clock;
use measure::failure::{Context, Outcome};

const VIEWERS: Token = Token(0);
const PUBLISHERS: Token = Token(1);
const TOKENS_RESERVED: usize = 2;
/// The answer to the one key that our viewers use.
const UPGRADED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
    sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct Floor {
    poll: Poll,
    doors: [TcpListener; 2],
    connections: Slab<Connection>,
    rooms: Vec<Room>,
    scratch: Vec<u8>,
    batch: Duration,
    clock: Clock,
}

enum Connection {
    /// A viewer that has said nothing, or has a WebSocket and is not in.
    Viewer(TcpStream),
    Member(TcpStream),
    Publisher(TcpStream, Vec<u8>),
}

#[derive(Default)]
struct Room {
    members: Vec<usize>,
    /// Frames that gather, and when they go.
    gathered: Vec<u8>,
    due: Option<Duration>,
    /// When the next may go: the rhythm does not wait for how long writing takes.
    next: Duration,
}

/// Serves for ever.
pub(crate) fn run(options: &cli::Floor) -> Outcome {
    let listen = |address| TcpListener::bind(address).context("the floor's port");
    let mut floor = Floor {
        poll: Poll::new().context("a poll")?,
        doors: [listen(options.listen)?, listen(options.publish)?],
        connections: Slab::new(),
        rooms: Vec::new(),
        scratch: vec![0; 65_536],
        batch: Duration::from_millis(options.batch_ms),
        clock: Clock::start(),
    };
    let registry = floor.poll.registry();
    for (door, token) in floor.doors.iter_mut().zip([VIEWERS, PUBLISHERS]) {
        registry.register(door, token, Interest::READABLE).context("the floor's port")?;
    }
    let mut events = Events::with_capacity(1_024);
    loop {
        let wait = floor.next_due().map(|due| due.saturating_sub(floor.clock.now()));
        match floor.poll.poll(&mut events, wait) {
            Err(cause) if cause.kind() != ErrorKind::Interrupted => return Err(cause).context("waiting"),
            _ => {}
        }
        for event in &events {
            match event.token() {
                door @ (VIEWERS | PUBLISHERS) => floor.accept(door)?,
                Token(index) => floor.read(index - TOKENS_RESERVED),
            }
        }
        floor.send_due();
    }
}

impl Floor {
    fn accept(&mut self, door: Token) -> Outcome {
        let Some(listener) = self.doors.get(door.0) else { return Ok(()) };
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.set_nodelay(true);
            let entry = self.connections.vacant_entry();
            let token = Token(entry.key() + TOKENS_RESERVED);
            self.poll.registry().register(&mut stream, token, Interest::READABLE).context("a connection")?;
            entry.insert(match door {
                VIEWERS => Connection::Viewer(stream),
                _ => Connection::Publisher(stream, Vec::new()),
            });
        }
        Ok(())
    }

    fn read(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        let (Connection::Viewer(stream) | Connection::Member(stream) | Connection::Publisher(stream, _)) =
            connection;
        let length = match stream.read(&mut self.scratch) {
            Ok(length) if length > 0 => length,
            Err(cause) if matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return,
            Ok(_) | Err(_) => return self.remove(index),
        };
        let bytes = self.scratch.get(..length).unwrap_or_default();
        match connection {
            Connection::Viewer(stream) if bytes.starts_with(b"GET ") => drop(stream.write(UPGRADED)),
            Connection::Viewer(_) => {
                let room = room_of(bytes);
                self.join(index, room);
            }
            Connection::Member(_) => {}
            Connection::Publisher(_, kept) => {
                kept.extend_from_slice(bytes);
                let lines = std::mem::take(kept);
                let taken = self.take_lines(&lines);
                if let Some(Connection::Publisher(_, kept)) = self.connections.get_mut(index) {
                    *kept = lines.get(taken..).unwrap_or_default().to_vec();
                }
            }
        }
    }

    fn join(&mut self, index: usize, room: usize) {
        let mut reply = vec![0x82, 26];
        let header = Header { version: Version::CONTROL, operation: Operation::AUTH_REPLY, sequence: 1 };
        header.encode(b"{\"code\":0}", &mut reply);
        if let Connection::Viewer(mut stream) = self.connections.remove(index) {
            let _ = stream.write(&reply);
            // The place that was free last is taken first: it is the same.
            let index = self.connections.insert(Connection::Member(stream));
            self.room(room).members.push(index);
        }
    }

    fn room(&mut self, room: usize) -> &mut Room {
        while self.rooms.len() <= room {
            self.rooms.push(Room::default());
        }
        &mut self.rooms[room]
    }

    fn take_lines(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while let Some((room, body, length)) = bytes.get(taken..).and_then(line) {
            taken += length;
            let (batch, now) = (self.batch, self.clock.now());
            let room = self.room(room);
            let header = Header { version: Version::CONTROL, operation: Operation(1_000), sequence: 0 };
            header.encode(body, &mut room.gathered);
            let next = room.next.max(now);
            room.next = *room.due.get_or_insert(next) + batch;
        }
        taken
    }

    fn next_due(&self) -> Option<Duration> {
        self.rooms.iter().filter_map(|room| room.due).min()
    }

    fn send_due(&mut self) {
        let now = self.clock.now();
        for room in self.rooms.iter_mut().filter(|room| room.due.is_some_and(|due| due <= now)) {
            room.due = None;
            let inner = std::mem::take(&mut room.gathered);
            let bytes = wrapped(&inner);
            for member in &room.members {
                if let Some(Connection::Member(stream)) = self.connections.get_mut(*member) {
                    let _ = stream.write(&bytes);
                }
            }
        }
    }

    fn remove(&mut self, index: usize) {
        self.connections.remove(index);
        self.rooms.iter_mut().for_each(|room| room.members.retain(|member| *member != index));
    }
}

/// One frame of GOIM's around the others, in a WebSocket message.
fn wrapped(inner: &[u8]) -> Vec<u8> {
    let mut outer = Vec::with_capacity(inner.len() + 16);
    let header = Header { version: Version::CONTROL, operation: Operation::RAW, sequence: 0 };
    header.encode(inner, &mut outer);
    let mut bytes = vec![0x82];
    match u16::try_from(outer.len()) {
        Ok(length) if length < 126 => bytes.push(length as u8),
        Ok(length) => {
            bytes.push(126);
            bytes.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => {
            bytes.push(127);
            bytes.extend_from_slice(&(outer.len() as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&outer);
    bytes
}

/// The number behind `live://` in an authentication that is masked with zeros.
fn room_of(bytes: &[u8]) -> usize {
    let start = memchr::memmem::find(bytes, b"live://").map_or(bytes.len(), |at| at + 7);
    let digits = bytes.get(start..).unwrap_or_default().iter().map_while(|byte| (*byte as char).to_digit(10));
    digits.fold(0, |room, digit| room * 10 + digit as usize)
}

/// Room, body and length of the first line and what follows it, where that is whole.
fn line(bytes: &[u8]) -> Option<(usize, &[u8], usize)> {
    let end = memchr::memchr(b'\n', bytes)?;
    let (room, length) = std::str::from_utf8(bytes.get(..end)?).ok()?.split_once(' ')?;
    let stop = end + 1 + length.parse::<usize>().ok()?;
    Some((room.parse().ok()?, bytes.get(end + 1..stop)?, stop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_when_its_body_is_whole() {
        let bytes = b"7 5\nhello8 1\nx";
        assert_eq!(line(bytes), Some((7, &b"hello"[..], 9)));
        assert_eq!(line(&bytes[..8]), None);
        assert_eq!(line(&bytes[9..]), Some((8, &b"x"[..], 5)));
    }

    #[test]
    fn the_room_of_an_authentication_is_found() {
        assert_eq!(room_of(b"....{\"room_id\":\"live://123\"}"), 123);
        assert_eq!(room_of(b""), 0);
    }
}
