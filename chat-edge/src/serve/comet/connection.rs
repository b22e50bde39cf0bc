//! What one viewer costs: a socket, a session, a seat, and boxes only where there is something to keep.

use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::sync::Arc;

use protocol::time::Instant;

use super::super::hub::Hub;
use super::link::Link;
use crate::moderation::Grant;
use crate::ring::{Crowd, Position};
use crate::session::Session;
use crate::tick::Form;
use crate::tick::Transport;
use crate::websocket::{Close, close_frame};

/// Bytes of replies that wait for one viewer at most; somebody who asks and does not read is cut.
pub(super) const OWN_BYTES_MAX: usize = 65_536;

/// One viewer.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) link: Link,
    /// Tells this connection from the one that had its place before.
    pub(super) serial: u32,
    pub(super) address: IpAddr,
    pub(super) deadline: Instant,
    pub(super) session: Session,
    pub(super) family: Family,
    /// What it reads, once it is live.
    pub(super) form: Option<Form>,
    pub(super) seat: Option<Seat>,
    /// The socket took less than was written; it will say when it takes more.
    pub(super) blocked: bool,
    /// Nothing more is read, and when everything is written it ends.
    pub(super) closing: bool,
    /// Input that has not wholly arrived.
    pub(super) inbound: Option<Box<[u8]>>,
    own: Option<Box<Own>>,
    pub(super) person: Option<Box<Person>>,
}

/// Whose client it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Unknown,
    Goim,
    Bilibili,
}

/// A member's place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    hall: u32,
    pub(super) position: Position,
}

impl Seat {
    /// A thread has far fewer halls than it may have viewers, and these fit.
    pub(super) fn new(hall: usize, position: Position) -> Self {
        Self { hall: u32::try_from(hall).unwrap_or(u32::MAX), position }
    }

    pub(super) const fn hall(self) -> usize {
        self.hall as usize
    }
}

/// What is for this viewer alone.
#[derive(Debug, Default)]
struct Own {
    bytes: Vec<u8>,
    written: usize,
}

/// Who it says it is, where it says something.
#[derive(Debug, Default)]
pub(super) struct Person {
    pub(super) mid: i64,
    pub(super) key: Option<String>,
    pub(super) accepts: Vec<u32>,
    /// Users whose lines it always sees.
    pub(super) follows: Box<[i64]>,
    /// What its token says, where it showed one.
    pub(super) grant: Option<Arc<Grant>>,
}

/// How far writing went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flushed {
    /// Everything, or as much as the socket takes now.
    Open,
    /// Everything that there will ever be, or the socket is gone.
    Over,
}

impl Connection {
    pub(super) fn new(link: Link, serial: u32, address: IpAddr, deadline: Instant) -> Self {
        Self {
            link,
            serial,
            address,
            deadline,
            session: Session::default(),
            family: Family::Unknown,
            form: None,
            seat: None,
            blocked: false,
            closing: false,
            inbound: None,
            own: None,
            person: None,
        }
    }

    /// It has said who it is.
    pub(super) const fn is_live(&self) -> bool {
        self.form.is_some()
    }

    /// Puts bytes behind what waits for this viewer alone, where they fit.
    pub(super) fn say(&mut self, bytes: &[u8]) -> bool {
        let own = self.own.get_or_insert_default();
        let fits = own.bytes.len() - own.written + bytes.len() <= OWN_BYTES_MAX;
        if fits {
            own.bytes.extend_from_slice(bytes);
        }
        fits
    }

    /// Puts a room's past there, which may be longer: it is asked for once.
    pub(super) fn say_past(&mut self, bytes: &[u8]) {
        self.own.get_or_insert_default().bytes.extend_from_slice(bytes);
    }

    /// The last word, where the transport has one.
    pub(super) fn say_goodbye(&mut self, why: Close) {
        if self.session.transport() == Some(Transport::WebSocket) {
            let mut bytes = Vec::with_capacity(4);
            close_frame(why, &mut bytes);
            self.say(&bytes);
        }
        self.closing = true;
    }

