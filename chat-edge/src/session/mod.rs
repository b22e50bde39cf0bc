//! What one connection says: its transport, its frames, what they ask for.
//!
//! A session owns no buffer: it reads where the bytes lie, says how many it took, and what came out as [`Heard`]s; what
//! has not wholly arrived the caller keeps. Only a WebSocket message in several fragments is gathered here.
//!
//! The first byte shows the transport: a frame begins with zero, an HTTP request with a letter. The first frame shows the
//! dialect ([`protocol::chat::auth`]).

mod reply;

use protocol::chat::auth::{self, Auth};
use protocol::chat::{Frame, Header, Operation, Reader, RoomKey};
use protocol::limits::{CHAT_ACCEPTS_MAX, CHAT_CLIENT_FRAME_BYTES_MAX};

pub use reply::{AuthCode, reply};

use crate::tick::Transport;
use crate::websocket::{self, Answer, Opcode};

/// Bytes of one WebSocket message from a client: a few of the longest frames together.
const MESSAGE_BYTES_MAX: usize = 4 * CHAT_CLIENT_FRAME_BYTES_MAX;
const READER: Reader = Reader { frame_bytes_max: CHAT_CLIENT_FRAME_BYTES_MAX, extended: false };

/// The state of a connection's speech.
#[derive(Debug, Default)]
pub struct Session {
    state: State,
    transport: Option<Transport>,
    authenticated: bool,
    /// A message whose last fragment has not come.
    fragments: Option<Box<Fragments>>,
}

/// In a box of its own: hardly any client ever sends fragments.
#[derive(Debug)]
struct Fragments {
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing came.
    #[default]
    New,
    /// A request comes.
    Opening,
    Stream,
    WebSocket,
    /// Whatever comes now is not for us.
    Over,
}

/// What a connection said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Send this as it is: the handshake's response.
    Upgraded(String),
    /// Send this as it is, and end.
    Refused(String),
    /// This is who I am. Comes once, before everything below.
    Auth(Header, Auth),
    /// It is still there.
    Heartbeat(Header),
    /// It wants another room, or none.
    ChangeRoom(Header, Option<RoomKey>),
    /// It wants these operations too.
    Subscribe(Header, Vec<u32>),
    /// It wants these operations no longer.
    Unsubscribe(Header, Vec<u32>),
    /// A message upstream, and its body.
    Send(Header, Vec<u8>),
    /// Another token from now on.
    Token(Header, String),
    /// A ping of the transport's, to be answered with the same.
    Ping(Vec<u8>),
    /// The client ends the WebSocket.
    Closed,
    /// It is not what we speak; end.
    Fault(Fault),
}

/// Why a connection is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its bytes are no frames.
    Frame(protocol::chat::Fault),
    /// Its authentication cannot be meant.
    Auth(Header, auth::AuthFault),
    /// It asked for something before it said who it is.
    NotAuthenticated,
    /// It said twice who it is.
    AuthenticatedTwice,
    /// An operation that clients have not.
    Operation,
    /// A room or a list of operations that cannot be meant.
    Body,
    /// Its WebSocket frames are against the protocol.
    WebSocket,
    /// A WebSocket message is too long.
    TooLong,
}

impl Fault {
    /// A stable word for logs and counters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Frame(fault) => fault.code(),
            Self::Auth(_, fault) => fault.code(),
            Self::NotAuthenticated => "not_authenticated",
            Self::AuthenticatedTwice => "authenticated_twice",
            Self::Operation => "operation",
            Self::Body => "body",
            Self::WebSocket => "websocket",
            Self::TooLong => "message_too_long",
        }
    }
}

impl Session {
    /// Takes what it can of `bytes`, puts what was said behind `heard`, and says how many bytes it took. After a fault,
    /// a refusal or a close it takes everything and says nothing.
    pub fn handle_bytes(&mut self, bytes: &mut [u8], heard: &mut Vec<Heard>) -> usize {
        if self.state == State::New {
            match bytes.first() {
                None => return 0,
                Some(0) => (self.state, self.transport) = (State::Stream, Some(Transport::Tcp)),
                Some(_) => self.state = State::Opening,
            }
        }
        let mut taken = 0;
        loop {
            let rest = bytes.get_mut(taken..).unwrap_or_default();
            let step = match self.state {
                State::New | State::Over => return bytes.len(),
                State::Opening => self.on_request(rest, heard),
                State::Stream => self.on_stream(rest, heard),
                State::WebSocket => self.on_websocket(rest, heard),
            };
            match step {
                Ok(0) => return taken,
                Ok(length) => taken += length,
                Err(fault) => {
                    self.state = State::Over;
                    heard.push(Heard::Fault(fault));
                }
            }
        }
    }

    /// How its frames are wrapped, once that is known.
    #[must_use]
    pub const fn transport(&self) -> Option<Transport> {
        self.transport
    }

