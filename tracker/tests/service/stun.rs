//! STUN over a real port.

use tokio::net::UdpSocket;
use tracker::serve::Config;
use tracker::serve::config::value::MaybeAddress;

use super::app::{App, soon};

#[tokio::test]
async fn a_viewer_learns_its_address_and_noise_gets_nothing() {
    let stun_listen = MaybeAddress(Some("127.0.0.1:0".parse().unwrap()));
    let app = App::with(Config { stun_listen, ..Config::default() }).await;
    let viewer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    viewer.connect(app.stun.unwrap()).await.unwrap();
    viewer.send(b"noise").await.unwrap();
    let request = b"\x00\x01\x00\x00\x21\x12\xa4\x42transaction!";
    viewer.send(request).await.unwrap();
    let mut answer = [0; 64];
    assert_eq!(soon(viewer.recv(&mut answer)).await.unwrap(), 32);
    assert_eq!(answer[8..20], *b"transaction!");
    let port = u16::from_be_bytes([answer[26], answer[27]]) ^ 0x2112;
    assert_eq!(port, viewer.local_addr().unwrap().port());
    assert_eq!((app.metric("stun_total").await, app.metric("malformed_total").await), (1, 1));
}

#[tokio::test]
async fn there_is_no_stun_until_it_is_asked_for() {
    assert_eq!(App::start().await.stun, None);
}
