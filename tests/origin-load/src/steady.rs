//! Connections that ask for what is there, each as fast as it is answered.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use measure::clock::Clock;
use measure::failure::{Context, Failure, Outcome};
use measure::usage::Usage;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::connection::{Connection, request};

/// Caches and allocators settle before anything is counted.
const WARM: Duration = Duration::from_millis(500);

/// What was taken.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) requests: Cell<u64>,
    pub(crate) bytes: Cell<u64>,
}

impl Taken {
    pub(crate) fn add(&self, bytes: u64) {
        self.requests.set(self.requests.get() + 1);
        self.bytes.set(self.bytes.get() + bytes);
    }
}

/// A stretch of a measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) requests: f64,
    pub(crate) bytes: f64,
    pub(crate) seconds: f64,
    pub(crate) cpu_us: f64,
}

/// Figures of a cost: name, unit, value.
pub(crate) fn figures(cost: Cost) -> Vec<(&'static str, &'static str, f64)> {
    let Cost { requests, bytes, seconds, cpu_us } = cost;
    vec![
        ("CPU per GB", "s", cpu_us / 1e6 / (bytes / 1e9)),
        ("CPU per request", "µs", cpu_us / requests),
        ("served", "MB/s", bytes / 1e6 / seconds),
        ("requests", "1/s", requests / seconds),
    ]
}

/// So many connections ask for these paths in turn.
pub(crate) async fn measure(
    address: SocketAddr,
    usage: impl Fn() -> Outcome<Usage>,
    paths: &[String],
    connections: u32,
    time: Duration,
    clock: Clock,
) -> Outcome<Cost> {
    let requests: Rc<[Vec<u8>]> = paths.iter().map(|path| request(path)).collect();
    let taken = Rc::new(Taken::default());
    let mut asking = JoinSet::new();
    for connection in 0..connections as usize {
        asking.spawn_local(ask(address, Rc::clone(&requests), connection, Rc::clone(&taken)));
    }
    let look = || Ok::<_, Failure>((usage()?, clock.now_us(), taken.requests.get(), taken.bytes.get()));
    let timed = async {
        sleep(WARM).await;
        let (before, from, requests, bytes) = look()?;
        sleep(time).await;
        let (after, until, requests_then, bytes_then) = look()?;
        Ok(Cost {
            requests: (requests_then - requests) as f64,
            bytes: (bytes_then - bytes) as f64,
            seconds: (until - from) as f64 / 1e6,
            cpu_us: after.cpu_us_since(&before),
        })
    };
    tokio::select! {
        cost = timed => cost,
        Some(ended) = asking.join_next() => {
            let Err(failure) = ended.context("a connection")?;
            Err(failure)
        }
    }
}

/// Ends only by a failure.
async fn ask(
    address: SocketAddr,
    requests: Rc<[Vec<u8>]>,
    first: usize,
    taken: Rc<Taken>,
) -> Result<std::convert::Infallible, Failure> {
    let mut connection = Connection::open(address).await?;
    for request in requests.iter().cycle().skip(first % requests.len().max(1)) {
        let answer = connection.get(request).await?;
        if answer.status != 200 {
            let request = String::from_utf8_lossy(request);
            return Err(Failure(format!(
                "{} for {}",
                answer.status,
                request.lines().next().unwrap_or_default()
            )));
        }
        taken.add(answer.bytes);
    }
    Err(Failure("there is nothing to ask for".to_owned()))
}
