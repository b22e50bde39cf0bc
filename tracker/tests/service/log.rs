//! What the program logs while viewers come, are refused, break rules and go: nothing of who they are.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde::Serialize;
use service::testing::program::Program;
use service::testing::{exchange, soon};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

const SECRET: [u8; 32] = *b"an operator's secret, 32 bytes: ";
const SECRET_IN_BASE64: &str = "YW4gb3BlcmF0b3IncyBzZWNyZXQsIDMyIGJ5dGVzOiA";
/// Everything of a viewer that a tracker sees, as no other text has it.
const SWARM: &str = "swarm-of-some-stream";
const PEER: &str = "peer-of-some-viewer.";
const ACCUSED: &str = "peer-of-some-other..";
const OFFER: &str = "offer-of-some-viewer";
const FORWARDED: &str = "203.0.113.77";
const HOST_CANDIDATE: &str = "198.51.100.23";
const AGENT: &str = "AgentOfSomeViewer/1.0";
const PAGE: &str = "https://page-of-some-viewer.example";
const NONSENSE: &str = "words-that-are-no-message";
const PATH: &str = "/path-of-some-viewer";
/// Announces that a viewer who may send one each second, and ten at once, sends at once.
const FLOOD: usize = 200;
/// 2100 and 2001, in seconds since 1970.
const FAR: u64 = 4_102_444_800;
const PAST: u64 = 1_000_000_000;

#[derive(Serialize)]
struct Claims {
    exp: u64,
    swarm: &'static str,
}

fn token(exp: u64) -> String {
    encode(&Header::default(), &Claims { exp, swarm: "*" }, &EncodingKey::from_secret(&SECRET)).unwrap()
}

/// One run of the program, and what must not be in its log.
struct Crowd {
    address: SocketAddr,
    /// Ports of the system's that viewers had, with addresses before them.
    ports: Vec<String>,
}

impl Crowd {
    async fn stream(&mut self) -> TcpStream {
        let stream = TcpStream::connect(self.address).await.unwrap();
        self.ports.push(stream.local_addr().unwrap().to_string());
        stream
    }

