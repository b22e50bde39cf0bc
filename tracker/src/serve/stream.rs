//! A client's connection: plain, or TLS.
//!
//! The WebSocket library reads as much at once as it has room for, and room for whole messages in each of many thousand
//! connections would be most of a tracker's memory. So a plain connection is read into a buffer of its thread, all that is
//! there in one call to the system, and what the library does not take at once waits beside the connection.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::Bytes;

/// Bytes read at once: three messages with a session description each.
const READ_BYTES: usize = 4_096;

thread_local! {
    /// What was read just now; nothing in it is awaited for.
    static READ: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// Either. TLS is boxed, so that a plain connection does not keep its room.
#[derive(Debug)]
pub(super) enum Stream {
    /// As it comes.
    Plain(Plain),
    /// Encrypted.
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection without TLS.
#[derive(Debug)]
pub(super) struct Plain {
    tcp: TcpStream,
    /// Read, and not yet taken.
    rest: Bytes,
}

impl From<TcpStream> for Stream {
    fn from(tcp: TcpStream) -> Self {
        Self::Plain(Plain { tcp, rest: Bytes::new() })
    }
}

impl Plain {
    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.rest.is_empty() && buf.remaining() < READ_BYTES {
            return READ.with_borrow_mut(|bytes| self.read_through(cx, bytes, buf));
        }
        if self.rest.is_empty() {
            return Pin::new(&mut self.tcp).poll_read(cx, buf);
        }
        buf.put_slice(&self.rest.split_to(self.rest.len().min(buf.remaining())));
        Poll::Ready(Ok(()))
    }

    fn read_through(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut [u8],
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut read = ReadBuf::new(bytes);
        ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut read))?;
        let (taken, rest) = read.filled().split_at(read.filled().len().min(buf.remaining()));
        buf.put_slice(taken);
        if !rest.is_empty() {
            self.rest = Bytes::copy_from_slice(rest);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => stream.poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(&mut stream.tcp).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(&mut stream.tcp).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(&mut stream.tcp).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
