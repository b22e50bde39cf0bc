//! Viewers of a live stream: each takes every block, one after the other, on one connection, and asks before it is there.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use measure::clock::Clock;
use measure::failure::{Context, Failure, Outcome};
use measure::usage::Usage;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::connection::{Connection, request};
use crate::publisher::{Finals, Publisher};
use crate::steady::{Cost, Taken, figures};

/// The stream that is published meanwhile.
pub(crate) const STREAM: &str = "live";
/// Bytes of its frames: 0.8 Mbit/s.
const FRAME_BYTES: u32 = 4_000;
/// Between two looks for the first whole segment.
const LOOK: Duration = Duration::from_millis(100);
/// Looks: 20 s.
const LOOKS_MAX: u32 = 200;

/// What the viewers share.
#[derive(Debug)]
struct World {
    address: SocketAddr,
    clock: Clock,
    finals: Finals,
    /// The number of the first segment.
    first: u64,
    taken: Taken,
    /// From the last byte of a block, sent, to all of the block, read, in microseconds.
    delays: RefCell<Vec<u64>>,
    /// Blocks that were gone, or answers that nobody expects.
    lost: Cell<u64>,
    measures: Cell<bool>,
}

/// Figures: name, unit, value.
pub(crate) async fn measure(
    address: SocketAddr,
    usage: impl Fn() -> Outcome<Usage>,
    viewers: u32,
    time: Duration,
    clock: Clock,
) -> Outcome<Vec<(&'static str, &'static str, f64)>> {
    let publisher = Publisher::start(address, STREAM, FRAME_BYTES).await?;
    let finals = Finals::default();
    let mut tasks = JoinSet::new();
    tasks.spawn_local(publisher.live(clock, finals.clone()));
    let first = first_segment(address).await?;
    let world = Rc::new(World {
        address,
        clock,
        finals,
        first,
        taken: Taken::default(),
        delays: RefCell::default(),
        lost: Cell::default(),
        measures: Cell::default(),
    });
    let alone = usage()?;
    for _ in 0..viewers {
        tasks.spawn_local(watch(Rc::clone(&world)));
    }
    let timed = async {
        // A whole segment each, so that everybody waits at the live edge.
        sleep(Duration::from_secs(4)).await;
        let (before, from) = (usage()?, clock.now_us());
        let (requests, bytes) = (world.taken.requests.get(), world.taken.bytes.get());
        world.measures.set(true);
        sleep(time).await;
        let (after, until) = (usage()?, clock.now_us());
        let mut figures = figures(Cost {
            requests: (world.taken.requests.get() - requests) as f64,
            bytes: (world.taken.bytes.get() - bytes) as f64,
            seconds: (until - from) as f64 / 1e6,
            cpu_us: after.cpu_us_since(&before),
        });
        let memory = after.resident_bytes as f64 - alone.resident_bytes as f64;
        figures.push(("memory per viewer", "KB", memory / 1e3 / f64::from(viewers)));
        let mut delays = world.delays.take();
        delays.sort_unstable();
        figures.push(("block whole to block read, p50", "ms", percentile(&delays, 50)));
        figures.push(("block whole to block read, p99", "ms", percentile(&delays, 99)));
        figures.push(("blocks lost", "", world.lost.get() as f64));
        Ok(figures)
    };
    tokio::select! {
        figures = timed => figures,
        Some(ended) = tasks.join_next() => {
            let failure = ended.context("a viewer")?.err();
            Err(failure.unwrap_or_else(|| Failure("a viewer left".to_owned())))
        }
    }
}

/// The number of the first segment, once it is listed.
async fn first_segment(address: SocketAddr) -> Outcome<u64> {
    let mut connection = Connection::open(address).await?;
    for _ in 0..LOOKS_MAX {
        let path = format!("/live/{STREAM}/a/index.m3u8");
        if let Ok(playlist) = connection.body(&path).await {
            let playlist = String::from_utf8_lossy(&playlist).into_owned();
            let number = playlist.lines().find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:"));
            return number.and_then(|number| number.parse().ok()).context("the playlist's first number");
        }
        sleep(LOOK).await;
    }
    Err(Failure("the live stream does not begin".to_owned()))
}

async fn watch(world: Rc<World>) -> Outcome {
    let mut connection = Connection::open(world.address).await?;
    let (mut segment, mut block) = (1, 0);
    loop {
        let path = format!("/live/{STREAM}/a/{}/blocks/{block}", world.first + segment);
        let answer = connection.get(&request(&path)).await?;
        world.taken.add(if answer.status == 200 { answer.bytes } else { 0 });
        match answer.status {
            200 => {
                world.note(segment, block);
                block += 1;
            }
            // The segment has ended: past its last block there is none.
            404 => (segment, block) = (segment + 1, 0),
            // Not whole within a target duration: a stream that is late, or a machine.
            503 => {}
            _ => {
                world.lost.set(world.lost.get() + 1);
                (segment, block) = (segment + 1, 0);
            }
        }
    }
}

impl World {
    fn note(&self, segment: u64, block: u64) {
        if let Some(whole) = self.finals.of(segment, block).filter(|_| self.measures.get()) {
            self.delays.borrow_mut().push(self.clock.now_us().saturating_sub(whole));
        }
    }
}

/// In milliseconds; not a number where there is nothing.
fn percentile(sorted_us: &[u64], percent: usize) -> f64 {
    let at = (sorted_us.len() * percent / 100).min(sorted_us.len().saturating_sub(1));
    sorted_us.get(at).map_or(f64::NAN, |us| *us as f64 / 1e3)
}
