//! One client's WebSocket, from its handshake to its end.
//!
//! One loop for everything at once: frames in, messages out, silence. While a write waits for the client, nothing is
//! read from it: a client that does not take its replies cannot ask for more.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use protocol::tracker::{ClientMessage, Event, Failure, ServerMessage};
use tokio::time::error::Elapsed;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};

use super::door::{Guest, Socket};
use super::guard::{Guard, Refused};
use super::http::linger;
use super::hub::{Hub, Seat};
use super::nodes::away::Away;
use super::outbox::{Due, Ending};
use super::policy::Policy;
use super::wire::{Encoding, Spoken, decode_binary, decode_text};
use crate::nodes::Route;

/// Malformed messages of one connection, each answered with its reason, before it is closed.
const MALFORMED_MAX: u32 = 8;
/// Messages over a rate, each answered with its reason, before their connection is closed: who has been told so often
/// does not listen.
const EXCESS_MAX: u32 = 32;
/// How long a client may take to hear the last word.
const GOODBYE: Duration = Duration::from_secs(2);

/// The client is to go to another node, whose address is the reason: after HTTP's 421, Misdirected Request.
const MISDIRECTED: CloseCode = CloseCode::Library(4_421);

/// Why a session is over.
enum End {
    /// The client closed, or the network did.
    Gone,
    /// We close, with a code and a reason.
    Close(CloseCode, Cow<'static, str>),
}

/// Runs the session to its end; its peers leave their swarms with it.
pub(super) async fn run(hub: Arc<Hub>, guest: Guest) {
    let Guest { socket, guard, client, place: _place, brought } = guest;
    let seat = hub.seat(client);
    // What another node brings is served here, whatever our list says.
    let nodes = hub.nodes().filter(|_| !brought);
    let members_max = hub.policy().config.peers_per_connection_max;
    let away = nodes.map(|nodes| Away::new(nodes.clone(), client, members_max));
    if brought {
        hub.counters().brought.add(1);
    }
    let mut session = Session {
        hub: Arc::clone(&hub),
        seat,
        socket,
        guard,
        malformed: 0,
        excess: 0,
        heard: true,
        pinged: false,
        probed: false,
        ice_due_s: 0,
        brought,
        away,
    };
    let end = session.serve().await;
    let Session { seat, socket, .. } = session;
    // Out of the swarms before the goodbye, which may take its time.
    drop(seat);
    if let End::Close(code, reason) = end {
        if code == MISDIRECTED {
            hub.counters().redirects.add(1);
        }
        // Boxed, so that a session does not keep the room of its end.
        let _ = Box::pin(timeout(GOODBYE, goodbye(socket, code, reason))).await;
    }
}

async fn goodbye(mut socket: Socket, code: CloseCode, reason: Cow<'static, str>) {
    if socket.close(Some(CloseFrame { code, reason: Utf8Bytes::from(&*reason) })).await.is_ok() {
        linger(socket.get_mut()).await;
    }
}

struct Session {
    hub: Arc<Hub>,
    seat: Seat,
    socket: Socket,
    guard: Guard,
    malformed: u32,
    excess: u32,
    /// Since the last look at the silence something came.
    heard: bool,
    /// A ping has gone out since something came.
    pinged: bool,
    /// It was sent because somebody else claims a peer id of this client.
    probed: bool,
    /// When its page is to be lent servers for ICE, in seconds since 1970.
    ice_due_s: u64,
    /// Another node holds the client's connection, and holds it to its rates and tokens.
    brought: bool,
    /// Its swarms at other nodes, where there are any.
    away: Option<Box<Away>>,
}

impl Session {
    async fn serve(&mut self) -> End {
        let mut silence = interval(Duration::from_millis(self.hub.policy().config.ping_after_ms));
        silence.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let outbox = Arc::clone(&self.seat.outbox);
        loop {
            let step = tokio::select! {
                // Whatever comes first: after each, all that is due is sent.
                biased;
                frame = self.socket.next() => match frame {
                    Some(Ok(frame)) => self.on_frame(frame),
                    Some(Err(error)) => self.on_error(&error).await,
                    None => ControlFlow::Break(End::Gone),
                },
                () = outbox.ready() => ControlFlow::Continue(()),
                _ = silence.tick() => self.on_silence().await,
                () = changed(self.away.as_deref_mut()) => self.on_nodes(),
            };
            if let ControlFlow::Break(end) = step {
                return end;
            }
            let sent = match outbox.take() {
                Due::Messages(messages) => self.send(messages).await,
                Due::Probe => self.on_probe(&mut silence).await,
                Due::End(Ending::Left) => ControlFlow::Break(End::Gone),
                Due::End(Ending::SlowReader) => {
                    close(CloseCode::Policy, "too slow: messages waited past their maximum")
                }
                Due::End(Ending::Draining(retry_in_s)) => self.on_draining(retry_in_s).await,
            };
            if let ControlFlow::Break(end) = sent {
                return end;
            }
        }
    }

