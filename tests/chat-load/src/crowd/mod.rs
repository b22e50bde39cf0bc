//! Viewers: one thread, one poll, one scratch buffer, next to nothing for each. Every viewer checks that the numbers in
//! its room rise one by one.

mod comeback;
mod dialect;

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use protocol::chat::auth::Position;
use socket2::{Domain, Protocol, Socket, Type};

use comeback::Comebacks;
pub(crate) use dialect::{BINARY, Dialect, frame};
use dialect::{Heard, payload};

use crate::delay::Delays;
use crate::message::Message;
use measure::clock::Clock;
use measure::failure::{Context, Failure, Outcome};

/// Connections that are being opened at once.
const OPENING_MAX: usize = 256;
/// Connections from one loopback address: one has 28,232 ports, and beyond half of them the kernel searches long.
const PER_ADDRESS: usize = 10_000;
/// A crowd that has not gathered by then will not.
const GATHERED: Duration = Duration::from_secs(180);
const EVENTS_AT_ONCE: usize = 1_024;
const SCRATCH_BYTES: usize = 1 << 18;

/// All of them.
pub(crate) struct Crowd {
    dialect: Dialect,
    clock: Clock,
    /// Where they connect: the first to the first of these, the next to the next.
    addresses: Vec<SocketAddr>,
    poll: Poll,
    events: Events,
    scratch: Vec<u8>,
    viewers: Vec<Viewer>,
    /// The third byte of the loopback addresses that they come from.
    network: u8,
    /// Between two reads the crowd rests so long: a client that wakes for every frame is what a server's sends then cost.
    pub(crate) nap: Duration,
    /// Viewers come back elsewhere when their server ends them, where this says how.
    comebacks: Option<Comebacks>,
    pub(crate) tally: Tally,
}

/// What came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Viewers that are in.
    pub(crate) live: usize,
    /// Connections that the server ended.
    pub(crate) ended: usize,
    /// Messages.
    pub(crate) received: u64,
    /// Messages that were not the next ones.
    pub(crate) disordered: u64,
    /// WebSocket messages: about as many as the server wrote.
    pub(crate) frames: u64,
    /// Heartbeats that were answered.
    pub(crate) beats: u64,
    /// From when a viewer lost its server to when it was in at another.
    pub(crate) comebacks: Delays,
    pub(crate) delays: Delays,
}

struct Viewer {
    stream: Option<TcpStream>,
    /// What has not wholly arrived.
    rest: Option<Box<[u8]>>,
    last: u64,
    /// The place of the last message in its room, where its server tells.
    epoch: u32,
    sequence: u64,
    room: u32,
    /// Heartbeats that were answered.
    beats: u16,
    /// Which of the addresses it is at.
    at: u8,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Connecting,
    Upgrading,
    Joining,
    Live,
    /// It does not read.
    Stalled,
}

impl Crowd {
    /// Nobody yet; `network` tells apart the crowds of several processes.
    pub(crate) fn new(dialect: Dialect, address: SocketAddr, clock: Clock, network: u8) -> Outcome<Self> {
        Self::at_several(dialect, vec![address], clock, network)
    }

    /// The same at several servers, in turn.
    pub(crate) fn at_several(
        dialect: Dialect,
        addresses: Vec<SocketAddr>,
        clock: Clock,
        network: u8,
    ) -> Outcome<Self> {
        Ok(Self {
            dialect,
            clock,
            addresses,
            poll: Poll::new().context("a poll")?,
            events: Events::with_capacity(EVENTS_AT_ONCE),
            scratch: vec![0; SCRATCH_BYTES],
            viewers: Vec::new(),
            network,
            nap: Duration::ZERO,
            comebacks: None,
            tally: Tally::default(),
        })
    }

    /// Viewers, those that are over among them.
    pub(crate) const fn len(&self) -> usize {
        self.viewers.len()
    }

    /// Opens so many in all, the next one in the next room, and waits until all are in.
    pub(crate) fn gather(&mut self, count: usize, rooms: usize) -> Outcome {
        let end = self.clock.now() + GATHERED;
        while self.tally.live + self.tally.ended < count {
            while self.viewers.len() < count && self.opening() < OPENING_MAX {
                self.open(rooms)?;
            }
            if self.clock.now() > end {
                return Err(Failure(format!("only {} of {count} viewers were let in", self.tally.live)));
            }
            self.turn(Duration::from_secs(1))?;
        }
        if self.tally.ended > 0 {
            return Err(Failure(format!("the server ended {} viewers", self.tally.ended)));
        }
        Ok(())
    }

    /// Everybody goes.
    pub(crate) fn disperse(&mut self) -> Outcome {
        self.viewers = Vec::new();
        self.tally = Tally::default();
        self.poll = Poll::new().context("a poll")?;
        Ok(())
    }

