//! TLS: a viewer over wss, and a certificate that is changed under way.

use std::path::Path;

use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::CertificateDer;
use service::testing::tls;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tracker::serve::Config;

use super::app::{App, soon};

fn config(folder: &Path) -> Config {
    let [tls_certificate, tls_key] = tls::paths(folder);
    Config { tls_certificate, tls_key, ..Config::default() }
}

async fn connect(app: &App, trusted: CertificateDer<'static>) -> std::io::Result<TlsStream<TcpStream>> {
    tls::connect(app.tcp().await, trusted).await
}

#[tokio::test]
async fn a_viewer_joins_over_tls_and_stays_when_the_certificate_is_changed() {
    let folder = TempDir::new().unwrap();
    let first = tls::certify(folder.path());
    let app = App::with(config(folder.path())).await;
    let stream = connect(&app, first.clone()).await.unwrap();
    let (mut viewer, _) = soon(client_async("wss://server.test/", stream)).await.unwrap();
    let id = "x".repeat(20);
    let announce = format!("{{\"action\":\"announce\",\"info_hash\":\"{id}\",\"peer_id\":\"{id}\"}}");
    viewer.send(Message::text(announce.clone())).await.unwrap();
    let reply = soon(viewer.next()).await.unwrap().unwrap();
    assert!(reply.to_text().unwrap().contains("\"incomplete\":1"), "{reply}");

    let second = tls::certify(folder.path());
    assert!(app.reloader.reload(config(folder.path())).unwrap().contains(&"listen"));
    assert!(connect(&app, first).await.is_err());
    connect(&app, second).await.unwrap();
    viewer.send(Message::text(announce)).await.unwrap();
    soon(viewer.next()).await.unwrap().unwrap();
}

#[tokio::test]
async fn who_speaks_no_tls_is_turned_away_and_others_are_served() {
    let folder = TempDir::new().unwrap();
    let certificate = tls::certify(folder.path());
    let app = App::with(config(folder.path())).await;
    let response = app.http_bytes(b"GET / HTTP/1.1\r\n\r\n").await;
    assert!(!response.starts_with(b"HTTP"));
    connect(&app, certificate).await.unwrap();
}
