//! The stage of every test: a tracker, an origin that names it, and an encoder that publishes in real time.

use std::net::{Ipv4Addr, SocketAddr};

use hls_origin::serve::{Config as OriginConfig, Origin, StreamConfig, StreamKey};
use service::testing::Running;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Duration, interval};
use tracker::serve::{Config as TrackerConfig, Tracker};

use crate::fixture::Encoder;

const KEY: &str = "the-key";
/// Frames of a segment, at 25 a second.
const GOP: u32 = 50;
/// Frames of a fragment, and its time.
const FRAGMENT_FRAMES: u32 = 5;
const FRAGMENT: Duration = Duration::from_millis(200);
/// Segments that are there before anybody comes.
const BEFORE: u32 = 4;

/// A running stage.
pub(crate) struct Stage {
    /// The multivariant playlist.
    pub(crate) src: String,
    /// The tracker.
    pub(crate) tracker: String,
    tracking: Running<()>,
    serving: Running<()>,
    publishing: JoinHandle<()>,
    _directory: TempDir,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let tracker = Tracker::load(TrackerConfig { listen: any, ..TrackerConfig::default() }).await.unwrap();
        let url = format!("ws://{}/", tracker.local_addr());
        let tracking = Running::start(|shutdown| tracker.run(shutdown));
        let directory = tempfile::tempdir().unwrap();
        let origin = Origin::load(OriginConfig {
            listen: any,
            ops_listen: None,
            state_dir: directory.path().to_owned(),
            streams: [(String::from("main"), StreamConfig { key: Some(StreamKey(KEY.to_owned())) })].into(),
            trackers: vec![url.clone()],
            ..OriginConfig::default()
        });
        let origin = origin.await.unwrap();
        let (address, src) = (origin.local_addr(), format!("{}/live/main/master.m3u8", origin.public_url()));
        let serving = Running::start(|shutdown| async move { origin.run(shutdown).await.unwrap() });
        let publishing = publish(address).await;
        Self { src, tracker: url, tracking, serving, publishing, _directory: directory }
    }

    /// Ends everything that it started.
    pub(crate) async fn strike(self) {
        self.publishing.abort();
        let _ = self.publishing.await;
        self.serving.stop().await;
        self.tracking.stop().await;
    }
}

/// Publishes some segments at once, and then goes on as a camera does; answers when those are there.
async fn publish(address: SocketAddr) -> JoinHandle<()> {
    let mut encoder = Encoder::new(GOP);
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PUT /publish/main/a?key={KEY} HTTP/1.1\r\nhost: origin\r\nconnection: close\r\n\
         transfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    send(&mut stream, &encoder.init()).await;
    for _ in 0..=BEFORE * (GOP / FRAGMENT_FRAMES) {
        send(&mut stream, &encoder.fragment(FRAGMENT_FRAMES)).await;
    }
    while !listed(address).await {}
    tokio::spawn(async move {
        let mut ticks = interval(FRAGMENT);
        loop {
            ticks.tick().await;
            send(&mut stream, &encoder.fragment(FRAGMENT_FRAMES)).await;
        }
    })
}

async fn send(stream: &mut TcpStream, bytes: &[u8]) {
    let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    // An origin that stops breaks off.
    let _ = stream.write_all(&chunk).await;
}

/// Whether the origin has taken what was published before.
async fn listed(address: SocketAddr) -> bool {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /live/main/a/index.m3u8 HTTP/1.1\r\nhost: origin\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.matches("#EXTINF").count() >= BEFORE as usize - 1
}