    /// Heartbeats that were answered to whoever was answered least.
    pub(crate) fn beats_min(&self) -> u16 {
        self.viewers.iter().map(|viewer| viewer.beats).min().unwrap_or(0)
    }

    /// The first so many read no more.
    pub(crate) fn stall(&mut self, count: usize) {
        self.viewers.iter_mut().take(count).for_each(|viewer| viewer.state = State::Stalled);
    }

    /// Listens for so long, or until so many messages have come.
    pub(crate) fn listen(&mut self, span: Duration, messages: u64) -> Outcome {
        let end = self.clock.now() + span;
        while self.clock.now() < end && self.tally.received < messages {
            let left = end.saturating_sub(self.clock.now());
            self.turn(left.min(Duration::from_millis(50)))?;
            if !self.nap.is_zero() {
                self.clock.rest(self.nap);
            }
        }
        Ok(())
    }

    /// These say that they are still here.
    pub(crate) fn beat(&mut self, viewers: std::ops::Range<usize>) {
        let heartbeat = self.dialect.heartbeat();
        for viewer in self.viewers.get_mut(viewers).unwrap_or_default() {
            if let Some(stream) = &mut viewer.stream {
                // Where it does not take a few bytes it is over, and that shows when it is read.
                let _ = stream.write(&heartbeat);
            }
        }
    }

    fn opening(&self) -> usize {
        self.viewers.len() - self.tally.live - self.tally.ended
    }

    fn open(&mut self, rooms: usize) -> Outcome {
        let index = self.viewers.len();
        let at = u8::try_from(index % self.addresses.len().max(1)).context("too many servers")?;
        let room = u32::try_from(index % rooms.max(1)).unwrap_or(0);
        let stream = Some(self.dial(index, at)?);
        let state = State::Connecting;
        self.viewers.push(Viewer {
            stream,
            rest: None,
            last: 0,
            epoch: 0,
            sequence: 0,
            room,
            beats: 0,
            at,
            state,
        });
        Ok(())
    }

    /// A connection for this viewer to this one of the addresses.
    fn dial(&self, index: usize, at: u8) -> Outcome<TcpStream> {
        let host = u8::try_from(2 + index / PER_ADDRESS).context("too many viewers for one process")?;
        let source = Ipv4Addr::new(127, 0, self.network, host);
        let address = self.addresses.get(usize::from(at)).context("which server?")?;
        let mut stream = dial(*address, source).context("opening a connection")?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(index), interest).context("a connection")?;
        Ok(stream)
    }

    fn turn(&mut self, wait: Duration) -> Outcome {
        self.come_back()?;
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        match self.poll.poll(&mut events, Some(wait)) {
            Err(cause) if cause.kind() != ErrorKind::Interrupted => return Err(cause).context("waiting"),
            _ => {}
        }
        for event in &events {
            let index = event.token().0;
            if event.is_writable() {
                self.greet(index);
            }
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                self.read(index)?;
            }
        }
        self.events = events;
        Ok(())
    }

    /// It is connected: the first thing that it says.
    fn greet(&mut self, index: usize) {
        let Some(viewer) = self.viewers.get_mut(index) else { return };
        if viewer.state == State::Connecting {
            viewer.state = State::Upgrading;
            viewer.say(self.dialect.upgrade().as_bytes());
        }
    }

    fn read(&mut self, index: usize) -> Outcome {
        loop {
            let Some(viewer) = self.viewers.get_mut(index) else { return Ok(()) };
            let kept = viewer.rest.as_deref().map_or(0, <[u8]>::len);
            let Some(stream) = viewer.stream.as_mut().filter(|_| viewer.state != State::Stalled) else {
                return Ok(());
            };
            let length = match stream.read(self.scratch.get_mut(kept..).unwrap_or_default()) {
                Ok(length) if length > 0 => kept + length,
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(cause) if cause.kind() == ErrorKind::Interrupted => continue,
                Ok(_) | Err(_) => {
                    viewer.stream = None;
                    viewer.rest = None;
                    self.tally.live -= usize::from(viewer.state == State::Live);
                    self.tally.ended += 1;
                    self.lost(index);
                    return Ok(());
                }
            };
            if let Some(rest) = viewer.rest.take() {
                self.scratch.get_mut(..kept).unwrap_or_default().copy_from_slice(&rest);
            }
            let scratch = std::mem::take(&mut self.scratch);
            let whole = scratch.get(..length).unwrap_or_default();
            let taken = self.take(index, whole);
            if let (Ok(taken), Some(viewer)) = (&taken, self.viewers.get_mut(index)) {
                viewer.rest = whole.get(*taken..).filter(|rest| !rest.is_empty()).map(Box::from);
            }
            let drained = length < scratch.len();
            self.scratch = scratch;
            taken?;
            if drained {
                return Ok(());
            }
        }
    }

    /// What of these bytes is whole; how many they are.
    fn take(&mut self, index: usize, bytes: &[u8]) -> Outcome<usize> {
        let now = self.clock.now();
        let mut taken = 0;
        loop {
            let Some(viewer) = self.viewers.get_mut(index) else { return Ok(taken) };
            let rest = bytes.get(taken..).unwrap_or_default();
            if viewer.state == State::Upgrading {
                let Some(end) = memchr::memmem::find(rest, b"\r\n\r\n") else { return Ok(taken) };
                if !rest.starts_with(b"HTTP/1.1 101") {
                    return Err(Failure("the server made no WebSocket".to_owned()));
                }
                taken += end + 4;
                viewer.state = State::Joining;
                let hello = self.dialect.hello(viewer.room, viewer.place());
                viewer.say(&hello);
                continue;
            }
            let Some((header, payload)) = payload(rest) else { return Ok(taken) };
            taken += header + payload.len();
            self.tally.frames += 1;
            // Control frames: a server that pings is answered, the rest is nobody's business here.
            if rest.first().is_some_and(|first| first & 0x08 != 0) {
                if rest.first() == Some(&0x89) {
                    viewer.say(&[0x8A, 0x80, 0, 0, 0, 0]);
                }
                continue;
            }
            let (tally, viewer) = (&mut self.tally, &mut *viewer);
            let (last, epoch, sequence) = (&mut viewer.last, &mut viewer.epoch, &mut viewer.sequence);
            let heard = self.dialect.read(payload, |message, place| {
                tally.on_message(message, last, now);
                if let Some(place) = place {
                    (*epoch, *sequence) = (place.epoch, place.sequence);
                }
            });
            match heard {
                Heard::Welcome if viewer.state == State::Joining => {
                    viewer.state = State::Live;
                    tally.live += 1;
                    if let Some(lost_at) = self.comebacks.as_mut().and_then(|all| all.is_back(index)) {
                        tally.comebacks.add(now.saturating_sub(lost_at));
                    }
                }
                Heard::Ping => viewer.say(&self.dialect.heartbeat()),
                Heard::Beat => {
                    tally.beats += 1;
                    viewer.beats = viewer.beats.saturating_add(1);
                }
                Heard::Welcome | Heard::Other => {}
                Heard::Nonsense => return Err(Failure("a frame makes no sense".to_owned())),
            }
        }
    }
}

