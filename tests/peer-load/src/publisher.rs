//! An encoder at the origin: some segments at once, so that viewers have where to start, then in real time.

use std::net::SocketAddr;
use std::time::Duration;

use measure::failure::{Context, Outcome};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::fixture::Encoder;

/// The key that the stream of the bench has.
pub(crate) const KEY: &str = "bench";
/// Frames of a group, at 25 a second: a segment is 2 s.
const GOP: u32 = 50;
/// Frames of a fragment, and its time.
const FRAGMENT_FRAMES: u32 = 5;
const FRAGMENT: Duration = Duration::from_millis(200);
/// Segments that are there before anybody comes.
const BEFORE: u32 = 6;
/// What the fixture's sound takes of the rate, a frame.
const SOUND_BYTES: u32 = 100;

/// Publishes a stream of this rate until the handle is aborted.
pub(crate) async fn publish(address: SocketAddr, kbit: u32) -> Outcome<JoinHandle<()>> {
    let frame_bytes = (kbit * 125 / 25).saturating_sub(SOUND_BYTES).max(1);
    let mut encoder = Encoder { frame_bytes, ..Encoder::new(GOP) };
    let mut stream = TcpStream::connect(address).await.context("publishing")?;
    let head = format!(
        "PUT /publish/main/a?key={KEY} HTTP/1.1\r\nhost: origin\r\nconnection: close\r\n\
         transfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.context("publishing")?;
    send(&mut stream, &encoder.init()).await?;
    for _ in 0..=BEFORE * (GOP / FRAGMENT_FRAMES) {
        let fragment = encoder.fragment(FRAGMENT_FRAMES);
        send(&mut stream, &fragment).await?;
    }
    Ok(tokio::spawn(async move {
        let mut ticks = tokio::time::interval(FRAGMENT);
        loop {
            ticks.tick().await;
            let fragment = encoder.fragment(FRAGMENT_FRAMES);
            if send(&mut stream, &fragment).await.is_err() {
                return;
            }
        }
    }))
}

async fn send(stream: &mut TcpStream, bytes: &[u8]) -> Outcome {
    let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    stream.write_all(&chunk).await.context("publishing")
}
