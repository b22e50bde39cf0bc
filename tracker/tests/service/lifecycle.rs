//! Start, cap, silence, stop.

use super::app::{App, Speaks, soon, unmetered};
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tracker::serve::{Config, Tracker};

#[tokio::test]
async fn a_port_in_use_is_refused_by_name_and_with_advice() {
    let app = App::start().await;
    let error =
        Tracker::load(Config { listen: app.address, ..Config::default() }).await.unwrap_err().to_string();
    assert!(error.contains(&app.address.to_string()) && error.contains("choose another port"), "{error}");
}

#[tokio::test]
async fn a_stopping_tracker_says_so_to_everybody_and_ends() {
    let app = App::start().await;
    let mut clients = Vec::new();
    for name in 1..=3 {
        let mut client = app.client(Speaks::Json, name).await;
        client.join().await;
        clients.push(client);
    }
    let stopped = app.stop();
    for client in &mut clients {
        // When to come back is told before the close.
        assert_eq!(client.hear_failure().await.retry_in_s, Some(2));
        assert_eq!(client.hear_close().await.code, CloseCode::Away);
    }
    drop(clients);
    stopped.await;
}

#[tokio::test]
async fn a_stopping_tracker_does_not_wait_for_a_client_that_ignores_it() {
    let app = App::with(Config { drain_timeout_ms: 1, ..Config::default() }).await;
    let mut deaf = app.client(Speaks::Json, 1).await;
    deaf.join().await;
    app.stop().await;
}

#[tokio::test]
async fn the_last_connection_is_taken_and_one_more_is_told_to_come_back() {
    let app = App::with(Config { connections_max: 2, ..Config::default() }).await;
    let mut first = app.client(Speaks::Json, 1).await;
    let mut second = app.client(Speaks::Json, 2).await;
    first.join().await;
    assert_eq!(second.join().await.incomplete, 2);
    let response = app.http("GET / HTTP/1.1\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 503 ") && response.contains("retry-after: 30"), "{response}");
    drop(first);
    while app.http("GET / HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 503 ") {}
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_closed_and_one_that_does_stays() {
    let app = App::with(Config { ping_after_ms: 50, ..unmetered() }).await;
    let mut listening = app.client(Speaks::Json, 1).await;
    listening.join().await;
    let mut dead = app.tcp().await;
    let handshake = "GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                     sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    dead.write_all(handshake.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    let reading = async {
        // It closes by itself, a goodbye later, though nobody answers.
        dead.read_to_end(&mut heard).await.unwrap();
    };
    let living = async {
        loop {
            listening.join().await;
        }
    };
    tokio::select! {
        () = soon(reading) => {}
        () = living => {}
    }
    // RFC 6455 §5.2: 0x89 is a ping, 0x88 a close, whose code 1008 is 0x03F0.
    let ping = heard.windows(2).position(|bytes| bytes == [0x89, 0x00]).expect("a ping came");
    assert!(heard[ping..].windows(4).any(|bytes| bytes[0] == 0x88 && bytes[2..] == [0x03, 0xF0]));
    assert_eq!((app.metric("idle_total").await, app.metric("connections").await), (1, 1));
}

#[tokio::test]
async fn a_request_that_does_not_come_is_not_waited_for() {
    let app = App::with(Config { handshake_timeout_ms: 50, ..Config::default() }).await;
    let mut stream = app.tcp().await;
    stream.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
    let mut nothing = Vec::new();
    let _ = soon(stream.read_to_end(&mut nothing)).await;
    assert!(nothing.is_empty());
    assert_eq!(app.metric("handshakes_late_total").await, 1);
}
