//! A tracker to test, and clients that speak either encoding.

use std::future::Future;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use protocol::id::{InfoHash, OfferId, PeerId};
use protocol::tracker::{
    Announce, ClientAnswer, ClientMessage, Event, Failure, Forwarded, Offer, Reply, ServerMessage, binary,
    text,
};
pub(crate) use service::testing::soon;
use service::testing::{Running, exchange, sum_of_samples};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use tracker::serve::{Config, Reloader, Tracker};

/// The swarm of every test that needs only one.
pub(crate) const SWARM: InfoHash = InfoHash([0xE9; 20]);

/// The defaults, for tests that say more in a second than a viewer does in an hour.
pub(crate) fn unmetered() -> Config {
    Config {
        messages_per_connection_per_s: 0,
        offers_per_connection_per_s: 0,
        bytes_per_connection_per_s: 0,
        ..Config::default()
    }
}

pub(crate) struct App {
    pub(crate) address: SocketAddr,
    pub(crate) reloader: Reloader,
    pub(crate) stun: Vec<SocketAddr>,
    running: Running<()>,
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let listen = "127.0.0.1:0".parse().unwrap();
        let tracker = Tracker::load(Config { listen, ..config }).await.unwrap();
        let address = tracker.local_addr();
        let (reloader, stun) = (tracker.reloader(), tracker.stun_addrs());
        let running = Running::start(|shutdown| tracker.run(shutdown));
        Self { address, reloader, stun, running }
    }

    /// Asks the tracker to stop; resolves when it has.
    pub(crate) fn stop(self) -> impl Future<Output = ()> {
        self.running.stop()
    }

    pub(crate) async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub(crate) async fn client(&self, speaks: Speaks, name: u8) -> Client {
        Client::over(self.tcp().await, speaks, name).await
    }

    /// The whole response to one request, as text.
    pub(crate) async fn http(&self, request: &str) -> String {
        String::from_utf8(self.http_bytes(request.as_bytes()).await).unwrap()
    }

    /// Whatever comes back for these bytes.
    pub(crate) async fn http_bytes(&self, request: &[u8]) -> Vec<u8> {
        exchange(self.address, request).await
    }

    /// One sample of the metrics page.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let page = self.http("GET /metrics HTTP/1.1\r\nhost: tracker\r\n\r\n").await;
        let sum = sum_of_samples(&page, &format!("shoal_tracker_{name}"), "");
        sum.unwrap_or_else(|| panic!("no {name} in {page}"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    Json,
    MessagePack,
}

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
    pub(crate) peer_id: PeerId,
    speaks: Speaks,
}

impl Client {
    pub(crate) async fn over(stream: TcpStream, speaks: Speaks, name: u8) -> Self {
        let (socket, _) = soon(client_async("ws://tracker/", stream)).await.unwrap();
        Self::around(socket, speaks, name)
    }

    /// Opens with a target and headers of the test's own.
    pub(crate) async fn asking(
        app: &App,
        target: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://tracker{target}").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        let (socket, _) = soon(client_async(request, app.tcp().await)).await?;
        Ok(Self::around(socket, Speaks::Json, 1))
    }

    pub(crate) fn around(socket: WebSocketStream<TcpStream>, speaks: Speaks, name: u8) -> Self {
        Self { socket, peer_id: PeerId([name; 20]), speaks }
    }

    pub(crate) fn speaking(self, speaks: Speaks) -> Self {
        Self { speaks, ..self }
    }

    pub(crate) async fn send(&mut self, frame: Message) {
        self.socket.send(frame).await.unwrap();
    }

    pub(crate) async fn say(&mut self, message: &ClientMessage) {
        let frame = match self.speaks {
            Speaks::Json => Message::text(text::encode_client(message)),
            Speaks::MessagePack => Message::binary(binary::encode_client(message)),
        };
        self.send(frame).await;
    }

    /// The next message, which must be in the client's own encoding.
    pub(crate) async fn hear(&mut self) -> ServerMessage {
        loop {
            match soon(self.socket.next()).await.expect("the tracker closed").unwrap() {
                Message::Text(frame) if self.speaks == Speaks::Json => {
                    return text::decode_server(&frame).unwrap();
                }
                // The page's, not the engine's.
                Message::Text(_) => {}
                Message::Binary(frame) if self.speaks == Speaks::MessagePack => {
                    return binary::decode_server(&frame).unwrap();
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    /// The next text frame, whatever else comes.
    pub(crate) async fn hear_text(&mut self) -> String {
        loop {
            if let Message::Text(frame) = soon(self.socket.next()).await.expect("the tracker closed").unwrap()
            {
                return frame.as_str().to_owned();
            }
        }
    }

    /// How the tracker closed, whatever it said before.
    pub(crate) async fn hear_close(&mut self) -> CloseFrame {
        loop {
            let frame = soon(self.socket.next()).await.expect("no close frame").unwrap();
            if let Message::Close(frame) = frame {
                return frame.expect("a close without a code");
            }
        }
    }

    pub(crate) async fn announce(&mut self, event: Event, offers: Vec<Offer>) {
        let announce = Announce { offers, ..Announce::new(SWARM, self.peer_id, event) };
        self.say(&ClientMessage::Announce(announce)).await;
    }

    /// Announces in `SWARM` as JSON, with keys that our own codec does not write.
    pub(crate) async fn announce_with(&mut self, more: &str) {
        let swarm = "é".repeat(20);
        let peer_id = format!("\\u{:04x}", self.peer_id.0[0]).repeat(20);
        let keys = format!("'action':'announce','info_hash':'{swarm}','peer_id':'{peer_id}',{more}");
        self.send(Message::text(format!("{{{keys}}}").replace('\'', "\""))).await;
    }

    /// Announces without offers, and the reply.
    pub(crate) async fn join(&mut self) -> Reply {
        self.announce(Event::Started, Vec::new()).await;
        self.hear_reply().await
    }

    pub(crate) async fn answer(&mut self, offer: &Forwarded, sdp: &str) {
        let answer = ClientAnswer {
            info_hash: SWARM,
            peer_id: self.peer_id,
            to_peer_id: offer.peer_id,
            offer_id: offer.offer_id,
            sdp: sdp.to_owned(),
        };
        self.say(&ClientMessage::Answer(answer)).await;
    }

    pub(crate) async fn hear_reply(&mut self) -> Reply {
        match self.hear().await {
            ServerMessage::Reply(reply) => reply,
            other => panic!("no reply but {other:?}"),
        }
    }

    pub(crate) async fn hear_offer(&mut self) -> Forwarded {
        match self.hear().await {
            ServerMessage::Offer(offer) => offer,
            other => panic!("no offer but {other:?}"),
        }
    }

    pub(crate) async fn hear_answer(&mut self) -> Forwarded {
        match self.hear().await {
            ServerMessage::Answer(answer) => answer,
            other => panic!("no answer but {other:?}"),
        }
    }

    pub(crate) async fn hear_failure(&mut self) -> Failure {
        match self.hear().await {
            ServerMessage::Failure(failure) => failure,
            other => panic!("no failure but {other:?}"),
        }
    }
}

pub(crate) fn offer(name: u8, sdp: impl Into<String>) -> Offer {
    Offer { offer_id: OfferId([name; 20]), sdp: sdp.into() }
}
