//! What one connection and one address may do, and which pages: each excess refused by name, everybody else served.

use protocol::tracker::Event;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tracker::serve::Config;

use super::app::{App, Client, Speaks, offer};

#[tokio::test]
async fn a_flood_of_messages_is_refused_in_words_then_closed_and_harms_nobody() {
    let app = App::with(Config { messages_per_connection_per_s: 1, ..Config::default() }).await;
    let (mut flood, mut calm) = (app.client(Speaks::Json, 1).await, app.client(Speaks::Json, 2).await);
    for _ in 0..10 {
        flood.join().await;
    }
    for _ in 0..31 {
        flood.announce(Event::Update, Vec::new()).await;
        let failure = flood.hear_failure().await;
        assert!(failure.reason.starts_with("too many messages"), "{}", failure.reason);
        assert_eq!(failure.retry_in_s, Some(10));
    }
    flood.announce(Event::Update, Vec::new()).await;
    assert_eq!(flood.hear_close().await.code, CloseCode::Policy);
    assert_eq!(calm.join().await.incomplete, 1);
    assert_eq!(app.metric("excess_total{reason=\"messages\"}").await, 32);
}

#[tokio::test]
async fn offers_and_bytes_have_rates_of_their_own() {
    let app = App::with(Config { offers_per_connection_per_s: 1, ..Config::default() }).await;
    let mut client = app.client(Speaks::MessagePack, 1).await;
    client.announce(Event::Update, (0..10).map(|name| offer(name, "v=0")).collect()).await;
    client.hear_reply().await;
    client.announce(Event::Update, vec![offer(1, "v=0")]).await;
    assert!(client.hear_failure().await.reason.starts_with("too many offers"));
    client.announce(Event::Update, Vec::new()).await;
    client.hear_reply().await;

    let app = App::with(Config { bytes_per_connection_per_s: 100, ..Config::default() }).await;
    let mut client = app.client(Speaks::MessagePack, 1).await;
    client.announce(Event::Update, vec![offer(1, "v".repeat(8_000))]).await;
    client.hear_reply().await;
    client.announce(Event::Update, Vec::new()).await;
    assert!(client.hear_failure().await.reason.starts_with("too many bytes"));
}

#[tokio::test]
async fn a_message_may_have_as_many_bytes_as_the_operator_says() {
    let app = App::with(Config { frame_bytes_max: 4_096, ..Config::default() }).await;
    let mut client = app.client(Speaks::MessagePack, 1).await;
    client.announce(Event::Update, vec![offer(1, "v".repeat(3_900))]).await;
    client.hear_reply().await;
    client.announce(Event::Update, vec![offer(1, "v".repeat(4_096))]).await;
    assert!(client.hear_failure().await.reason.contains("more bytes"));
    assert_eq!(client.hear_close().await.code, CloseCode::Size);
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_gets_the_place_back_that_it_leaves() {
    let app = App::with(Config { connections_per_address_max: 2, ..Config::default() }).await;
    let (mut first, mut second) = (app.client(Speaks::Json, 1).await, app.client(Speaks::Json, 2).await);
    first.join().await;
    second.join().await;
    let response = app.http("GET / HTTP/1.1\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 429 ") && response.contains("retry-after: 30"), "{response}");
    drop(first);
    while app.http("GET / HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 429 ") {}
    assert!(app.metric("addresses_refused_total").await >= 1);
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_counted_by_its_own_address() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let app =
        App::with(Config { connections_per_address_max: 1, trusted_proxies, ..Config::default() }).await;
    let from = async |address: &str| Client::asking(&app, "/", &[("x-forwarded-for", address)]).await;
    let _first = from("203.0.113.1").await.unwrap();
    let _second = from("203.0.113.2").await.unwrap();
    assert_eq!(status(from("198.51.100.9, 203.0.113.1").await), 429);
}

#[tokio::test]
async fn an_address_that_nobody_trusts_speaks_for_itself_only() {
    let app = App::with(Config { connections_per_address_max: 1, ..Config::default() }).await;
    let _first = Client::asking(&app, "/", &[("x-forwarded-for", "203.0.113.1")]).await.unwrap();
    assert_eq!(status(Client::asking(&app, "/", &[("x-forwarded-for", "203.0.113.2")]).await), 429);
}

#[tokio::test]
async fn pages_of_other_sites_are_turned_away_where_a_list_is_set() {
    let allowed_origins = vec!["https://*.example.com".to_owned().try_into().unwrap()];
    let app = App::with(Config { allowed_origins, ..Config::default() }).await;
    let page = async |origin: &str| Client::asking(&app, "/", &[("origin", origin)]).await;
    page("https://live.example.com").await.unwrap().join().await;
    assert_eq!(status(page("https://example.net").await), 403);
    assert_eq!(status(Client::asking(&app, "/", &[]).await), 403);
    assert_eq!(app.metric("origins_refused_total").await, 2);
}

fn status(refused: Result<Client, Error>) -> u16 {
    match refused {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("no status but {error}"),
        Ok(_) => panic!("it was let in"),
    }
}
