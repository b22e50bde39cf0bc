//! The viewers: one poll, one scratch buffer, next to nothing for each.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::SocketAddr;
use std::time::Duration;

use clap::ValueEnum;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use protocol::chat::{Frame, Header, Operation, Reader, Version};
use protocol::limits::CHAT_SERVER_FRAME_BYTES_MAX;

use crate::clock::Clock;
use crate::figures::Delay;
use crate::publisher::{BEFORE_NUMBER, BEFORE_TIME, NUMBER_DIGITS, TIME_DIGITS};

/// Connections that are being opened at once.
const OPENING_MAX: usize = 256;
const READER: Reader = Reader { frame_bytes_max: CHAT_SERVER_FRAME_BYTES_MAX, extended: false };
const UPGRADE: &[u8] = b"GET /sub HTTP/1.1\r\nhost: chat\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";

/// What viewers speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// GOIM over WebSocket.
    GoimWebSocket,
    /// GOIM over TCP.
    GoimTcp,
}

/// All of them.
pub(crate) struct Viewers {
    kind: Kind,
    clock: Clock,
    poll: Poll,
    events: Events,
    scratch: Vec<u8>,
    viewers: Vec<Viewer>,
    live: usize,
    /// Messages.
    pub(crate) received: u64,
    /// Messages that were not the next ones.
    pub(crate) disordered: u64,
    /// Frames as they came: about as many as the server wrote.
    pub(crate) frames: u64,
    pub(crate) delay: Delay,
}

struct Viewer {
    stream: TcpStream,
    room: usize,
    state: State,
    /// What has not wholly arrived.
    rest: Vec<u8>,
    last: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Connecting,
    Upgrading,
    Joining,
    Live,
}

impl Viewers {
    pub(crate) fn new(kind: Kind, clock: Clock) -> Result<Self> {
        Ok(Self {
            kind,
            clock,
            poll: Poll::new()?,
            events: Events::with_capacity(1_024),
            scratch: vec![0; 1 << 18],
            viewers: Vec::new(),
            live: 0,
            received: 0,
            disordered: 0,
            frames: 0,
            delay: Delay::default(),
        })
    }

    /// Opens so many, spread over the addresses and the rooms, and waits until all are in.
    pub(crate) fn connect(&mut self, addresses: &[SocketAddr], count: usize, rooms: usize) -> Result<()> {
        while self.live < count {
            while self.viewers.len() < count && self.viewers.len() - self.live < OPENING_MAX {
                let index = self.viewers.len();
                let address = addresses.get(index % addresses.len().max(1)).copied();
                let address = address.ok_or_else(|| Error::other("no address"))?;
                let mut stream = TcpStream::connect(address)?;
                let interest = Interest::READABLE | Interest::WRITABLE;
                self.poll.registry().register(&mut stream, Token(index), interest)?;
                let (room, state) = (index % rooms, State::Connecting);
                self.viewers.push(Viewer { stream, room, state, rest: Vec::new(), last: 0 });
            }
            self.turn(Duration::from_secs(5))?;
        }
        Ok(())
    }

    /// Everybody goes.
    pub(crate) fn leave_all(&mut self) -> Result<()> {
        self.viewers.clear();
        self.live = 0;
        self.poll = Poll::new()?;
        Ok(())
    }

    /// Nothing is expected for a while.
    pub(crate) fn rest(&mut self, span: Duration) -> Result<()> {
        let end = self.clock.now() + span;
        while self.clock.now() < end {
            let left = end.saturating_sub(self.clock.now());
            self.turn(left)?;
        }
        Ok(())
    }

    /// Listens until so many messages have come, or for so long.
    pub(crate) fn listen(&mut self, expected: u64, span: Duration) -> Result<()> {
        let end = self.clock.now() + span;
        while self.received < expected && self.clock.now() < end {
            let left = end.saturating_sub(self.clock.now());
            self.turn(left.min(Duration::from_millis(100)))?;
        }
        Ok(())
    }

    fn turn(&mut self, wait: Duration) -> Result<()> {
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        match self.poll.poll(&mut events, Some(wait)) {
            Err(cause) if cause.kind() != ErrorKind::Interrupted => return Err(cause),
            _ => {}
        }
        for event in &events {
            let index = event.token().0;
            if event.is_writable() {
                self.greet(index)?;
            }
            if event.is_readable() || event.is_read_closed() {
                self.read(index)?;
            }
        }
        self.events = events;
        Ok(())
    }

    /// It is connected: the first thing that it says.
    fn greet(&mut self, index: usize) -> Result<()> {
        let kind = self.kind;
        let Some(viewer) = self.viewers.get_mut(index).filter(|viewer| viewer.state == State::Connecting)
        else {
            return Ok(());
        };
        match kind {
            Kind::GoimWebSocket => {
                viewer.state = State::Upgrading;
                viewer.stream.write_all(UPGRADE)
            }
            Kind::GoimTcp => viewer.join(kind),
        }
    }

