//! Pushes straight from their connection: who sends many of them pays for a request what it costs to read it.
//!
//! A connection of the operator's port begins here. As long as it says nothing but plain pushes, requests are read where
//! their bytes lie, all that came together is answered together, and no framework is between: measured at 1,000 pushes a
//! second, that one cost 58 of the 176 µs of a push to ten viewers. With its first other request, byte for byte, the
//! connection is the framework's for good.

use std::io::{self, Cursor};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::serve::Listener;
use protocol::limits::CHAT_BODY_BYTES_MAX;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Chain, Join, join};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::goim::{Outcome, Push};
use super::query::Pairs;
use crate::serve::desk::now;
use crate::serve::hub::Hub;

/// Connections that are here at once; whoever comes then is the framework's from the start.
const LANES_MAX: usize = 1_024;
/// Bytes of a request's head; a longer one is the framework's.
const HEAD_BYTES_MAX: usize = 4_096;
/// Header lines of a push; with more it is the framework's.
const HEADERS_MAX: usize = 16;
/// Bytes read at once.
const READ_BYTES: usize = 8_192;
/// Bytes of answers that the system keeps for who does not read them.
const ANSWER_BYTES: usize = 65_536;
const PUSHES: &str = "/goim/push/";

/// A connection, and before what it says next what it has said already.
type Handed = Join<Chain<Cursor<Vec<u8>>, OwnedReadHalf>, OwnedWriteHalf>;

/// The operator's port, for the framework: connections that say something else than pushes.
#[derive(Debug)]
pub(in crate::serve) struct Lanes {
    listener: TcpListener,
    hub: Arc<Hub>,
    lanes: JoinSet<Option<(TcpStream, Vec<u8>, SocketAddr)>>,
}

impl Lanes {
    pub(in crate::serve) fn new(listener: TcpListener, hub: Arc<Hub>) -> Self {
        Self { listener, hub, lanes: JoinSet::new() }
    }
}

impl Listener for Lanes {
    type Io = Handed;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Handed, SocketAddr) {
        loop {
            let Self { listener, hub, lanes } = self;
            tokio::select! {
                Some(ended) = lanes.join_next() => {
                    if let Ok(Some((stream, said, peer))) = ended {
                        return (handed(stream, said), peer);
                    }
                }
                (stream, peer) = Listener::accept(listener) => {
                    // What it costs us to wait for more is more than what it costs to send.
                    let _ = stream.set_nodelay(true);
                    let _ = SockRef::from(&stream).set_send_buffer_size(ANSWER_BYTES);
                    if lanes.len() >= LANES_MAX {
                        return (handed(stream, Vec::new()), peer);
                    }
                    let hub = Arc::clone(hub);
                    lanes.spawn(async move {
                        let (stream, said) = Lane::new(hub, stream).run().await?;
                        Some((stream, said, peer))
                    });
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

fn handed(stream: TcpStream, said: Vec<u8>) -> Handed {
    let (reader, writer) = stream.into_split();
    join(Cursor::new(said).chain(reader), writer)
}

/// One connection.
struct Lane {
    hub: Arc<Hub>,
    stream: TcpStream,
    bytes: Vec<u8>,
    out: Vec<u8>,
    /// The second of the date, and its text (RFC 9110 section 6.6.1).
    date: (u64, String),
}

/// What lies first in some bytes.
#[derive(Debug, PartialEq, Eq)]
enum Next<'a> {
    /// A push, and the bytes of the whole request.
    Push { push: Push, query: &'a str, body: &'a [u8], length: usize },
    /// The beginning of what may be one.
    More,
    /// Something else.
    Other,
}

impl Lane {
    fn new(hub: Arc<Hub>, stream: TcpStream) -> Self {
        Self { hub, stream, bytes: Vec::new(), out: Vec::new(), date: (0, String::new()) }
    }

    /// Until it ends, or says something else: that comes back, with what was not looked at.
    async fn run(mut self) -> Option<(TcpStream, Vec<u8>)> {
        loop {
            self.bytes.reserve(READ_BYTES);
            if self.stream.read_buf(&mut self.bytes).await.ok()? == 0 {
                return None;
            }
            let ours = self.take();
            // Whoever does not read its answers is not read from.
            self.stream.write_all(&self.out).await.ok()?;
            self.out.clear();
            if !ours {
                return Some((self.stream, self.bytes));
            }
        }
    }

    /// Answers every push that is there; whether the connection goes on being ours.
    fn take(&mut self) -> bool {
        let Self { hub, bytes, out, date, .. } = self;
        let mut taken = 0;
        let ours = loop {
            match next(bytes.get(taken..).unwrap_or_default()) {
                Next::Push { push, query, body, length } => {
                    let outcome = push.carry_out(hub, &Pairs::read(query), Some(body));
                    answer(outcome, date, out);
                    taken += length;
                }
                Next::More => break true,
                Next::Other => break false,
            }
        };
        bytes.drain(..taken);
        ours
    }
}

fn next(bytes: &[u8]) -> Next<'_> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let head = match request.parse(bytes) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) if bytes.len() < HEAD_BYTES_MAX => return Next::More,
        Ok(httparse::Status::Partial) | Err(_) => return Next::Other,
    };
    let Some((push, query)) = push_of(&request) else { return Next::Other };
    let Some(body_bytes) = length_of(request.headers) else { return Next::Other };
    match bytes.get(head..head + body_bytes) {
        Some(body) => Next::Push { push, query, body, length: head + body_bytes },
        None => Next::More,
    }
}

fn push_of<'a>(request: &httparse::Request<'_, 'a>) -> Option<(Push, &'a str)> {
    let (method, version, path) = (request.method?, request.version?, request.path?);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let push = Push::named(path.strip_prefix(PUSHES)?)?;
    // A fragment is no part of a request; the framework knows what becomes of it.
    (method == "POST" && version == 1 && !query.contains('#')).then_some((push, query))
}

