//! The little HTTP that shares the tracker's port: health, metrics, and a word for people who open it in a browser.

use std::borrow::Cow;
use std::net::IpAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::http::StatusCode;

use super::hub::Hub;
use super::policy::Policy;
use super::stream::Stream;
use super::{metrics, status};
use crate::registry::limits::retry_s;

/// What a person sees who opens the tracker's address in a browser.
const GREETING: &str = "\
This is a Shoal tracker. It introduces the viewers of a live stream to each other.

It speaks the WebTorrent tracker protocol over WebSocket: give this address, with ws:// in front, to a client.
Operators find /health, /ready, /metrics and, from where they may, /status here.
";

/// Bytes read and thrown away after the last word of a connection, so that the word arrives: closing a socket with
/// unread bytes resets it, and the reset may overtake what was sent.
const LINGER_BYTES_MAX: usize = 256 * 1024;

/// One whole response; the connection ends with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Response {
    /// The status.
    pub(super) status: StatusCode,
    content_type: &'static str,
    headers: Cow<'static, str>,
    body: String,
}

impl Response {
    /// A sentence.
    pub(super) fn text(status: StatusCode, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            headers: Cow::Borrowed(""),
            body: body.into(),
        }
    }

    /// The tracker is full, for the `nth` time.
    pub(super) fn full(nth: u64) -> Self {
        let text = "This tracker has as many connections as it takes; try again as `Retry-After` says.\n";
        Self::text(StatusCode::SERVICE_UNAVAILABLE, text).retried(nth)
    }

    /// The client's address has too many connections, for the `nth` time.
    pub(super) fn too_many_connections(nth: u64) -> Self {
        let text = "Your address has as many connections as it may; close one, or try again as `Retry-After` says.\n";
        Self::text(StatusCode::TOO_MANY_REQUESTS, text).retried(nth)
    }

    fn retried(self, nth: u64) -> Self {
        Self { headers: format!("retry-after: {}\r\n", retry_s(nth)).into(), ..self }
    }

    /// The page is none of those that may use this tracker.
    pub(super) fn other_origin() -> Self {
        let text = "This tracker serves the pages of other sites; ask its operator to allow your origin.\n";
        Self::text(StatusCode::FORBIDDEN, text)
    }

    /// A WebSocket handshake of another version than RFC 6455's.
    pub(super) fn other_version(reason: String) -> Self {
        Self {
            headers: "sec-websocket-version: 13\r\n".into(),
            ..Self::text(StatusCode::UPGRADE_REQUIRED, reason)
        }
    }

    /// Anything but GET.
    pub(super) fn other_method() -> Self {
        let text = "This port answers GET and WebSocket only.\n";
        Self { headers: "allow: GET\r\n".into(), ..Self::text(StatusCode::METHOD_NOT_ALLOWED, text) }
    }
}

/// Answers a plain GET by `asker`; nobody where that cannot be known.
pub(super) fn route(hub: &Hub, policy: &Policy, path: &str, asker: Option<IpAddr>) -> Response {
    match path {
        "/health" => json(StatusCode::OK, "{\"status\":\"ok\"}\n"),
        "/ready" if hub.snapshot().connections < policy.config.connections_max => {
            json(StatusCode::OK, "{\"status\":\"ready\"}\n")
        }
        "/ready" => json(StatusCode::SERVICE_UNAVAILABLE, "{\"status\":\"full\"}\n"),
        "/status" if asker.is_some_and(|asker| policy.shows_status(asker)) => Response {
            content_type: "text/html; charset=utf-8",
            ..Response::text(StatusCode::OK, status::render(hub))
        },
        "/status" => Response::text(StatusCode::FORBIDDEN, "Only `status_networks` may see this page.\n"),
        "/metrics" => Response {
            content_type: "text/plain; version=0.0.4; charset=utf-8",
            ..Response::text(StatusCode::OK, metrics::render(&hub.snapshot(), hub.counters()))
        },
        "/" | "/announce" => Response::text(StatusCode::OK, GREETING),
        _ => Response::text(StatusCode::NOT_FOUND, GREETING),
    }
}

fn json(status: StatusCode, body: &str) -> Response {
    Response { content_type: "application/json", ..Response::text(status, body) }
}

/// Sends the response and ends the connection; a client that goes away meanwhile is nobody's trouble.
pub(super) async fn respond(stream: &mut Stream, response: Response) {
    let Response { status, content_type, headers, body } = response;
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n{headers}\
         cache-control: no-store\r\nconnection: close\r\n\r\n"
    );
    if stream.write_all((head + &body).as_bytes()).await.is_ok() && stream.flush().await.is_ok() {
        linger(stream).await;
    }
}

/// Says that no more is coming, and reads on until the other side has said so too; the caller sets the time.
pub(super) async fn linger(stream: &mut Stream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    // On the heap: an array here would be part of every connection's task for as long as that lives.
    let mut scrap = vec![0; 1_024];
    let mut read = 0;
    while read < LINGER_BYTES_MAX {
        match stream.read(&mut scrap).await {
            Ok(0) | Err(_) => break,
            Ok(count) => read += count,
        }
    }
}