    fn read(&mut self, index: usize) -> Result<()> {
        loop {
            let Some(viewer) = self.viewers.get_mut(index) else { return Ok(()) };
            let kept = viewer.rest.len();
            let length = match viewer.stream.read(self.scratch.get_mut(kept..).unwrap_or_default()) {
                Ok(0) => return Err(Error::other("the server ended a viewer")),
                Ok(length) => kept + length,
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(cause) => return Err(cause),
            };
            self.scratch.get_mut(..kept).unwrap_or_default().copy_from_slice(&viewer.rest);
            viewer.rest = Vec::new();
            let scratch = std::mem::take(&mut self.scratch);
            let whole = scratch.get(..length).unwrap_or_default();
            let taken = self.take(index, whole);
            if let (Ok(taken), Some(viewer)) = (&taken, self.viewers.get_mut(index)) {
                viewer.rest = whole.get(*taken..).unwrap_or_default().to_vec();
            }
            let drained = length < scratch.len();
            self.scratch = scratch;
            taken?;
            if drained {
                return Ok(());
            }
        }
    }

    fn take(&mut self, index: usize, bytes: &[u8]) -> Result<usize> {
        let mut taken = 0;
        loop {
            let Some(viewer) = self.viewers.get_mut(index) else { return Ok(taken) };
            let rest = bytes.get(taken..).unwrap_or_default();
            if viewer.state == State::Upgrading {
                let Some(end) = rest.windows(4).position(|end| end == b"\r\n\r\n") else { return Ok(taken) };
                taken += end + 4;
                viewer.join(self.kind)?;
                continue;
            }
            let (skip, message) = match self.kind {
                Kind::GoimTcp => (0, rest),
                Kind::GoimWebSocket => match payload(rest) {
                    Some(found) => found,
                    None => return Ok(taken),
                },
            };
            let read = READER.decode(message).map_err(|fault| Error::other(fault.code()))?;
            let Some((frame, length)) = read else { return Ok(taken) };
            taken += skip + length;
            self.on_frame(index, &frame)?;
        }
    }

    fn on_frame(&mut self, index: usize, frame: &Frame<'_>) -> Result<()> {
        match frame.header.operation {
            Operation::AUTH_REPLY => {
                self.live += 1;
                if let Some(viewer) = self.viewers.get_mut(index) {
                    viewer.state = State::Live;
                }
            }
            Operation::RAW => {
                self.frames += 1;
                for inner in READER.frames(frame.body) {
                    let inner = inner.map_err(|fault| Error::other(fault.code()))?;
                    self.on_message(index, inner.body);
                }
            }
            _ => {
                self.frames += 1;
                self.on_message(index, frame.body);
            }
        }
        Ok(())
    }

    fn on_message(&mut self, index: usize, body: &[u8]) {
        let number = digits(body, BEFORE_NUMBER.len(), NUMBER_DIGITS);
        let time = digits(body, BEFORE_NUMBER.len() + NUMBER_DIGITS + BEFORE_TIME.len(), TIME_DIGITS);
        let Some(viewer) = self.viewers.get_mut(index) else { return };
        self.received += 1;
        self.disordered += u64::from(number != viewer.last + 1);
        viewer.last = number;
        self.delay.add(self.clock.now().saturating_sub(Duration::from_micros(time)));
    }
}

impl Viewer {
    fn join(&mut self, kind: Kind) -> Result<()> {
        self.state = State::Joining;
        let header = Header { version: Version::CONTROL, operation: Operation::AUTH, sequence: 1 };
        let body = format!("{{\"room_id\":\"live://{}\"}}", self.room);
        let mut frame = Vec::new();
        header.encode(body.as_bytes(), &mut frame);
        if kind == Kind::GoimWebSocket {
            // Masked with zeros, which is allowed and saves the work.
            let length = u8::try_from(frame.len()).map_err(Error::other)?;
            let mut masked = vec![0x82, 0x80 | length, 0, 0, 0, 0];
            masked.append(&mut frame);
            frame = masked;
        }
        self.stream.write_all(&frame)
    }
}

/// The first WebSocket message: how long its header is, and its payload.
fn payload(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (header, length) = match bytes {
        [_, 126, a, b, ..] => (4, usize::from(u16::from_be_bytes([*a, *b]))),
        [_, 127, a, b, c, d, e, f, g, h, ..] => {
            let length = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
            (10, usize::try_from(length).ok()?)
        }
        [_, length, ..] if *length < 126 => (2, usize::from(*length)),
        _ => return None,
    };
    Some((header, bytes.get(header..header + length)?))
}

fn digits(body: &[u8], from: usize, count: usize) -> u64 {
    let digits = body.get(from..from + count).unwrap_or_default();
    digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit.saturating_sub(b'0')))
}