impl Tally {
    fn on_message(&mut self, message: Message, last: &mut u64, now: Duration) {
        self.received += 1;
        self.disordered += u64::from(message.number != *last + 1);
        *last = message.number;
        self.delays.add(now.saturating_sub(message.due));
    }
}

impl Viewer {
    fn place(&self) -> Option<Position> {
        (self.sequence > 0).then_some(Position { epoch: self.epoch, sequence: self.sequence })
    }

    fn say(&mut self, bytes: &[u8]) {
        if let Some(stream) = &mut self.stream {
            // The first few bytes of a connection fit always; where they do not, it is over, and that shows elsewhere.
            let _ = stream.write(bytes);
        }
    }
}

fn dial(address: SocketAddr, source: Ipv4Addr) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // An end at once, without a connection that lingers for a minute in the kernel: the next run needs the port.
    socket.set_linger(Some(Duration::ZERO))?;
    socket.set_tcp_nodelay(true)?;
    socket.bind(&SocketAddr::from((source, 0)).into())?;
    match socket.connect(&address.into()) {
        Err(cause) if cause.raw_os_error() != Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {
            Err(cause)
        }
        _ => Ok(TcpStream::from_std(socket.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Floor;
    use crate::publisher::{self, Door, Schedule};
    use measure::server::free_addresses;

    #[test]
    fn a_small_crowd_at_the_floor_gets_everything_in_order() {
        let clock = Clock::start();
        let [listen, publish, _] = free_addresses().unwrap();
        std::thread::spawn(move || crate::floor::run(&Floor { listen, publish, batch_ms: 0 }).unwrap());
        while std::net::TcpStream::connect(publish).is_err() {}
        let mut crowd = Crowd::new(Dialect::Goim, listen, clock, 1).unwrap();
        crowd.gather(30, 3).unwrap();
        let span = Duration::from_millis(100);
        let schedule = Schedule { rooms: 3, messages: 30, span, first: 1, body_bytes: 300 };
        publisher::start(Door::Lines, publish, schedule, clock).unwrap().join().unwrap().unwrap();
        crowd.listen(Duration::from_secs(30), 300).unwrap();
        assert_eq!((crowd.tally.received, crowd.tally.disordered), (300, 0));
    }
}
