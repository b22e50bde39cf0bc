//! Connections of the public port: as they come, or under TLS where the chat edge has a certificate. The first byte tells,
//! as it does where viewers connect.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::serve::hub::Hub;
use crate::serve::policy::HANDSHAKE;

/// Connections that have said nothing yet, or not all of TLS's handshake; whoever comes then waits in the system's queue.
const OPENING_MAX: usize = 4_096;

/// The public port.
#[derive(Debug)]
pub(in crate::serve) struct Ways {
    listener: TcpListener,
    hub: Arc<Hub>,
    opening: JoinSet<(IpAddr, Option<(Way, SocketAddr)>)>,
    /// How many of those each address has.
    addresses: BTreeMap<IpAddr, usize>,
}

/// A connection.
#[derive(Debug)]
pub(in crate::serve) enum Way {
    /// As it comes.
    Plain(TcpStream),
    /// Encrypted.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Ways {
    pub(in crate::serve) fn new(listener: TcpListener, hub: Arc<Hub>) -> Self {
        Self { listener, hub, opening: JoinSet::new(), addresses: BTreeMap::new() }
    }

    /// Waits for its first word, where that may be TLS's.
    fn open(&mut self, stream: TcpStream, peer: SocketAddr) {
        let policy = self.hub.policy();
        let held = self.addresses.entry(peer.ip()).or_default();
        if *held >= policy.config.handshakes_per_address_max {
            return self.hub.counters.handshakes_refused.add(1);
        }
        *held += 1;
        let hub = Arc::clone(&self.hub);
        let patience = Duration::from_millis(policy.config.handshake_timeout_ms);
        self.opening.spawn(async move {
            let opened = tokio::time::timeout(patience, open(&hub, stream)).await;
            if opened.is_err() {
                hub.counters.handshakes_late.add(1);
            }
            (peer.ip(), opened.ok().flatten().map(|way| (way, peer)))
        });
    }

    fn on_opened(&mut self, address: IpAddr) {
        if let Some(held) = self.addresses.get_mut(&address) {
            *held -= 1;
            if *held == 0 {
                self.addresses.remove(&address);
            }
        }
    }
}

impl Listener for Ways {
    type Io = Way;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Way, SocketAddr) {
        loop {
            let more = self.opening.len() < OPENING_MAX;
            tokio::select! {
                Some(ended) = self.opening.join_next() => {
                    let Ok((address, opened)) = ended else { continue };
                    self.on_opened(address);
                    if let Some(opened) = opened {
                        return opened;
                    }
                }
                (stream, peer) = Listener::accept(&mut self.listener), if more => {
                    if self.hub.policy().tls.is_none() {
                        return (Way::Plain(stream), peer);
                    }
                    self.open(stream, peer);
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn open(hub: &Hub, stream: TcpStream) -> Option<Way> {
    let mut first = [0];
    if stream.peek(&mut first).await.ok()? == 0 {
        return None;
    }
    match hub.policy().tls.clone().filter(|_| first == [HANDSHAKE]) {
        None => Some(Way::Plain(stream)),
        Some(tls) => Some(Way::Tls(Box::new(TlsAcceptor::from(tls).accept(stream).await.ok()?))),
    }
}

impl AsyncRead for Way {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Way {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
