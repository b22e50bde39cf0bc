//! What operators see and change while the tracker runs.

use protocol::id::PeerId;
use tracker::serve::Config;

use super::app::{App, Client, Speaks};

#[tokio::test]
async fn the_status_page_shows_swarms_without_giving_them_away() {
    let app = App::start().await;
    let mut client = app.client(Speaks::Json, 1).await;
    client.join().await;
    let page = app.http("GET /status HTTP/1.1\r\nhost: t\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("text/html"), "{page}");
    assert!(page.contains("<code>e9e9e9e9…</code>") && !page.contains("e9e9e9e9e9"), "{page}");
}

#[tokio::test]
async fn the_status_page_is_for_its_networks_and_no_proxy_lends_them_out() {
    let app = App::with(Config { status_networks: Vec::new(), ..Config::default() }).await;
    assert!(app.http("GET /status HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 403 "));
    let app = App::start().await;
    let proxied = app.http("GET /status HTTP/1.1\r\nx-forwarded-for: 127.0.0.1\r\n\r\n").await;
    assert!(proxied.starts_with("HTTP/1.1 403 "), "{proxied}");
}

#[tokio::test]
async fn accusations_are_counted_and_shown_and_nothing_else_happens() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let app = App::with(Config { trusted_proxies, ..Config::default() }).await;
    let mut accused = app.client(Speaks::Json, 1).await;
    accused.join().await;
    let accuse = format!("'accused':['{}']", "\\u0001".repeat(20));
    for name in 2..5 {
        let address = format!("203.0.113.{name}");
        let mut client = Client::asking(&app, "/", &[("x-forwarded-for", &address)]).await.unwrap();
        client.peer_id = PeerId([name; 20]);
        client.join().await;
        client.announce_with(&accuse).await;
        client.hear_reply().await;
    }
    assert_eq!(accused.peer_id, PeerId([1; 20]));
    for (name, count) in [("accused_peers", 1), ("accused_peers_by_several", 1), ("accusing_peers", 3)] {
        assert_eq!(app.metric(name).await, count, "{name}");
    }
    let page = app.http("GET /status HTTP/1.1\r\n\r\n").await;
    assert!(page.contains("<code>01010101…</code><td>3<td>3"), "{page}");
    accused.join().await;
}

#[tokio::test]
async fn what_became_of_introductions_is_counted_as_reported() {
    let app = App::start().await;
    let mut there = Vec::new();
    for name in 1..=2 {
        let mut client = app.client(Speaks::MessagePack, name).await;
        client.join().await;
        there.push(client);
    }
    let mut third = app.client(Speaks::Json, 3).await;
    third.join().await;
    let id = |name: &str| name.repeat(20);
    // Nobody is called 9.
    let unreached = format!("'{}','{}'", id("\\u0001"), id("\\u0009"));
    let reports = format!("'reached':['{}'],'unreached':[{unreached}]", id("\\u0002"));
    third.announce_with(&reports).await;
    third.hear_reply().await;
    for (outcome, count) in [("opened", 1), ("failed", 1)] {
        let name = format!("introductions_reported_total{{outcome=\"{outcome}\"}}");
        assert_eq!(app.metric(&name).await, count, "{name}");
    }
}

#[tokio::test]
async fn lists_and_limits_change_without_a_restart_and_clients_stay() {
    let app = App::start().await;
    let mut client = app.client(Speaks::Json, 1).await;
    client.join().await;
    let changed = Config { connections_per_address_max: 1, peers_per_connection_max: 1, ..Config::default() };
    let fixed = app.reloader.reload(Config { listen: app.address, ..changed.clone() }).unwrap();
    assert_eq!(fixed, ["listen"]);
    assert!(app.http("GET / HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 429 "));
    client.join().await;
    client.peer_id = PeerId([2; 20]);
    client.announce(protocol::tracker::Event::Started, Vec::new()).await;
    assert!(client.hear_failure().await.reason.contains("too many swarms"));
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_changes_nothing() {
    let app = App::start().await;
    let (tls_certificate, tls_key) = ("/nowhere/chain.pem".to_owned(), "/nowhere/key.pem".to_owned());
    let broken = Config { connections_max: 1, tls_certificate, tls_key, ..Config::default() };
    let error = app.reloader.reload(broken).unwrap_err().to_string();
    assert!(error.contains("/nowhere/chain.pem"), "{error}");
    let (mut first, mut second) = (app.client(Speaks::Json, 1).await, app.client(Speaks::Json, 2).await);
    first.join().await;
    second.join().await;
}

#[tokio::test]
async fn a_tracker_is_ready_until_it_is_full() {
    let app = App::with(Config { connections_max: 2, ..Config::default() }).await;
    assert!(app.http("GET /ready HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 200 OK"));
}
