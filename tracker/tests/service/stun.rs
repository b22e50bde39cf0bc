//! STUN over a real port.

use tokio::net::UdpSocket;
use tracker::serve::Config;

use super::app::{App, soon};

const REQUEST: &[u8] = b"\x00\x01\x00\x00\x21\x12\xa4\x42transaction!";

#[tokio::test]
async fn a_viewer_learns_its_address_and_noise_gets_nothing() {
    let stun_listen = vec!["127.0.0.1:0".parse().unwrap(), "127.0.0.1:0".parse().unwrap()];
    let app = App::with(Config { stun_listen, ..Config::default() }).await;
    let viewer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    viewer.send_to(b"noise", app.stun[0]).await.unwrap();
    // Both ports tell it the same: it is behind no symmetric NAT.
    for stun in &app.stun {
        viewer.send_to(REQUEST, stun).await.unwrap();
        let mut answer = [0; 64];
        assert_eq!(soon(viewer.recv(&mut answer)).await.unwrap(), 32);
        assert_eq!(answer[8..20], *b"transaction!");
        let port = u16::from_be_bytes([answer[26], answer[27]]) ^ 0x2112;
        assert_eq!(port, viewer.local_addr().unwrap().port());
    }
    assert_eq!((app.metric("stun_total").await, app.metric("malformed_total").await), (2, 1));
}

#[tokio::test]
async fn requests_over_the_rate_are_dropped_and_counted() {
    let stun_listen = vec!["127.0.0.1:0".parse().unwrap()];
    let app = App::with(Config { stun_listen, stun_per_s: 1, ..Config::default() }).await;
    let viewer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut answer = [0; 64];
    // Ten seconds' worth at once.
    for _ in 0..10 {
        viewer.send_to(REQUEST, app.stun[0]).await.unwrap();
        soon(viewer.recv(&mut answer)).await.unwrap();
    }
    viewer.send_to(REQUEST, app.stun[0]).await.unwrap();
    while app.metric("stun_excess_total").await == 0 {}
    assert_eq!(app.metric("stun_total").await, 10);
}

#[tokio::test]
async fn there_is_no_stun_until_it_is_asked_for() {
    assert_eq!(App::start().await.stun, []);
}
