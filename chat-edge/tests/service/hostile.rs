//! Bad input: refused with a named reason, and nobody else notices.

use chat_edge::serve::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::app::{App, soon};
use super::client::{BOTH, Client, Over};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

#[tokio::test]
async fn what_is_no_frame_ends_the_connection_for_a_named_reason() {
    let app = App::start().await;
    let mut witness = Client::join(&app, Over::WebSocket, r#"{"room_id":"live://1"}"#).await;
    let rows: [(&[u8], &str); 4] = [
        (&[0; 16], "header_length"),
        (&[0, 0, 0, 15, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1], "frame_too_short"),
        (&[0, 0, 16, 17, 0, 16, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1], "frame_too_long"),
        (&[0, 0, 0, 16, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1], "not_authenticated"),
    ];
    for (bytes, reason) in rows {
        for over in BOTH {
            let mut client = Client::connect(&app, over).await;
            client.send(bytes.to_vec()).await;
            let code = client.end().await;
            assert!(over == Over::Tcp || code == Some(CloseCode::Policy), "{reason} {code:?}");
        }
        app.until("faults_total", reason, 2).await;
    }
    assert_eq!(witness.heartbeat().await, 1);
}

#[tokio::test]
async fn an_authentication_that_cannot_be_meant_is_told_so() {
    let app = App::start().await;
    for over in BOTH {
        let mut client = Client::connect(&app, over).await;
        client.say(7, b"hello").await;
        let reply = client.hear().await;
        assert_eq!((reply.operation(), reply.text()), (8, "{\"code\":-400}"));
        client.end().await;
    }
}

#[tokio::test]
async fn half_a_frame_is_waited_for_and_then_forgotten() {
    let app = App::with(Config { handshake_timeout_ms: 1, ..Config::default() }).await;
    for half in
        [&b""[..], b"\0", b"GET /sub HTTP/1.1\r\n", &[0, 0, 0, 99, 0, 16, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1]]
    {
        let mut stream = app.tcp().await;
        stream.write_all(half).await.unwrap();
        let mut rest = Vec::new();
        let _ = soon(stream.read_to_end(&mut rest)).await;
        assert!(rest.is_empty());
    }
    app.until("handshakes_late_total", "", 4).await;
    app.until("connections", "", 0).await;
}

#[tokio::test]
async fn a_person_who_opens_the_port_in_a_browser_is_told_what_it_is() {
    let app = App::start().await;
    let mut stream = app.tcp().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut response = String::new();
    soon(stream.read_to_string(&mut response)).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 404 ") && response.contains("/sub"), "{response}");
}

#[tokio::test]
async fn frames_that_come_byte_by_byte_are_whole_in_the_end() {
    let app = App::start().await;
    let mut client = Client::connect(&app, Over::Tcp).await;
    let body = br#"{"room_id":"live://1"}"#;
    let mut frame = vec![0, 0, 0, 16 + body.len() as u8, 0, 16, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1];
    frame.extend_from_slice(body);
    for byte in frame {
        client.send(vec![byte]).await;
    }
    assert_eq!(client.hear().await.text(), "{\"code\":0}");
}

#[tokio::test]
async fn a_flood_of_questions_that_nobody_reads_the_answers_to_is_cut() {
    let app = App::with(Config { send_buffer_bytes: 4_096, ..Config::default() }).await;
    let Client::Tcp(mut stream) = Client::join(&app, Over::Tcp, "{}").await else { panic!("it is TCP") };
    let heartbeat = [0, 0, 0, 16, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1].repeat(1_000);
    while soon(stream.write_all(&heartbeat)).await.is_ok() {}
    app.until("slow_readers_total", "", 1).await;
}
