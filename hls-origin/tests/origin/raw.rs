//! HTTP by hand: what no client library would send, and what came back, byte by byte.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::app::App;

/// After this an answer counts as never coming; many times what the origin lets anything wait in these tests.
const HANG: Duration = Duration::from_secs(60);

/// A response.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Lines `name: value`, in lower case.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads a response that ends with its connection.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let (status, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
        let status = status.strip_prefix("http/1.")?.get(2..5)?.parse().ok()?;
        let headers = headers.split("\r\n").map(str::to_owned).collect();
        Some(Self { status, headers, body: bytes[end + 4..].to_vec() })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// A connection to the public listener.
pub(crate) async fn connect(app: &App) -> TcpStream {
    let address = app.url.strip_prefix("http://").expect("it is http");
    TcpStream::connect(address).await.expect("it accepts")
}

/// Sends these bytes on a connection of their own, with nothing to follow them, and reads until it is closed.
pub(crate) async fn exchange(app: &App, bytes: &[u8]) -> Option<Answer> {
    let mut stream = connect(app).await;
    // Whoever refuses a body need not read it: what could not be sent, or read after a reset, was not wanted.
    let _ = stream.write_all(bytes).await;
    Answer::parse(&rest(&mut stream).await)
}

/// What comes until the connection is closed.
pub(crate) async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = timeout(HANG, stream.read_to_end(&mut bytes)).await.expect("the origin lets go");
    bytes
}