/// Bytes of the body, where the headers say that plainly and nothing else that matters.
fn length_of(headers: &[httparse::Header<'_>]) -> Option<usize> {
    let mut length = None;
    for header in headers {
        let value = || std::str::from_utf8(header.value).ok();
        match header.name {
            name if name.eq_ignore_ascii_case("content-length") => {
                let digits = value().filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()))?;
                if length.replace(digits.parse().ok()?).is_some() {
                    return None;
                }
            }
            name if name.eq_ignore_ascii_case("connection") => {
                value().filter(|value| value.eq_ignore_ascii_case("keep-alive"))?;
            }
            name if is_beyond(name) => return None,
            _ => {}
        }
    }
    length.filter(|length| *length <= CHAT_BODY_BYTES_MAX)
}

/// Headers with which a request is more than a head and a body.
fn is_beyond(name: &str) -> bool {
    ["transfer-encoding", "expect", "upgrade", "trailer", "te"]
        .iter()
        .any(|beyond| name.eq_ignore_ascii_case(beyond))
}

fn answer(outcome: Outcome, date: &mut (u64, String), out: &mut Vec<u8>) {
    let second = now().0 / 1_000;
    if date.0 != second {
        *date = (second, httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(second)));
    }
    let text = outcome.text();
    let length = text.len().to_string();
    let parts = [
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ",
        &length,
        "\r\ndate: ",
        &date.1,
        "\r\n\r\n",
        &text,
    ];
    parts.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(line: &str, headers: &str, body: &str) -> Vec<u8> {
        format!("{line} HTTP/1.1\r\nhost: chat\r\n{headers}\r\n{body}").into_bytes()
    }

    #[test]
    fn a_plain_push_is_taken_when_it_is_whole_and_everything_else_is_somebody_elses() {
        let plain = request("POST /goim/push/room?room=1", "content-length: 2\r\n", "ab");
        let push = Next::Push { push: Push::Room, query: "room=1", body: b"ab", length: plain.len() };
        assert_eq!(next(&plain), push);
        for end in 0..plain.len() {
            assert_eq!(next(&plain[..end]), Next::More, "{end}");
        }
        let rows = [
            request("GET /metrics", "", ""),
            request("GET /goim/push/room", "content-length: 0\r\n", ""),
            request("POST /goim/push/none", "content-length: 0\r\n", ""),
            request("POST /goim/push/room", "", ""),
            request("POST /goim/push/room", "content-length: 1\r\ncontent-length: 2\r\n", "ab"),
            request("POST /goim/push/room", "content-length: +2\r\n", "ab"),
            request("POST /goim/push/room", "content-length: 16385\r\n", ""),
            request("POST /goim/push/room", "content-length: 99999999999999999999\r\n", ""),
            request("POST /goim/push/room", "transfer-encoding: chunked\r\n", ""),
            request("POST /goim/push/room", "content-length: 2\r\nexpect: 100-continue\r\n", "ab"),
            request("POST /goim/push/room", "content-length: 2\r\nconnection: close\r\n", "ab"),
            request("POST /goim/push/room", &"a: b\r\n".repeat(HEADERS_MAX), ""),
            vec![b'x'; HEAD_BYTES_MAX],
            b"\x16\x03\x01".to_vec(),
        ];
        for row in rows {
            assert_eq!(next(&row), Next::Other, "{}", String::from_utf8_lossy(&row));
        }
        let kept = request("POST /goim/push/all", "Connection: Keep-Alive\r\ncontent-length: 0\r\n", "");
        assert!(matches!(next(&kept), Next::Push { push: Push::Everybody, .. }));
    }
}