    fn on_frame(&mut self, frame: Message) -> ControlFlow<End> {
        self.heard = true;
        match frame {
            Message::Text(frame) => self.on_data(Encoding::Json, frame.len(), decode_text(&frame)),
            Message::Binary(frame) => self.on_data(Encoding::MessagePack, frame.len(), decode_binary(&frame)),
            // Pings and closes are answered by the library, on its next read.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {
                ControlFlow::Continue(())
            }
        }
    }

    fn on_data(
        &mut self,
        encoding: Encoding,
        bytes: usize,
        decoded: Result<Spoken, String>,
    ) -> ControlFlow<End> {
        // A frame that only brings a token is the page's: its engine is spoken to as before.
        if !matches!(decoded, Ok((None, _))) {
            self.seat.outbox.heard(encoding);
        }
        match decoded {
            Ok((message, extras)) => {
                let (policy, now) = (self.hub.policy_now(), self.hub.now());
                if !self.brought
                    && let Err(refused) = self.guard.check(&policy, now, bytes, message.as_ref(), &extras)
                {
                    return self.on_refused(refused);
                }
                if let Some(message) = message {
                    self.lend_ice(&policy, now.unix_s, encoding, &message);
                    return self.on_message(message);
                }
            }
            Err(reason) => {
                self.malformed += 1;
                self.hub.counters().malformed.add(1);
                self.seat.say(failure(reason));
                if self.malformed >= MALFORMED_MAX {
                    return close(CloseCode::Policy, "too many malformed messages");
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// The registry's, or another node's.
    fn on_message(&mut self, message: ClientMessage) -> ControlFlow<End> {
        let route = self.route();
        let Some(away) = &mut self.away else {
            self.seat.on_message(message);
            return ControlFlow::Continue(());
        };
        redirect(away.on_message(&self.seat, route, message))
    }

    /// Other nodes came or went.
    fn on_nodes(&mut self) -> ControlFlow<End> {
        let route = self.route();
        redirect(self.away.as_mut().and_then(|away| away.on_changed(&self.seat, route)))
    }

    /// Whoever speaks binary is ours, and goes where it is sent.
    fn route(&self) -> Route {
        match self.seat.outbox.encoding() {
            Encoding::MessagePack => Route::Redirect,
            Encoding::Json => Route::Relay,
        }
    }

    fn on_refused(&mut self, refused: Refused) -> ControlFlow<End> {
        self.hub.counters().refused(refused);
        self.seat.say(ServerMessage::Failure(refused.to_failure()));
        if matches!(refused, Refused::Excess(_)) {
            self.excess += 1;
            if self.excess >= EXCESS_MAX {
                return close(CloseCode::Policy, "too much over one connection, and told so too often");
            }
        }
        ControlFlow::Continue(())
    }

    /// Pages, whose engines announce in binary, are lent servers for ICE before the reply to their first announce, and again
    /// before their credentials end.
    fn lend_ice(&mut self, policy: &Policy, now_s: u64, encoding: Encoding, message: &ClientMessage) {
        let announced =
            matches!(message, ClientMessage::Announce(announce) if announce.event != Event::Stopped);
        if announced && encoding == Encoding::MessagePack && now_s >= self.ice_due_s {
            self.ice_due_s = self.seat.lend_ice(policy, now_s).unwrap_or(0);
        }
    }

    /// The tracker stops: said as a message that tells when to come back, and as the close's reason.
    async fn on_draining(&mut self, retry_in_s: u32) -> ControlFlow<End> {
        let reason = "the tracker stops; come back in a moment";
        let failure = Failure { reason: reason.to_owned(), info_hash: None, retry_in_s: Some(retry_in_s) };
        let told = self.seat.outbox.encode(&ServerMessage::Failure(failure));
        self.send(VecDeque::from([told])).await?;
        close(CloseCode::Away, reason)
    }

    /// The WebSocket layer refuses what came: said as a message and as the close's reason.
    async fn on_error(&mut self, error: &Error) -> ControlFlow<End> {
        let (code, reason) = match error {
            Error::Capacity(_) => (CloseCode::Size, "this message has more bytes than the tracker takes"),
            Error::Utf8(_) => (CloseCode::Invalid, "text frames are UTF-8"),
            Error::Protocol(_) => (CloseCode::Protocol, "this is not the WebSocket protocol (RFC 6455)"),
            _ => return ControlFlow::Break(End::Gone),
        };
        self.hub.counters().malformed.add(1);
        let told = self.seat.outbox.encode(&failure(reason.to_owned()));
        self.send(VecDeque::from([told])).await?;
        close(code, reason)
    }

    /// Comes by every so often: the first silent time a ping goes out, the second time the client is gone.
    async fn on_silence(&mut self) -> ControlFlow<End> {
        let probed = std::mem::take(&mut self.probed);
        if std::mem::take(&mut self.heard) {
            self.pinged = false;
            return ControlFlow::Continue(());
        }
        if self.pinged {
            self.hub.counters().idle.add(1);
            let reason = if probed {
                "another connection claims your peer id, and you were silent"
            } else {
                "no answer to a ping"
            };
            return close(CloseCode::Policy, reason);
        }
        self.pinged = true;
        self.send(VecDeque::from([Message::Ping(Bytes::new())])).await
    }

    /// Somebody claims a peer id of this client: within `probe_timeout_ms` it shows that it lives, or is gone. Claims meanwhile
    /// change nothing.
    async fn on_probe(&mut self, silence: &mut Interval) -> ControlFlow<End> {
        if std::mem::replace(&mut self.probed, true) {
            return ControlFlow::Continue(());
        }
        silence.reset_after(Duration::from_millis(self.hub.policy().config.probe_timeout_ms));
        (self.heard, self.pinged) = (false, true);
        self.send(VecDeque::from([Message::Ping(Bytes::new())])).await
    }

    async fn send(&mut self, mut messages: VecDeque<Message>) -> ControlFlow<End> {
        if messages.is_empty() {
            return ControlFlow::Continue(());
        }
        match self.write(&mut messages).await {
            Ok(Ok(())) => return ControlFlow::Continue(()),
            Ok(Err(_)) => {}
            Err(_) => self.hub.counters().slow_readers.add(1),
        }
        self.seat.hand_back(messages);
        ControlFlow::Break(End::Gone)
    }

    /// Writes all of it; what was not written stays.
    async fn write(&mut self, messages: &mut VecDeque<Message>) -> Result<Result<(), Error>, Elapsed> {
        let socket = &mut self.socket;
        let mut written = pin!(async {
            while let Some(message) = messages.pop_front() {
                socket.feed(message).await?;
            }
            socket.flush().await
        });
        // Nearly always the system takes it at once, and no clock is needed.
        match poll_fn(|cx| Poll::Ready(written.as_mut().poll(cx))).await {
            Poll::Ready(outcome) => Ok(outcome),
            Poll::Pending => {
                let limit_ms = self.hub.policy().config.write_timeout_ms;
                timeout(Duration::from_millis(limit_ms), written).await
            }
        }
    }
}

fn close(code: CloseCode, reason: &'static str) -> ControlFlow<End> {
    ControlFlow::Break(End::Close(code, reason.into()))
}

fn redirect(url: Option<String>) -> ControlFlow<End> {
    match url {
        Some(url) => ControlFlow::Break(End::Close(MISDIRECTED, url.into())),
        None => ControlFlow::Continue(()),
    }
}

/// Resolves when other nodes came or went; never where this tracker is alone.
async fn changed(away: Option<&mut Away>) {
    match away {
        // Boxed, so that a tracker that is alone does not keep room for it in every session.
        Some(away) => Box::pin(away.changed()).await,
        None => std::future::pending().await,
    }
}

fn failure(reason: String) -> ServerMessage {
    ServerMessage::Failure(Failure { reason, info_hash: None, retry_in_s: None })
}
