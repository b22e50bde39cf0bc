//! TLS on the same port: a viewer over wss and one over TLS alone, beside those without, and a certificate that is changed
//! under way.

use std::path::Path;

use chat_edge::serve::Config;
use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::CertificateDer;
use service::testing::tls;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use super::app::{App, soon};
use super::client::{Client, Over, frame, unpack};

const AUTH: &str = "{\"room_id\":\"live://1\"}";

fn config(folder: &Path) -> Config {
    let [tls_certificate, tls_key] = tls::paths(folder);
    Config { tls_certificate, tls_key, ..Config::default() }
}

async fn connect(app: &App, trusted: CertificateDer<'static>) -> std::io::Result<TlsStream<TcpStream>> {
    tls::connect(app.tcp().await, trusted).await
}

#[tokio::test]
async fn one_port_takes_tls_and_none_and_the_certificate_is_changed_under_way() {
    let folder = TempDir::new().unwrap();
    let first = tls::certify(folder.path());
    let app = App::with(config(folder.path())).await;
    let stream = connect(&app, first.clone()).await.unwrap();
    let (mut viewer, _) = soon(client_async("wss://server.test/sub", stream)).await.unwrap();
    viewer.send(Message::binary(frame(7, AUTH.as_bytes()))).await.unwrap();
    let reply = soon(viewer.next()).await.unwrap().unwrap().into_data();
    assert!(reply.ends_with(b"{\"code\":0}"));
    let mut bare = Client::join(&app, Over::Tcp, AUTH).await;

    let second = tls::certify(folder.path());
    assert!(app.reloader.reload(config(folder.path())).unwrap().contains(&"listen"));
    assert!(connect(&app, first).await.is_err());
    let mut fresh = connect(&app, second).await.unwrap();
    fresh.write_all(&frame(7, AUTH.as_bytes())).await.unwrap();
    let mut reply = [0; 26];
    soon(fresh.read_exact(&mut reply)).await.unwrap();
    assert!(reply.ends_with(b"{\"code\":0}"));

    app.push_room("1", b"hello").await;
    let pushed = soon(viewer.next()).await.unwrap().unwrap().into_data();
    assert_eq!(unpack(&unpack(&pushed)[0].body)[0].text(), "hello");
    assert_eq!(bare.hear().await.text(), "hello");
    let mut pushed = [0; 21];
    soon(fresh.read_exact(&mut pushed)).await.unwrap();
    assert_eq!(unpack(&pushed)[0].text(), "hello");
}

#[tokio::test]
async fn what_is_longer_than_a_record_and_than_the_sockets_buffer_arrives_whole_and_in_order() {
    let folder = TempDir::new().unwrap();
    let certificate = tls::certify(folder.path());
    let app = App::with(config(folder.path())).await;
    let mut viewer = connect(&app, certificate).await.unwrap();
    viewer.write_all(&frame(7, AUTH.as_bytes())).await.unwrap();
    let mut reply = [0; 26];
    soon(viewer.read_exact(&mut reply)).await.unwrap();
    for number in 0..20_u8 {
        app.push_room("1", &[b'0' + number % 10; 15_000]).await;
    }
    for number in 0..20_u8 {
        let mut pushed = vec![0; 16 + 15_000];
        soon(viewer.read_exact(&mut pushed)).await.unwrap();
        assert!(pushed[16..].iter().all(|byte| *byte == b'0' + number % 10), "{number}");
    }
}

#[tokio::test]
async fn without_a_certificate_tls_is_refused_and_a_broken_handshake_ends() {
    let folder = TempDir::new().unwrap();
    let certificate = tls::certify(folder.path());
    let plain = App::start().await;
    assert!(connect(&plain, certificate).await.is_err());
    let app = App::with(config(folder.path())).await;
    let mut stream = app.tcp().await;
    stream.write_all(&[22, 3, 1, 0, 5, 9, 9, 9, 9, 9]).await.unwrap();
    let mut rest = Vec::new();
    let _ = soon(stream.read_to_end(&mut rest)).await;
    app.until("connections", "", 0).await;
}

#[tokio::test]
async fn the_public_port_takes_tls_and_none_where_there_is_a_certificate() {
    const ASKED: &[u8] =
        b"GET /room/v1/Room/room_init?id=7 HTTP/1.1\r\nhost: chat\r\nconnection: close\r\n\r\n";
    let folder = TempDir::new().unwrap();
    let certificate = tls::certify(folder.path());
    let app = App::with(Config { handshakes_per_address_max: 1, ..config(folder.path()) }).await;
    let mut stream =
        tls::connect(TcpStream::connect(app.web).await.unwrap(), certificate.clone()).await.unwrap();
    stream.write_all(ASKED).await.unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.contains("\"room_id\":7"), "{answer}");
    let (head, body) = App::http_at(app.web, "GET", "/room/v1/Room/room_init?id=7", b"").await;
    assert!(head.starts_with("HTTP/1.1 200") && body.contains("\"room_id\":7"), "{head} {body}");
    // Somebody who says nothing takes the one place of its address.
    let silent = TcpStream::connect(app.web).await.unwrap();
    let mut refused = TcpStream::connect(app.web).await.unwrap();
    assert_eq!(soon(refused.read(&mut [0])).await.unwrap_or(0), 0);
    app.until("handshakes_refused_total", "", 1).await;
    drop(silent);
    let plain = App::start().await;
    let bare = TcpStream::connect(plain.web).await.unwrap();
    assert!(tls::connect(bare, certificate).await.is_err());
}