    fn on_request(&mut self, bytes: &[u8], heard: &mut Vec<Heard>) -> Result<usize, Fault> {
        match websocket::answer(bytes) {
            Answer::More => Ok(0),
            Answer::Upgrade { response, length } => {
                (self.state, self.transport) = (State::WebSocket, Some(Transport::WebSocket));
                heard.push(Heard::Upgraded(response));
                Ok(length)
            }
            Answer::Refuse { response } => {
                self.state = State::Over;
                heard.push(Heard::Refused(response));
                Ok(bytes.len())
            }
        }
    }

    fn on_stream(&mut self, bytes: &[u8], heard: &mut Vec<Heard>) -> Result<usize, Fault> {
        match READER.decode(bytes).map_err(Fault::Frame)? {
            None => Ok(0),
            Some((frame, length)) => {
                self.on_frame(&frame, heard)?;
                Ok(length)
            }
        }
    }

    fn on_websocket(&mut self, bytes: &mut [u8], heard: &mut Vec<Heard>) -> Result<usize, Fault> {
        let frame = websocket::decode(bytes, MESSAGE_BYTES_MAX).map_err(|fault| match fault {
            websocket::Fault::Protocol => Fault::WebSocket,
            websocket::Fault::TooLong => Fault::TooLong,
        })?;
        let Some(frame) = frame else { return Ok(0) };
        match (frame.opcode, self.fragments.take()) {
            (Opcode::Binary, None) if frame.last => self.on_message(frame.payload, heard)?,
            (Opcode::Binary, None) => {
                self.fragments = Some(Box::new(Fragments { bytes: frame.payload.to_vec() }));
            }
            (Opcode::Continuation, Some(mut message)) => {
                if message.bytes.len() + frame.payload.len() > MESSAGE_BYTES_MAX {
                    return Err(Fault::TooLong);
                }
                message.bytes.extend_from_slice(frame.payload);
                if frame.last {
                    self.on_message(&message.bytes, heard)?;
                } else {
                    self.fragments = Some(message);
                }
            }
            (Opcode::Ping, fragments) => {
                self.fragments = fragments;
                heard.push(Heard::Ping(frame.payload.to_vec()));
            }
            (Opcode::Pong, fragments) => self.fragments = fragments,
            (Opcode::Close, _) => {
                self.state = State::Over;
                heard.push(Heard::Closed);
            }
            (Opcode::Text | Opcode::Binary | Opcode::Continuation, _) => return Err(Fault::WebSocket),
        }
        Ok(frame.length)
    }

    fn on_message(&mut self, message: &[u8], heard: &mut Vec<Heard>) -> Result<(), Fault> {
        for frame in READER.frames(message) {
            self.on_frame(&frame.map_err(Fault::Frame)?, heard)?;
        }
        Ok(())
    }

    fn on_frame(&mut self, frame: &Frame<'_>, heard: &mut Vec<Heard>) -> Result<(), Fault> {
        let header = frame.header;
        if header.operation == Operation::AUTH {
            if self.authenticated {
                return Err(Fault::AuthenticatedTwice);
            }
            let auth = auth::parse(frame.body).map_err(|fault| Fault::Auth(header, fault))?;
            self.authenticated = true;
            heard.push(Heard::Auth(header, auth));
            return Ok(());
        }
        if !self.authenticated {
            return Err(Fault::NotAuthenticated);
        }
        heard.push(match header.operation {
            Operation::HEARTBEAT => Heard::Heartbeat(header),
            Operation::SEND => Heard::Send(header, frame.body.to_vec()),
            Operation(business) if business >= reply::BUSINESS => Heard::Send(header, Vec::new()),
            Operation::TOKEN => {
                let token = std::str::from_utf8(frame.body).map_err(|_| Fault::Body)?;
                Heard::Token(header, token.to_owned())
            }
            Operation::CHANGE_ROOM => Heard::ChangeRoom(header, room(frame.body)?),
            Operation::SUBSCRIBE => Heard::Subscribe(header, operations(frame.body)?),
            Operation::UNSUBSCRIBE => Heard::Unsubscribe(header, operations(frame.body)?),
            _ => return Err(Fault::Operation),
        });
        Ok(())
    }
}

fn room(body: &[u8]) -> Result<Option<RoomKey>, Fault> {
    if body.is_empty() {
        return Ok(None);
    }
    let name = std::str::from_utf8(body).map_err(|_| Fault::Body)?;
    RoomKey::parse(name).map(Some).ok_or(Fault::Body)
}

/// A list with commas.
fn operations(body: &[u8]) -> Result<Vec<u32>, Fault> {
    let text = std::str::from_utf8(body).map_err(|_| Fault::Body)?;
    let numbers = text.split(',').map(|number| number.trim().parse());
    let numbers: Vec<u32> = numbers.collect::<Result<_, _>>().map_err(|_| Fault::Body)?;
    if numbers.len() > CHAT_ACCEPTS_MAX { Err(Fault::Body) } else { Ok(numbers) }
}

#[cfg(test)]
mod tests;