    /// Writes until there is nothing more or the socket takes nothing more. Own bytes go between two ticks.
    pub(super) fn flush(&mut self, mut crowd: Option<&mut Crowd>) -> Flushed {
        let position = self.seat.map(|seat| seat.position);
        loop {
            let mut room = crowd.as_deref_mut().zip(position);
            let inside = room.as_ref().is_some_and(|(crowd, position)| crowd.inside_a_frame(*position));
            let taken = match (&mut self.own, &mut room) {
                (Some(own), _) if !inside => {
                    let taken = self.link.write(own.bytes.get(own.written..).unwrap_or_default());
                    own.written += *taken.as_ref().unwrap_or(&0);
                    if own.written >= own.bytes.len() {
                        self.own = None;
                    }
                    taken
                }
                _ if self.closing && !inside => return self.finish(),
                (_, Some((crowd, position))) => {
                    let Some((bytes, written)) = crowd.next(*position) else { break };
                    let taken = self.link.write(bytes.get(written..).unwrap_or_default());
                    if let Ok(taken) = taken {
                        crowd.wrote(*position, taken);
                    }
                    taken
                }
                (_, None) => break,
            };
            if let Err(cause) = taken
                && let Some(flushed) = self.on_refused(&cause)
            {
                return flushed;
            }
        }
        self.settle(|link| link.drain(), Flushed::Open)
    }

    /// Nothing but ticks waits for it, and they go out as they are.
    pub(super) const fn only_ticks(&self) -> bool {
        self.own.is_none() && !self.closing && !self.link.is_tls()
    }

    /// The same as [`Self::flush`], where that is so.
    pub(super) fn flush_ticks(&mut self, crowd: &mut Crowd) -> Flushed {
        let Some(Seat { position, .. }) = self.seat else { return Flushed::Open };
        while let Some((bytes, written)) = crowd.next(position) {
            match self.link.write(bytes.get(written..).unwrap_or_default()) {
                Ok(taken) => {
                    crowd.wrote(position, taken);
                }
                Err(cause) => {
                    if let Some(flushed) = self.on_refused(&cause) {
                        return flushed;
                    }
                }
            }
        }
        Flushed::Open
    }

    /// The socket took nothing: what came of it, or nothing where it is to be tried again.
    fn on_refused(&mut self, cause: &io::Error) -> Option<Flushed> {
        match cause.kind() {
            ErrorKind::WouldBlock => {
                self.blocked = true;
                Some(Flushed::Open)
            }
            ErrorKind::Interrupted => None,
            _ => Some(Flushed::Over),
        }
    }

    /// Everything is written that ever will be.
    fn finish(&mut self) -> Flushed {
        self.settle(Link::finish, Flushed::Over)
    }

    /// What TLS keeps back goes out too, or the socket says when it takes more.
    fn settle(&mut self, drain: impl FnOnce(&mut Link) -> io::Result<bool>, then: Flushed) -> Flushed {
        match drain(&mut self.link) {
            Ok(drained) => {
                self.blocked = !drained;
                if drained { then } else { Flushed::Open }
            }
            Err(_) => Flushed::Over,
        }
    }

    /// Bytes that have arrived go behind those that were kept; how many there are now, or `None` at the end.
    pub(super) fn read(&mut self, scratch: &mut [u8], hub: &Hub) -> io::Result<usize> {
        let kept = self.inbound.as_deref().map_or(0, <[u8]>::len);
        let free = scratch.get_mut(kept..).unwrap_or_default();
        let fresh = kept == 0 && self.session.transport().is_none();
        let read = self.link.read(free, || hub.policy().tls.clone().filter(|_| fresh))?;
        if read == 0 {
            return Ok(0);
        }
        if let Some(inbound) = self.inbound.take() {
            scratch.get_mut(..kept).unwrap_or_default().copy_from_slice(&inbound);
        }
        Ok(kept + read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_viewer_costs_two_lines_of_the_cache() {
        assert!(size_of::<Connection>() <= 128, "{}", size_of::<Connection>());
    }
}
