//! Too much of everything: half-open handshakes, pushes, frames that are none. It is held to a number, refused with a
//! name, and nobody else waits for it.

use chat_edge::serve::Config;
use protocol::limits::CHAT_CLIENT_FRAME_BYTES_MAX;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::app::{App, soon};
use super::client::{Client, Over};

#[tokio::test]
async fn ten_thousand_who_never_say_who_they_are_get_their_addresss_share_and_nobody_else_waits() {
    service::open_files::raise_limit();
    let (count, share) = (10_000, 1_024);
    let config =
        Config { handshake_timeout_ms: 3_600_000, handshakes_per_address_max: share, ..Config::default() };
    let app = App::with(config).await;
    let mut witness = Client::join(&app, Over::WebSocket, r#"{"room_id":"live://1"}"#).await;
    let mut silent = Vec::new();
    for _ in 0..count {
        silent.push(app.tcp().await);
    }
    app.until("handshakes_refused_total", "", (count - share) as u64).await;
    app.until("connections", "", share as u64 + 1).await;
    assert_eq!(witness.heartbeat().await, 1);
    // Another address has a share of its own.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut newcomer = Client::Tcp(soon(socket.connect(app.address)).await.unwrap());
    newcomer.say(7, br#"{"room_id":"live://1"}"#).await;
    assert_eq!(newcomer.hear().await.text(), "{\"code\":0}");
    drop(silent);
    app.until("connections", "", 2).await;
    assert_eq!(witness.heartbeat().await, 2);
}

#[tokio::test]
async fn a_flood_of_pushes_is_held_to_the_rooms_rate_and_each_of_them_is_accounted_for() {
    let app = App::with(Config { chat_per_s: 1, ..Config::default() }).await;
    let _members = [
        Client::join(&app, Over::Tcp, r#"{"room_id":"live://1"}"#).await,
        Client::join(&app, Over::WebSocket, r#"{"roomid":1,"protover":3}"#).await,
    ];
    let mut elsewhere = Client::join(&app, Over::Tcp, r#"{"room_id":"live://2"}"#).await;
    let pushes = 3_000;
    let (mut answers, mut questions) = TcpStream::connect(app.api).await.unwrap().into_split();
    let asking = tokio::spawn(async move {
        let body = r#"{"cmd":"FLOOD"}"#;
        for left in (0..pushes).rev() {
            let connection = if left == 0 { "close" } else { "keep-alive" };
            let head = format!(
                "POST /goim/push/room?operation=1000&type=live&room=1 HTTP/1.1\r\nhost: chat\r\n\
                 connection: {connection}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            questions.write_all(head.as_bytes()).await.unwrap();
        }
        questions
    });
    let mut told = String::new();
    soon(answers.read_to_string(&mut told)).await.unwrap();
    asking.await.unwrap();
    assert_eq!(told.matches("\"code\":0").count(), pushes);
    assert_eq!(elsewhere.heartbeat().await, 1);
    // Two members: each message is delivered or declared dropped for both.
    let due = 2 * pushes as u64;
    soon(async {
        loop {
            let (published, delivered, dropped) = (
                app.metric("published_total", "").await,
                app.metric("delivered_total", "").await,
                app.metric("dropped_total", "").await,
            );
            if published == due && delivered + dropped == due {
                break;
            }
        }
    })
    .await;
    let (by_rate, all) =
        (app.metric("dropped_total", "reason=\"quota\"").await, app.metric("dropped_total", "").await);
    assert!(by_rate > 0 && by_rate == all, "{by_rate} of {all}");
}

#[tokio::test]
async fn what_is_no_frame_of_a_websocket_ends_it_with_its_code_and_a_named_reason() {
    let app = App::start().await;
    let mut witness = Client::join(&app, Over::WebSocket, r#"{"room_id":"live://1"}"#).await;
    let giant = [0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    // A few of the longest frames fit into a message together.
    let [high, low] = u16::try_from(4 * CHAT_CLIENT_FRAME_BYTES_MAX + 1).unwrap().to_be_bytes();
    let rows: [(&str, &[u8], u16, &str); 7] = [
        ("not masked", &[0x82, 16], 1002, "websocket"),
        ("an extension that nobody agreed to", &[0xC2, 0x80], 1002, "websocket"),
        ("no such opcode", &[0x83, 0x80], 1002, "websocket"),
        ("a ping in parts", &[0x09, 0x80], 1002, "websocket"),
        ("a ping that is too long", &[0x89, 0xFE, 0, 126], 1002, "websocket"),
        ("one byte too long", &[0x82, 0xFE, high, low], 1009, "message_too_long"),
        ("the longest of all", &giant, 1009, "message_too_long"),
    ];
    let mut seen = std::collections::BTreeMap::new();
    for (what, bytes, code, reason) in rows {
        let mut stream = upgraded(&app).await;
        stream.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        let _ = soon(stream.read_to_end(&mut rest)).await;
        assert_eq!(rest, [&[0x88, 2][..], &code.to_be_bytes()].concat(), "{what}");
        let count = seen.entry(reason).or_insert(0);
        *count += 1;
        app.until("faults_total", reason, *count).await;
    }
    assert_eq!(witness.heartbeat().await, 1);
}

#[tokio::test]
async fn a_frame_of_which_half_came_before_the_end_is_forgotten_with_its_connection() {
    let app = App::start().await;
    // Half a header, a header without its body, half a body; then the client is gone.
    let halves: [&[u8]; 3] =
        [&[0x82], &[0x82, 0x90, 0, 0, 0, 0], &[0x82, 0x90, 0, 0, 0, 0, 0, 0, 0, 16, 0, 16]];
    for half in halves {
        let mut stream = upgraded(&app).await;
        stream.write_all(half).await.unwrap();
        drop(stream);
    }
    app.until("connections_ended_total", "", halves.len() as u64).await;
    app.until("connections", "", 0).await;
    assert_eq!(app.metric("faults_total", "").await, 0);
}

/// A WebSocket as bytes.
async fn upgraded(app: &App) -> TcpStream {
    let mut stream = app.tcp().await;
    let request = b"GET /sub HTTP/1.1\r\nhost: chat\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon(stream.read_u8()).await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "));
    stream
}
