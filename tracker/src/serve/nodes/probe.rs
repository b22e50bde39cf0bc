//! Nodes from the configuration: each asks the others whether they live.

use std::sync::Arc;
use std::time::Duration;

use bus::presence::Roll;
use protocol::presence::Beat;
use service::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{Probes, tell};
use crate::nodes::{Map, Node};

/// Between two questions.
const EVERY: Duration = Duration::from_secs(1);
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_millis(900);
/// A node that has not answered for so long is gone: three questions in vain.
const LIFETIME: protocol::time::Duration = protocol::time::Duration::from_millis(3_500);
/// What is asked; any tracker answers it.
const QUESTION: &[u8] = b"GET /health HTTP/1.1\r\nhost: node\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 ";

/// Asks for ever, and tells who answers.
pub(super) async fn run(here: Node, others: Vec<Node>, maps: watch::Sender<Arc<Map>>) {
    let (clock, mut roll) = (Clock::start(), Roll::new(LIFETIME));
    let mut due = interval(EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        let mut probes = Probes::new();
        for node in &others {
            let (name, address) = (node.name.clone(), node.address.clone());
            probes.spawn(async move { lives(&address).await.then_some(name) });
        }
        while let Some(answer) = probes.join_next().await {
            if let Ok(Some(name)) = answer {
                let beat = Beat { name, epoch: 0, leaving: false, facts: Vec::new() };
                roll.on_beat(clock.now(), beat);
            }
        }
        roll.on_time(clock.now(), false);
        let alive = |node: &&Node| roll.nodes().any(|alive| alive.name == node.name);
        let map = Map::new(&here.name, others.iter().filter(alive).chain([&here]).cloned());
        tell(&maps, map);
    }
}

async fn lives(address: &str) -> bool {
    timeout(PATIENCE, ask(address)).await.is_ok_and(|answer| answer.is_ok_and(|answer| answer == ANSWER))
}

async fn ask(address: &str) -> std::io::Result<[u8; ANSWER.len()]> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(QUESTION).await?;
    let mut answer = [0; ANSWER.len()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}
