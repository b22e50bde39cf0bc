//! An encoder at the origin: as fast as it is taken, or in real time with a note of when each block was whole.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use measure::clock::Clock;
use measure::failure::{Context, Failure, Outcome};
use protocol::limits::BLOCK_BYTES;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::Encoder;

/// The key that every stream of a bench has.
pub(crate) const KEY: &str = "bench";
/// Frames of a group, at 25 a second: a segment is 2 s.
const GOP: u32 = 50;
/// Frames of a fragment: five fragments a second, as docs advise encoders to.
const FRAGMENT_FRAMES: u32 = 5;
/// The time of a fragment.
const FRAGMENT: Duration = Duration::from_millis(200);

/// An encoder that has begun.
#[derive(Debug)]
pub(crate) struct Publisher {
    stream: TcpStream,
    encoder: Encoder,
}

/// When the last byte of each block was sent, by segments since the first and blocks in them, in microseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finals(Rc<RefCell<BTreeMap<(u64, u64), u64>>>);

impl Finals {
    pub(crate) fn of(&self, segment: u64, block: u64) -> Option<u64> {
        self.0.borrow().get(&(segment, block)).copied()
    }
}

impl Publisher {
    /// Begins to publish a stream whose frames have so many bytes.
    pub(crate) async fn start(address: SocketAddr, stream: &str, frame_bytes: u32) -> Outcome<Self> {
        let encoder = Encoder { frame_bytes, ..Encoder::new(GOP) };
        let mut publisher =
            Self { stream: TcpStream::connect(address).await.context("publishing")?, encoder };
        let head = format!(
            "PUT /publish/{stream}/a?key={KEY} HTTP/1.1\r\nhost: origin\r\nconnection: close\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        publisher.stream.write_all(head.as_bytes()).await.context("publishing")?;
        let init = publisher.encoder.init();
        publisher.send(&init).await?;
        Ok(publisher)
    }

    /// Sends so many whole segments as fast as they are taken, and ends in order.
    pub(crate) async fn publish(mut self, segments: u32) -> Outcome {
        for _ in 0..segments * (GOP / FRAGMENT_FRAMES) {
            let fragment = self.encoder.fragment(FRAGMENT_FRAMES);
            self.send(&fragment).await?;
        }
        self.stream.write_all(b"0\r\n\r\n").await.context("publishing")?;
        let mut response = Vec::new();
        self.stream.read_to_end(&mut response).await.context("publishing")?;
        let response = String::from_utf8_lossy(&response);
        if response.starts_with("HTTP/1.1 200") {
            return Ok(());
        }
        Err(Failure(format!("the origin did not take the stream: {response}")))
    }

    /// Sends a fragment every 200 ms until it is dropped.
    pub(crate) async fn live(mut self, clock: Clock, finals: Finals) -> Outcome {
        let mut ticks = tokio::time::interval(FRAGMENT);
        let (mut segment, mut bytes) = (0, 0);
        loop {
            ticks.tick().await;
            let begins = self.encoder.frame.is_multiple_of(u64::from(GOP)) && self.encoder.frame > 0;
            let fragment = self.encoder.fragment(FRAGMENT_FRAMES);
            let now = clock.now_us();
            if begins {
                // The last, short block of a segment is whole when the origin finds that nothing follows: no time of ours.
                (segment, bytes) = (segment + 1, 0);
            }
            let before = bytes / u64::from(BLOCK_BYTES);
            bytes += fragment.len() as u64;
            for block in before..bytes / u64::from(BLOCK_BYTES) {
                finals.0.borrow_mut().insert((segment, block), now);
            }
            self.send(&fragment).await?;
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> Outcome {
        let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        self.stream.write_all(&chunk).await.context("publishing")
    }
}
