//! A viewer's bytes, bare or under TLS (rustls). Whether they are TLS shows in the first byte: a record of TLS's handshake
//! begins with 22 (RFC 8446 section 5.1), a frame with 0, a request with a letter.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::{ServerConfig, ServerConnection};

use super::super::policy::HANDSHAKE;

/// Bytes that TLS keeps back for a viewer whose socket takes no more: a record's worth, and what it adds.
const KEPT_BYTES_MAX: usize = 32_768;
/// Bytes under TLS at once: the longest record.
const RECORD_BYTES_MAX: usize = 16_384;

/// A socket, and what is between it and us.
#[derive(Debug)]
pub(super) struct Link {
    stream: TcpStream,
    tls: Option<Box<ServerConnection>>,
}

impl Link {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self { stream, tls: None }
    }

    pub(super) const fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// What has arrived. `certificate` is asked when the first bytes are TLS's; without one they are as they are.
    pub(super) fn read(
        &mut self,
        out: &mut [u8],
        certificate: impl FnOnce() -> Option<Arc<ServerConfig>>,
    ) -> io::Result<usize> {
        if self.tls.is_none() {
            let length = self.stream.read(out)?;
            let certificate = (out.first() == Some(&HANDSHAKE) && length > 0).then(certificate).flatten();
            let Some(certificate) = certificate else { return Ok(length) };
            self.begin(certificate, out.get(..length).unwrap_or_default())?;
        }
        self.read_tls(out)
    }

    fn begin(&mut self, certificate: Arc<ServerConfig>, mut arrived: &[u8]) -> io::Result<()> {
        let mut tls = Box::new(ServerConnection::new(certificate).map_err(io::Error::other)?);
        tls.set_buffer_limit(Some(KEPT_BYTES_MAX));
        while !arrived.is_empty() {
            tls.read_tls(&mut arrived)?;
            if let Err(fault) = tls.process_new_packets() {
                // What is wrong with it, where the other end listens.
                let _ = tls.write_tls(&mut self.stream);
                return Err(io::Error::new(ErrorKind::InvalidData, fault));
            }
        }
        self.tls = Some(tls);
        self.drain().map(drop)
    }

    fn read_tls(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let Self { stream, tls: Some(tls) } = self else { return Ok(0) };
            match tls.reader().read(out) {
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => {}
                outcome => return outcome,
            }
            if tls.read_tls(stream)? == 0 {
                return Ok(0);
            }
            if let Err(fault) = tls.process_new_packets() {
                let _ = tls.write_tls(stream);
                return Err(io::Error::new(ErrorKind::InvalidData, fault));
            }
            self.drain()?;
        }
    }

    /// Writes some; what was taken under TLS goes out before anything else is taken.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.drain()? {
            return Err(ErrorKind::WouldBlock.into());
        }
        let Some(tls) = &mut self.tls else { return self.stream.write(bytes) };
        let taken = tls.writer().write(bytes.get(..RECORD_BYTES_MAX).unwrap_or(bytes))?;
        self.drain()?;
        Ok(taken)
    }

    /// Whether everything that was taken is out.
    pub(super) fn drain(&mut self) -> io::Result<bool> {
        let Self { stream, tls: Some(tls) } = self else { return Ok(true) };
        while tls.wants_write() {
            match tls.write_tls(stream) {
                Ok(_) => {}
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(cause) => return Err(cause),
            }
        }
        Ok(true)
    }

    /// The last word of TLS, once everything else is out.
    pub(super) fn finish(&mut self) -> io::Result<bool> {
        if !self.drain()? {
            return Ok(false);
        }
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
        }
        self.drain()
    }
}
