//! TLS: a viewer over wss, and a certificate that is changed under way.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tracker::serve::Config;

use super::app::{App, soon};

use futures_util::{SinkExt, StreamExt};

/// Writes a new self-signed certificate for `tracker.test` and its key; returns the certificate.
fn certify(folder: &Path) -> CertificateDer<'static> {
    let certified = rcgen::generate_simple_self_signed(vec!["tracker.test".to_owned()]).unwrap();
    fs::write(folder.join("chain.pem"), certified.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), certified.signing_key.serialize_pem()).unwrap();
    certified.cert.der().clone()
}

fn config(folder: &Path) -> Config {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    Config { tls_certificate: path("chain.pem"), tls_key: path("key.pem"), ..Config::default() }
}

async fn connect(app: &App, trusted: CertificateDer<'static>) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("tracker.test").unwrap();
    soon(TlsConnector::from(Arc::new(client)).connect(name, app.tcp().await)).await
}

#[tokio::test]
async fn a_viewer_joins_over_tls_and_stays_when_the_certificate_is_changed() {
    let folder = TempDir::new().unwrap();
    let first = certify(folder.path());
    let app = App::with(config(folder.path())).await;
    let stream = connect(&app, first.clone()).await.unwrap();
    let (mut viewer, _) = soon(client_async("wss://tracker.test/", stream)).await.unwrap();
    let id = "x".repeat(20);
    let announce = format!("{{\"action\":\"announce\",\"info_hash\":\"{id}\",\"peer_id\":\"{id}\"}}");
    viewer.send(Message::text(announce.clone())).await.unwrap();
    let reply = soon(viewer.next()).await.unwrap().unwrap();
    assert!(reply.to_text().unwrap().contains("\"incomplete\":1"), "{reply}");

    let second = certify(folder.path());
    assert!(app.reloader.reload(config(folder.path())).unwrap().contains(&"listen"));
    assert!(connect(&app, first).await.is_err());
    connect(&app, second).await.unwrap();
    viewer.send(Message::text(announce)).await.unwrap();
    soon(viewer.next()).await.unwrap().unwrap();
}

#[tokio::test]
async fn who_speaks_no_tls_is_turned_away_and_others_are_served() {
    let folder = TempDir::new().unwrap();
    let certificate = certify(folder.path());
    let app = App::with(config(folder.path())).await;
    let response = app.http_bytes(b"GET / HTTP/1.1\r\n\r\n").await;
    assert!(!response.starts_with(b"HTTP"));
    connect(&app, certificate).await.unwrap();
}
