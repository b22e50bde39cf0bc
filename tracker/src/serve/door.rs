//! From an accepted connection to a WebSocket, or to an HTTP response.
//!
//! The request's head is read into a small buffer that is gone afterwards; a general HTTP server in front would cost
//! each viewer more memory than its WebSocket does.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::machine::TryParse;
use tokio_tungstenite::tungstenite::handshake::server::{Request, create_response, write_response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Error};

use super::http::{self, Response};
use super::hub::Hub;
use protocol::limits::TRACKER_FRAME_BYTES_MAX;

/// A client's WebSocket.
pub(super) type Socket = WebSocketStream<TcpStream>;

/// Bytes of a request's head: what common servers take.
const HEAD_BYTES_MAX: usize = 8_192;
/// Bytes read at once. The library's default of 128 KiB would cost each idle viewer 137 KB, 1 KiB costs 3.6 KB.
const READ_BUFFER_BYTES: usize = 1_024;
/// Bytes gathered before a write: a few messages in one segment of the network.
const WRITE_BUFFER_BYTES: usize = 4_096;
/// Bytes written but not taken by the system, over which an encoder's bug would show: four frames of the largest kind.
const WRITE_BUFFER_BYTES_MAX: usize = 4 * TRACKER_FRAME_BYTES_MAX;

/// Reads the request and opens the WebSocket; answers everything else itself. `full`: there is no room, say so.
pub(super) async fn open(hub: &Hub, mut stream: TcpStream, full: bool) -> Option<Socket> {
    let refusal = match read_head(&mut stream).await {
        Ok(Head { .. }) if full => Response::full(),
        Ok(head) if is_upgrade(&head.request) => match create_response(&head.request) {
            Ok(response) => return upgrade(stream, &response, head.rest).await,
            Err(error) => refuse_handshake(&error),
        },
        Ok(head) => http::route(hub, head.request.uri().path()),
        Err(BadHead::Gone) => return None,
        Err(BadHead::Refused(response)) => response,
    };
    if refusal.status.is_client_error() && refusal.status != StatusCode::NOT_FOUND {
        hub.counters().malformed.add(1);
    }
    http::respond(&mut stream, refusal).await;
    None
}

struct Head {
    request: Request,
    /// Bytes that came behind the head.
    rest: Vec<u8>,
}

enum BadHead {
    /// The client went away.
    Gone,
    /// It is no head that we take.
    Refused(Response),
}

async fn read_head(stream: &mut TcpStream) -> Result<Head, BadHead> {
    let mut bytes = Vec::with_capacity(READ_BUFFER_BYTES);
    loop {
        match stream.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => return Err(BadHead::Gone),
            Ok(_) => {}
        }
        match Request::try_parse(&bytes) {
            Ok(Some((length, request))) => return Ok(Head { request, rest: bytes.split_off(length) }),
            Ok(None) if bytes.len() < HEAD_BYTES_MAX => {}
            Ok(None) => {
                let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
                return Err(BadHead::Refused(Response::text(status, "The request's head is too long.\n")));
            }
            Err(Error::Protocol(ProtocolError::WrongHttpMethod)) => {
                return Err(BadHead::Refused(Response::other_method()));
            }
            Err(error) => {
                let reason = format!("This is no HTTP/1.1 request: {error}.\n");
                return Err(BadHead::Refused(Response::text(StatusCode::BAD_REQUEST, reason)));
            }
        }
    }
}

fn is_upgrade(request: &Request) -> bool {
    let upgrade = request.headers().get("upgrade").and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

fn refuse_handshake(error: &Error) -> Response {
    let reason = format!("This WebSocket handshake is incomplete: {error}.\n");
    match error {
        Error::Protocol(ProtocolError::MissingSecWebSocketVersionHeader) => Response::other_version(reason),
        _ => Response::text(StatusCode::BAD_REQUEST, reason),
    }
}

async fn upgrade(
    mut stream: TcpStream,
    response: &tungstenite::handshake::server::Response,
    rest: Vec<u8>,
) -> Option<Socket> {
    let mut head = Vec::with_capacity(256);
    write_response(&mut head, response).ok()?;
    stream.write_all(&head).await.ok()?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_frame_size(Some(TRACKER_FRAME_BYTES_MAX))
        .max_message_size(Some(TRACKER_FRAME_BYTES_MAX));
    Some(WebSocketStream::from_partially_read(stream, rest, Role::Server, Some(config)).await)
}
