//! From an accepted connection to a WebSocket, or to an HTTP response.
//!
//! The request's head is read into a small buffer that is gone afterwards; a general HTTP server in front would cost
//! each viewer more memory than its WebSocket does.

use std::net::IpAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::machine::TryParse;
use tokio_tungstenite::tungstenite::handshake::server::{Request, create_response, write_response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Error};

use super::guard::Guard;
use super::http::{self, Response};
use super::hub::Hub;
use super::policy::addresses::Place;
use super::policy::{Policy, forwarded};
use super::stream::Stream;
use protocol::limits::TRACKER_FRAME_BYTES_MAX;

/// A client's WebSocket.
pub(super) type Socket = WebSocketStream<Stream>;

/// Somebody at the door.
#[derive(Debug)]
pub(super) struct Caller {
    /// Who connected: a client, or a proxy.
    pub(super) peer: IpAddr,
    /// Its place among the connections of its address; none yet for a proxy of ours.
    pub(super) place: Option<Place>,
    /// The house is full, and it is to be told so: the number of those told before.
    pub(super) full: Option<u64>,
    /// Another node of this deployment brings a client: it is believed whose.
    pub(super) brings: bool,
}

/// A client that was let in.
#[derive(Debug)]
pub(super) struct Guest {
    /// Its connection.
    pub(super) socket: Socket,
    /// Its rights.
    pub(super) guard: Guard,
    /// Its address.
    pub(super) client: IpAddr,
    /// Its place among the connections of its address, until it leaves.
    pub(super) place: Place,
    /// Another node of this deployment brought it.
    pub(super) brought: bool,
}

/// Bytes of a request's head: what common servers take.
const HEAD_BYTES_MAX: usize = 8_192;
/// Bytes that the library takes at once. Its default of 128 KiB would cost each idle viewer 137 KB; [`Stream`] reads more.
const READ_BUFFER_BYTES: usize = 512;
/// Bytes gathered before a write: a few messages in one segment of the network.
const WRITE_BUFFER_BYTES: usize = 4_096;
/// Bytes written but not taken by the system, over which an encoder's bug would show: four frames of the largest kind.
const WRITE_BUFFER_BYTES_MAX: usize = 4 * TRACKER_FRAME_BYTES_MAX;

/// Reads the request and opens the WebSocket; answers everything else itself.
pub(super) async fn open(hub: &Hub, mut stream: Stream, caller: Caller) -> Option<Guest> {
    let policy = hub.policy();
    let brought = caller.brings;
    let response = match (read_head(&mut stream).await, caller.full) {
        (Ok(_), Some(nth)) => Response::full(nth),
        (Ok(head), None) => match let_in(hub, &policy, caller, &head.request) {
            Ok(admitted) => {
                let socket = upgrade(stream, &policy, &admitted.response, head.rest).await?;
                let Admitted { guard, client, place, .. } = admitted;
                return Some(Guest { socket, guard, client, place, brought });
            }
            Err(response) => response,
        },
        (Err(BadHead::Gone), _) => return None,
        (Err(BadHead::Refused(response)), _) => {
            hub.counters().malformed.add(1);
            response
        }
    };
    http::respond(&mut stream, response).await;
    None
}

/// A WebSocket that may be opened.
struct Admitted {
    response: tungstenite::handshake::server::Response,
    guard: Guard,
    client: IpAddr,
    place: Place,
}

/// Looks at a request: it opens a WebSocket, or gets this page or refusal.
fn let_in(hub: &Hub, policy: &Policy, caller: Caller, request: &Request) -> Result<Admitted, Response> {
    let headers = request.headers();
    let client = forwarded::client(caller.peer, headers, |address| {
        policy.trusts(address) || caller.brings && address == caller.peer
    });
    let max = policy.config.connections_per_address_max;
    let place = caller.place.or_else(|| hub.addresses().take(client, max)).filter(|place| !place.is_over());
    let Some(place) = place else {
        return Err(Response::too_many_connections(hub.counters().addresses_refused.next()));
    };
    if !is_upgrade(request) {
        // A proxy that nobody told us of would lend its own address to everybody.
        let known = policy.trusts(caller.peer) || !forwarded::is_forwarded(headers);
        return Err(http::route(hub, policy, request.uri().path(), known.then_some(client)));
    }
    let response = create_response(request).map_err(|error| {
        hub.counters().malformed.add(1);
        refuse_handshake(&error)
    })?;
    if !policy.admits_origin(header(request, "origin")) {
        hub.counters().origins_refused.add(1);
        return Err(Response::other_origin());
    }
    let guard = Guard::new(policy, request.uri().query().and_then(token));
    Ok(Admitted { response, guard, client, place })
}

/// The join token of a query; base64url and dots, so nothing in it is escaped.
fn token(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| pair.strip_prefix("token="))
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

async fn read_head(stream: &mut Stream) -> Result<Head, BadHead> {
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
    header(request, "upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn refuse_handshake(error: &Error) -> Response {
    let reason = format!("This WebSocket handshake is incomplete: {error}.\n");
    match error {
        Error::Protocol(ProtocolError::MissingSecWebSocketVersionHeader) => Response::other_version(reason),
        _ => Response::text(StatusCode::BAD_REQUEST, reason),
    }
}

async fn upgrade(
    mut stream: Stream,
    policy: &Policy,
    response: &tungstenite::handshake::server::Response,
    rest: Vec<u8>,
) -> Option<Socket> {
    let mut head = Vec::with_capacity(256);
    write_response(&mut head, response).ok()?;
    stream.write_all(&head).await.ok()?;
    stream.flush().await.ok()?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_frame_size(Some(policy.config.frame_bytes_max))
        .max_message_size(Some(policy.config.frame_bytes_max));
    Some(WebSocketStream::from_partially_read(stream, rest, Role::Server, Some(config)).await)
}
