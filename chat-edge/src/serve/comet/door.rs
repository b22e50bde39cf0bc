//! Where viewers come in.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Token};
use protocol::time::Duration;
use socket2::{Domain, Protocol, Socket, Type};

use super::connection::Connection;
use super::link::Link;
use super::{Comet, TOKENS_RESERVED};
use crate::serve::Error;
use crate::serve::config::{Config, Role};

/// Connections that the system holds for us until we accept them: what Linux allows by default (`somaxconn`).
const BACKLOG: i32 = 4_096;
/// Accepted in one go, before those who are in get a turn.
const ACCEPTED_AT_ONCE: usize = 256;

/// One port on one comet.
#[derive(Debug)]
pub(in crate::serve) struct Door {
    listener: TcpListener,
    /// There may be more to accept, and nobody will say so.
    again: bool,
}

/// Every port, for every comet.
#[derive(Debug)]
pub(in crate::serve) struct Doors {
    /// By comet.
    pub(in crate::serve) comets: Vec<Vec<Door>>,
    pub(in crate::serve) addresses: Vec<SocketAddr>,
}

impl Doors {
    /// Binds every port once for each comet; the system spreads who comes.
    pub(in crate::serve) fn bind(config: &Config) -> Result<Self, Error> {
        let mut doors =
            Self { comets: (0..config.threads).map(|_| Vec::new()).collect(), addresses: Vec::new() };
        let listening = config.listen.iter().filter(|_| config.role != Role::Logic);
        for address in listening {
            let fail = |cause| Error::Bind { address, cause };
            let mut bound = address;
            for comet in &mut doors.comets {
                let listener = bind(bound, config).map_err(fail)?;
                bound = listener.local_addr().map_err(fail)?;
                comet.push(Door { listener: TcpListener::from_std(listener), again: true });
            }
            doors.addresses.push(bound);
        }
        Ok(doors)
    }
}

/// What is set here its connections inherit, which saves two calls for each.
fn bind(address: SocketAddr, config: &Config) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if config.threads > 1 {
        socket.set_reuse_port(true)?;
    }
    socket.set_tcp_nodelay(true)?;
    socket.set_send_buffer_size(config.send_buffer_bytes)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

impl Comet {
    pub(super) fn open_doors(&mut self) -> io::Result<()> {
        for (index, door) in self.doors.iter_mut().enumerate() {
            self.registry.register(&mut door.listener, Token(index), Interest::READABLE)?;
        }
        Ok(())
    }

    /// Lets in whoever stands at this door.
    pub(super) fn accept(&mut self, index: usize) {
        for _ in 0..ACCEPTED_AT_ONCE {
            let Some(door) = self.doors.get_mut(index) else { return };
            door.again = true;
            match door.listener.accept() {
                Ok((stream, address)) => self.admit(stream, address.ip()),
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => {
                    door.again = false;
                    return;
                }
                // Whoever it was has gone again.
                Err(cause) if cause.kind() == ErrorKind::ConnectionAborted => {}
                Err(cause) => {
                    tracing::warn!(%cause, "cannot accept");
                    return;
                }
            }
        }
        // The others' turn; then this door again, at once.
        self.next_round = self.hub.clock.now();
    }

    /// Goes to the doors at which somebody may still stand.
    pub(super) fn accept_again(&mut self) {
        for index in 0..self.doors.len() {
            if self.doors.get(index).is_some_and(|door| door.again) {
                self.accept(index);
            }
        }
    }

    fn admit(&mut self, mut stream: TcpStream, address: IpAddr) {
        let policy = self.hub.policy();
        let config = &policy.config;
        let share = config.connections_max.div_ceil(config.threads);
        let opening = self.addresses.get(&address).map_or(0, |held| held.opening);
        if opening >= config.handshakes_per_address_max {
            self.hub.counters.handshakes_refused.add(1);
            return;
        }
        if self.connections.len() >= share {
            self.hub.counters.connections_refused.add(1);
            return;
        }
        let entry = self.connections.vacant_entry();
        let token = Token(entry.key() + TOKENS_RESERVED);
        let interest = Interest::READABLE | Interest::WRITABLE;
        if let Err(cause) = self.registry.register(&mut stream, token, interest) {
            tracing::warn!(%cause, "cannot wait for a connection");
            return;
        }
        let deadline = self.hub.clock.now() + Duration::from_millis(config.handshake_timeout_ms);
        let serial = self.connections_so_far;
        self.connections_so_far = serial.wrapping_add(1);
        self.wheel.add(entry.key(), serial, deadline);
        entry.insert(Connection::new(Link::new(stream), serial, address, deadline));
        let held = self.addresses.entry(address).or_default();
        (held.connections, held.opening) = (held.connections + 1, held.opening + 1);
        self.hub.counters.connections.add(1);
        self.changed = true;
    }
}
