//! What the listener does to those who take too many connections, too long to ask, or too long to read.

use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::app::{App, KEY, header, seconds_of};
use crate::fixture::Encoder;
use crate::raw::{Answer, connect, exchange, rest};

/// A request after which the connection rests.
const ASK: &[u8] = b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n";
/// Longer than any test runs.
const NEVER_MS: u64 = 3_600_000;

/// Asks, and reads the answer that ends in a brace.
async fn ask(stream: &mut TcpStream) -> String {
    stream.write_all(ASK).await.expect("it reads");
    let mut text = String::new();
    while !text.ends_with('}') {
        let mut bytes = [0; 1_024];
        let count = stream.read(&mut bytes).await.expect("it answers");
        assert!(count > 0, "closed after {text}");
        text.push_str(core::str::from_utf8(&bytes[..count]).expect("text"));
    }
    text
}

fn has(body: &[u8], line: &str) -> bool {
    core::str::from_utf8(body).expect("text").lines().any(|found| found == line)
}

#[tokio::test]
async fn a_connection_too_many_of_one_address_gets_429_and_finds_room_when_another_leaves() {
    let app = App::start_with(|config| config.limits.connections_per_address = 2).await;
    let mut first = connect(&app).await;
    let mut second = connect(&app).await;
    assert!(ask(&mut first).await.starts_with("HTTP/1.1 200") && ask(&mut second).await.contains("ok"));
    let refused = Answer::parse(&rest(&mut connect(&app).await).await).expect("an answer");
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("10")));
    let error: serde_json::Value = serde_json::from_slice(&refused.body).expect("JSON");
    assert_eq!(error["error"]["code"], "crowded");
    drop(first);
    app.until("/metrics", |_, body| has(body, "shoal_origin_connections 1")).await;
    assert!(ask(&mut connect(&app).await).await.starts_with("HTTP/1.1 200"));
    app.until("/metrics", |_, body| has(body, "shoal_origin_addresses_refused_total 1")).await;
}

#[tokio::test]
async fn a_reader_that_stops_reading_is_cut_off_and_others_are_served() {
    let app = App::start_with(|config| config.limits.slow_reader_timeout_ms = 100).await;
    // A segment of 10 MB: more than the buffers of two kernels.
    let mut encoder = Encoder { frame_bytes: 200_000, ..Encoder::new(50) };
    let publish = app.client.put(app.at(&format!("/publish/main/a?key={KEY}")));
    let taken = publish.body(seconds_of(&mut encoder, 5)).send().await.expect("it answers");
    assert_eq!(taken.status(), StatusCode::OK);
    let playlist = app.text("/live/main/a/index.m3u8").await;
    let name = playlist.lines().find(|line| line.ends_with("-100.m4s")).expect("listed");

    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("small");
    let address =
        app.url.strip_prefix("http://").and_then(|address| address.parse().ok()).expect("an address");
    let mut slow = socket.connect(address).await.expect("it accepts");
    let request = format!("GET /live/main/a/{name} HTTP/1.1\r\nhost: a\r\n\r\n");
    slow.write_all(request.as_bytes()).await.expect("it reads");
    app.until("/metrics", |_, body| has(body, "shoal_origin_slow_readers_total 1")).await;
    assert!(rest(&mut slow).await.len() < 10_000_000);
    let whole = app.get(&format!("/live/main/a/{name}")).await.bytes().await.expect("a body");
    assert!(whole.len() > 10_000_000);
}

#[tokio::test]
async fn who_asks_nothing_is_sent_away_and_who_has_asked_may_rest() {
    let app = App::start_with(|config| {
        config.limits.header_read_timeout_ms = 1_000;
        config.limits.idle_timeout_ms = NEVER_MS;
    })
    .await;
    let mut rests = connect(&app).await;
    ask(&mut rests).await;
    let mut dawdles = connect(&app).await;
    dawdles.write_all(b"GET /health HTT").await.expect("it reads");
    // It was let in later, so when it is gone the other has rested longer than a first request may take.
    assert!(rest(&mut dawdles).await.is_empty());
    assert!(ask(&mut rests).await.contains("ok"));
}

#[tokio::test]
async fn a_connection_that_rests_too_long_is_closed() {
    let app = App::start_with(|config| {
        config.limits.header_read_timeout_ms = 500;
        config.limits.idle_timeout_ms = 500;
    })
    .await;
    let mut rests = connect(&app).await;
    ask(&mut rests).await;
    assert!(rest(&mut rests).await.is_empty());
}

#[tokio::test]
async fn where_viewers_fill_the_house_they_are_told_so_and_a_publisher_still_gets_in() {
    let app = App::start_with(|config| {
        config.limits.connections = 1;
        config.limits.connections_for_publishers = 1;
    })
    .await;
    let mut viewer = connect(&app).await;
    assert!(ask(&mut viewer).await.contains("ok"));
    let full = exchange(&app, ASK).await.expect("an answer");
    assert_eq!(
        (full.status, full.header("retry-after"), full.header("connection")),
        (503, Some("10"), Some("close"))
    );
    let error: serde_json::Value = serde_json::from_slice(&full.body).expect("JSON");
    assert_eq!(error["error"]["code"], "full");
    app.until("/metrics", |_, body| has(body, "shoal_origin_full_total 1")).await;
    assert_eq!(app.put("a", seconds_of(&mut Encoder::new(50), 3)).await.status(), StatusCode::OK);
    let unknown = b"PUT /publish/main/a?key=no HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n";
    let unknown = exchange(&app, unknown).await.expect("an answer");
    assert_eq!((unknown.status, unknown.header("connection")), (401, Some("close")));
    assert!(ask(&mut viewer).await.contains("ok"));
    drop(viewer);
    app.until("/metrics", |_, body| has(body, "shoal_origin_connections 0")).await;
    assert!(ask(&mut connect(&app).await).await.contains("ok"));
}

#[tokio::test]
async fn who_takes_a_publishers_place_and_asks_nothing_does_not_keep_it() {
    let app = App::start_with(|config| {
        config.limits.connections = 1;
        config.limits.connections_for_publishers = 1;
        config.limits.header_read_timeout_ms = 1_000;
        config.limits.idle_timeout_ms = NEVER_MS;
    })
    .await;
    let mut viewer = connect(&app).await;
    ask(&mut viewer).await;
    let mut silent = connect(&app).await;
    assert!(rest(&mut silent).await.is_empty());
    assert_eq!(exchange(&app, ASK).await.expect("an answer").status, 503);
}

#[tokio::test]
async fn an_address_may_have_so_many_requests_wait_and_the_next_is_told_to_come_back() {
    let app = App::start_with(|config| config.limits.waiters_per_address = 1).await;
    let mut publisher = app.publish("a").await;
    publisher.fragments(1).await;
    let url = app.at("/live/main/a/101/blocks/0");
    let waits = tokio::spawn(app.client.get(url).send());
    app.until("/metrics", |_, body| has(body, "shoal_origin_waiting_requests 1")).await;
    let refused = app.get("/live/main/a/101/blocks/1").await;
    assert_eq!((refused.status(), header(&refused, "retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    assert!(refused.text().await.expect("text").contains("of this address"));
    publisher.fragments(20).await;
    assert_eq!(waits.await.expect("it ends").expect("it answers").status(), StatusCode::OK);
}
