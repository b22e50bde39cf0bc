//! Viewers: each has one connection, reads everything while it writes, and answers every offer.

use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use futures_util::stream::{self, SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_local};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::pace::wait_until;
use crate::world::{Queue, World};
use measure::failure::{Context, Failure, Outcome};

/// Frames that wait in a viewer; more than any shape lets gather.
const QUEUE_FRAMES_MAX: usize = 4_096;
/// Viewers who connect at once while a crowd gathers.
const CONNECTING_AT_ONCE: usize = 64;
/// Loopback addresses that viewers come from: one has 28,000 ports, fewer than a storm needs twice.
const ADDRESSES: u8 = 16;
/// A crowd that has not gathered by then will not.
const GATHERED: Duration = Duration::from_secs(180);

/// One viewer; dropping it closes its connection.
#[derive(Debug)]
pub(crate) struct Viewer {
    pub(crate) number: usize,
    pub(crate) queue: Queue,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Viewer {
    /// Connects.
    pub(crate) async fn connect(world: &Rc<World>, number: usize) -> Outcome<Self> {
        let stream = dial(world.address, number).await.context("connecting")?;
        let url = format!("ws://{}/", world.address);
        let config = WebSocketConfig::default().read_buffer_size(4_096).write_buffer_size(8_192);
        let (socket, _) = client_async_with_config(url, stream, Some(config)).await.context("handshake")?;
        let (sink, stream) = socket.split();
        let (queue, waiting) = mpsc::channel(QUEUE_FRAMES_MAX);
        let reader = spawn_local(read(Rc::clone(world), number, stream, queue.clone()));
        let writer = spawn_local(write(sink, waiting));
        Ok(Self { number, queue, tasks: [reader, writer] })
    }

    /// Announces with so many offers.
    pub(crate) fn announce(&self, world: &World, offers: u64) {
        world.announce(self.number, offers, &self.queue);
    }

    /// Whether its connection is over.
    pub(crate) fn is_over(&self) -> bool {
        self.tasks[0].is_finished()
    }
}

async fn dial(address: SocketAddr, number: usize) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if address.ip().is_loopback() {
        let host = 1 + (number % usize::from(ADDRESSES)) as u8;
        socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, host), 0)))?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn read(
    world: Rc<World>,
    number: usize,
    mut stream: SplitStream<WebSocketStream<TcpStream>>,
    queue: Queue,
) {
    while let Some(Ok(frame)) = stream.next().await {
        world.on_frame(number, &frame, &queue);
    }
    world.on_end();
}

/// Writes what waits, as much as there is at once: one call of the system for a burst.
async fn write(
    mut sink: SplitSink<WebSocketStream<TcpStream>, Message>,
    mut waiting: mpsc::Receiver<Message>,
) {
    while let Some(frame) = waiting.recv().await {
        let mut next = Some(frame);
        while let Some(frame) = next {
            if sink.feed(frame).await.is_err() {
                return;
            }
            next = waiting.try_recv().ok();
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
}

/// Connects `count` viewers, each of whom announces once without offers; returns when all have their reply.
pub(crate) async fn gather(world: &Rc<World>, count: usize) -> Outcome<Vec<Viewer>> {
    let before = world.tally.borrow().replies;
    let connecting = (0..count).map(|number| async move {
        let viewer = Viewer::connect(world, number).await?;
        viewer.announce(world, 0);
        Ok::<_, Failure>(viewer)
    });
    let results: Vec<_> = stream::iter(connecting).buffer_unordered(CONNECTING_AT_ONCE).collect().await;
    let mut viewers = results.into_iter().collect::<Outcome<Vec<_>>>()?;
    viewers.sort_unstable_by_key(|viewer| viewer.number);
    let replied = || world.tally.borrow().replies >= before + count as u64;
    if wait_until(world.clock, GATHERED, replied).await {
        return Ok(viewers);
    }
    let tally = world.tally.borrow();
    Err(Failure(format!(
        "{} of {count} viewers were answered; {} were refused, last: {:?}",
        tally.replies - before,
        tally.refusals,
        tally.last_refusal
    )))
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use tokio::task::LocalSet;
    use tracker::serve::{Config, Tracker};

    use super::*;
    use crate::words::Speaks;
    use measure::clock::Clock;

    #[tokio::test]
    async fn a_small_crowd_has_every_offer_answered_by_our_tracker() {
        let config = Config { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..Config::default() };
        let tracker = Tracker::load(config).await.unwrap();
        let address = tracker.local_addr();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(tracker.run(async { stopped.await.unwrap_or(()) }));
        let crowd = async {
            for speaks in [Speaks::Text, Speaks::Binary] {
                answered(&Rc::new(World::new(Clock::start(), address, speaks))).await;
            }
        };
        LocalSet::new().run_until(crowd).await;
        let _ = stop.send(());
        served.await.unwrap();
    }

    async fn answered(world: &Rc<World>) {
        let viewers = gather(world, 20).await.unwrap();
        world.start_measure();
        viewers.iter().for_each(|viewer| viewer.announce(world, 5));
        assert!(wait_until(world.clock, GATHERED, || world.tally.borrow().open() == 0).await);
        let tally = world.tally.borrow();
        assert_eq!((tally.offers, tally.answers, tally.refusals, tally.ended), (100, 100, 0, 0));
    }
}