    /// A viewer behind the operator's proxy.
    async fn viewer(&mut self, token: &str) -> Result<WebSocketStream<TcpStream>, Error> {
        let mut request = format!("ws://tracker{PATH}?token={token}").into_client_request().unwrap();
        for (name, value) in [("x-forwarded-for", FORWARDED), ("user-agent", AGENT), ("origin", PAGE)] {
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let stream = self.stream().await;
        soon(client_async(request, stream)).await.map(|(socket, _)| socket)
    }
}

fn announce() -> Message {
    let sdp = format!("v=0\\r\\na=candidate:1 1 udp 1 {HOST_CANDIDATE} 9 typ host\\r\\n");
    let offer = format!(r#"{{"offer_id":"{OFFER}","offer":{{"type":"offer","sdp":"{sdp}"}}}}"#);
    Message::text(format!(
        r#"{{"action":"announce","info_hash":"{SWARM}","peer_id":"{PEER}","offers":[{offer}],"accused":["{ACCUSED}"]}}"#
    ))
}

/// What the tracker says next; `None` is its end.
async fn hear(socket: &mut WebSocketStream<TcpStream>) -> Option<String> {
    loop {
        match soon(socket.next()).await? {
            Ok(Message::Text(text)) => return Some(text.to_string()),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// A good day, and every kind of a bad one.
async fn live(crowd: &mut Crowd) {
    let mut good = crowd.viewer(&token(FAR)).await.unwrap();
    good.send(announce()).await.unwrap();
    let reply = hear(&mut good).await.unwrap();
    assert!(reply.contains("\"interval\""), "{reply}");
    for token in [token(PAST), "no.token.atall".to_owned(), String::new()] {
        let mut refused = crowd.viewer(&token).await.unwrap();
        refused.send(announce()).await.unwrap();
        assert!(hear(&mut refused).await.unwrap().contains("failure reason"));
    }
    let mut nonsense = crowd.viewer(&token(FAR)).await.unwrap();
    nonsense.send(Message::text(NONSENSE)).await.unwrap();
    assert!(hear(&mut nonsense).await.is_none_or(|said| said.contains("failure reason")));
    let mut giant = crowd.viewer(&token(FAR)).await.unwrap();
    // Its end may come before all of it is written.
    let _ = giant.send(Message::text(format!("{PEER}{}", " ".repeat(200_000)))).await;
    while hear(&mut giant).await.is_some() {}
    let mut flood = crowd.viewer(&token(FAR)).await.unwrap();
    for _ in 0..FLOOD {
        flood.feed(announce()).await.unwrap();
    }
    flood.flush().await.unwrap();
    while !hear(&mut flood).await.unwrap().contains("too many") {}
    let strange = format!("POST {PATH}?token={} HTTP/1.1\r\nuser-agent: {AGENT}\r\n\r\n", token(FAR));
    exchange(crowd.address, strange.as_bytes()).await;
    // It goes without a word.
    drop(good);
}

/// Half a request, and then nothing.
async fn loris(crowd: &mut Crowd) {
    let mut stream = crowd.stream().await;
    let half = format!("GET {PATH}?token={} HTTP/1.1\r\nx-forwarded-for: {FORWARDED}\r\n", token(FAR));
    stream.write_all(half.as_bytes()).await.unwrap();
    // The tracker ends it, with or without a word.
    let _ = soon(stream.read_to_end(&mut Vec::new())).await;
}

/// Everything that tells one viewer from another, in the forms in which a log would have it.
fn marks(ports: Vec<String>) -> Vec<String> {
    let named = [SWARM, PEER, ACCUSED, OFFER].into_iter().flat_map(|id| {
        let hex: String = id.bytes().map(|byte| format!("{byte:02x}")).collect();
        let list = format!("{:?}", id.as_bytes());
        [id.to_owned(), hex.clone(), hex[..16].to_owned(), list.trim_matches(['[', ']']).to_owned()]
    });
    let words = [FORWARDED, HOST_CANDIDATE, AGENT, PAGE, NONSENSE, PATH, "no.token.atall"].map(str::to_owned);
    // A token's signature, because its head is that of every token.
    let tokens = [token(FAR), token(PAST)].map(|token| token.rsplit('.').next().unwrap().to_owned());
    named.chain(words).chain(tokens).chain(ports).collect()
}

/// Runs the program at this level of its log, lets viewers live, and reads everything that it wrote.
async fn log_of(level: Option<&str>, more: &[&str], live: impl AsyncFnOnce(&mut Crowd)) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracker"));
    command.args(["--listen", "127.0.0.1:0", "--trusted-proxies", "127.0.0.0/8"]).args(more);
    command.args([
        "--messages-per-connection-per-s",
        "1",
        "--token-keys",
        &format!("hs256:{SECRET_IN_BASE64}"),
    ]);
    command.env_remove("RUST_LOG").envs(level.map(|level| ("RUST_LOG", level)));
    let program = Program::start(command, "tracker listens").await;
    let mut crowd = Crowd { address: program.address("address"), ports: Vec::new() };
    live(&mut crowd).await;
    let log = program.stop().await;
    assert!(log.contains("tracker drained"), "{log}");
    for mark in marks(crowd.ports) {
        assert!(!log.contains(&mark), "{mark} is in the log:\n{log}");
    }
    log
}

async fn nobody_is_named(level: Option<&str>) {
    let log = log_of(level, &[], live).await;
    assert!(!log.contains(SECRET_IN_BASE64) && !log.contains(&*String::from_utf8_lossy(&SECRET)), "{log}");
    log_of(level, &["--handshake-timeout-ms", "100"], loris).await;
}

#[tokio::test]
async fn nobody_is_named_in_the_log() {
    nobody_is_named(None).await;
}

#[tokio::test]
async fn nobody_is_named_in_the_log_even_where_everything_is_told() {
    nobody_is_named(Some("trace")).await;
}
