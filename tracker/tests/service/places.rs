//! The operator's tables: what a viewer is told of where it is, what the operator sees, and how they change.

use std::path::Path;

use protocol::id::PeerId;
use protocol::tracker::Event;
use tracker::serve::Config;

use super::app::{App, Client};

/// A tracker with this table, behind a proxy on this machine.
fn config(path: &Path) -> Config {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    Config { tables: vec![path.to_str().unwrap().to_owned()], trusted_proxies, ..Config::default() }
}

async fn from(app: &App, address: &str) -> Client {
    Client::asking(app, "/", &[("x-forwarded-for", address)]).await.unwrap()
}

async fn told(app: &App, address: &str) -> String {
    let mut client = from(app, address).await;
    client.announce(Event::Started, Vec::new()).await;
    client.hear_text().await
}

#[tokio::test]
async fn a_viewer_is_told_its_network_and_region_and_the_operator_sees_countries() {
    let table = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(table.path(), "network,asn,country\n203.0.113.0/24,64496,DE\n").unwrap();
    let app = App::with(config(table.path())).await;
    let mut known = from(&app, "203.0.113.7").await;
    known.announce(Event::Started, Vec::new()).await;
    let reply = known.hear_text().await;
    assert!(reply.ends_with(r#","network":64496,"region":"DE"}"#), "{reply}");
    // Who is in no table is told nothing.
    let mut unknown = from(&app, "198.51.100.7").await;
    unknown.peer_id = PeerId([2; 20]);
    unknown.announce(Event::Started, Vec::new()).await;
    let reply = unknown.hear_text().await;
    assert!(reply.ends_with(r#","incomplete":2}"#), "{reply}");
    let page = app.http("GET /status HTTP/1.1\r\n\r\n").await;
    assert!(page.contains("<td>DE<td>1"), "{page}");
    assert!(!page.contains("203.0.113"), "no address is shown");
}

#[tokio::test]
async fn tables_are_read_again_and_one_that_cannot_be_used_changes_nothing() {
    let table = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(table.path(), "network,country\n203.0.113.0/24,DE\n").unwrap();
    let app = App::with(config(table.path())).await;
    std::fs::write(table.path(), "network,country\n203.0.113.0/24,FR\n").unwrap();
    let listen = app.address;
    app.reloader.reload(Config { listen, ..config(table.path()) }).unwrap();
    assert!(told(&app, "203.0.113.7").await.ends_with(r#""region":"FR"}"#));
    std::fs::write(table.path(), "network,country\n203.0.113.0/24,\u{e9}\n").unwrap();
    let error = app.reloader.reload(Config { listen, ..config(table.path()) }).unwrap_err().to_string();
    assert!(error.contains("line 2"), "{error}");
    assert!(told(&app, "203.0.113.7").await.ends_with(r#""region":"FR"}"#));
}
