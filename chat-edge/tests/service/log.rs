//! What the program logs while people come, talk, are refused, break rules and go: nothing of who they are or said.

use std::net::SocketAddr;

use serde_json::{Value, json};
use service::testing::program::Program;
use service::testing::soon;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::app::App;
use super::client::frame;
use super::people::ROOM;

/// Everything of a person that a chat edge sees, as no other text has it.
const USER: u64 = 700_100_200_300;
const OTHER: u64 = 700_100_200_301;
const NAME: &str = "NameOfSomeViewer";
const WORDS: &str = "words of some viewer";
const REASON: &str = "reason against some viewer";
const FORWARDED: &str = "203.0.113.77";
const KEY: &str = "key-of-some-viewer";
const NOT_A_TOKEN: &str = "no.token.atall";

/// One run of the program, and what must not be in its log.
struct Crowd {
    listen: SocketAddr,
    web: SocketAddr,
    api: SocketAddr,
    marks: Vec<String>,
}

impl Crowd {
    /// A token as the operator makes it; nobody else is to see it.
    async fn token(&mut self, user: u64, role: &str) -> String {
        let claims = json!({"user": user, "name": NAME, "role": role}).to_string();
        let (_, body) = App::http_at(self.api, "POST", "/chat/v1/tokens", claims.as_bytes()).await;
        let token = serde_json::from_str::<Value>(&body).unwrap()["token"].as_str().unwrap().to_owned();
        // Its signature: the head is that of every token.
        self.marks.push(token.rsplit('.').next().unwrap().to_owned());
        token
    }

    /// Asks as somebody behind the operator's proxy; the status.
    async fn ask(&self, token: &str, method: &str, path: &str, body: Value) -> u16 {
        let headers = format!("authorization: Bearer {token}\r\nx-forwarded-for: {FORWARDED}\r\n");
        let (head, _) = App::http_with(self.web, method, path, &headers, body.to_string().as_bytes()).await;
        head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    async fn connect(&mut self) -> TcpStream {
        let stream = TcpStream::connect(self.listen).await.unwrap();
        self.marks.push(stream.local_addr().unwrap().to_string());
        stream
    }

    /// Says this over a connection of its own, and waits until the other end has answered or closed.
    async fn say(&mut self, bytes: &[u8]) -> TcpStream {
        let mut stream = self.connect().await;
        // The end may come before everything is written.
        let _ = stream.write_all(bytes).await;
        let _ = soon(stream.read(&mut [0; 64])).await;
        stream
    }
}

/// People who talk, one who may not any more, and those who keep to no rule.
async fn live(crowd: &mut Crowd) {
    let viewer = crowd.token(USER, "viewer").await;
    let operator = crowd.token(OTHER, "operator").await;
    let auth = json!({"room_id": "live://1", "key": KEY, "token": viewer}).to_string();
    let mut watching = crowd.say(&frame(7, auth.as_bytes())).await;
    let comments = format!("{ROOM}/comments");
    assert_eq!(crowd.ask(&viewer, "POST", &comments, json!({"text": WORDS})).await, 201);
    watching.write_all(&frame(4, json!({"text": WORDS}).to_string().as_bytes())).await.unwrap();
    soon(watching.read(&mut [0; 64])).await.unwrap();
    let mute = format!("{ROOM}/sanctions/{USER}/mute");
    assert_eq!(crowd.ask(&operator, "PUT", &mute, json!({"reason": REASON})).await, 204);
    assert_eq!(crowd.ask(&viewer, "POST", &comments, json!({"text": WORDS})).await, 403);
    assert_eq!(crowd.ask(NOT_A_TOKEN, "POST", &comments, json!({"text": WORDS})).await, 401);
    assert_eq!(crowd.ask(&viewer, "POST", &format!("/{KEY}/{NAME}"), json!({"text": WORDS})).await, 404);
    let ban = format!("{ROOM}/sanctions/{USER}/ban");
    assert_eq!(crowd.ask(&operator, "PUT", &ban, json!({"reason": REASON})).await, 204);
    let forged = json!({"room_id": "live://1", "key": KEY, "token": NOT_A_TOKEN}).to_string();
    let giant = [&[0xff; 4][..], KEY.as_bytes(), &[0; 8192]].concat();
    let kept = frame(7, format!("{{{KEY}").as_bytes());
    for bytes in [frame(7, forged.as_bytes()), giant, kept, format!("{NAME} {WORDS}").into_bytes()] {
        crowd.say(&bytes).await;
    }
}

/// Half a frame, and then nothing.
async fn loris(crowd: &mut Crowd) {
    let auth = json!({"room_id": "live://1", "key": KEY}).to_string();
    let bytes = frame(7, auth.as_bytes());
    crowd.say(&bytes[..bytes.len() - 1]).await;
}

/// Runs the program at this level of its log, lets people live, and reads everything that it wrote.
async fn nobody_is_named(level: Option<&str>, more: &[&str], live: impl AsyncFnOnce(&mut Crowd)) {
    let any = "127.0.0.1:0";
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-edge"));
    command.args(["--listen", any, "--api-listen", any, "--web-listen", any, "--store", "memory"]).args(more);
    command.args(["--trusted-proxies", "127.0.0.0/8"]).env_remove("RUST_LOG");
    command.envs(level.map(|level| ("RUST_LOG", level)));
    let program = Program::start(command, "chat edge listens").await;
    let [listen, web, api] = ["addresses", "web_address", "api_address"].map(|name| program.address(name));
    let words = [NAME, WORDS, REASON, FORWARDED, KEY, NOT_A_TOKEN].map(str::to_owned);
    let people = [USER, OTHER].map(|user| user.to_string());
    let mut crowd = Crowd { listen, web, api, marks: words.into_iter().chain(people).collect() };
    live(&mut crowd).await;
    let log = program.stop().await;
    assert!(log.contains("chat edge drained"), "{log}");
    for mark in crowd.marks {
        assert!(!log.contains(&mark), "{mark} is in the log:\n{log}");
    }
}

#[tokio::test]
async fn nobody_is_named_in_the_log() {
    nobody_is_named(None, &[], live).await;
    nobody_is_named(None, &["--handshake-timeout-ms", "100"], loris).await;
}

#[tokio::test]
async fn nobody_is_named_in_the_log_even_where_everything_is_told() {
    nobody_is_named(Some("trace"), &[], live).await;
    nobody_is_named(Some("trace"), &["--handshake-timeout-ms", "100"], loris).await;
}
