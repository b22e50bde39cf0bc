//! Three trackers of one deployment as processes, over a real NATS: one joins late and takes its swarm, is killed, and
//! the swarm comes together elsewhere by itself.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bus::testing::Server;
use futures_util::{SinkExt, StreamExt};
use protocol::id::{InfoHash, PeerId};
use protocol::tracker::{Announce, ClientMessage, Event, ServerMessage, binary, text};
use service::clock::Clock;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{WebSocketStream, client_async};
use tracker::nodes::{Map, Node};

use crate::app::soon;

/// Within so long after a node died all its viewers are one swarm again.
const TOGETHER: Duration = Duration::from_secs(10);
/// Half of them speak as ours do and go where they are sent, the others as any WebTorrent client.
const VIEWERS: usize = 12;
/// The longest first wait of a client that lost its tracker; it doubles (`docs/spec/tracker.md`).
const BACK_OFF: Duration = Duration::from_millis(1_000);
const NAMES: [&str; 3] = ["t1", "t2", "t3"];

struct Process {
    address: SocketAddr,
    name: &'static str,
    child: Option<Child>,
}

impl Process {
    /// A place for a node, whose address is known before it runs: it is what the node tells of itself.
    fn place(name: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self { address: listener.local_addr().unwrap(), name, child: None }
    }

    fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    /// Runs until it listens.
    async fn start(&mut self, folder: &Path, more: &str) {
        let (name, url, listen) = (self.name, self.url(), self.address);
        let config = folder.join(name).with_extension("toml");
        let text = format!("listen = '{listen}'\nnode_name = '{name}'\nnode_url = '{url}'\n{more}\n");
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracker"));
        command.arg("--config").arg(config).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        self.child = Some(command.spawn().unwrap());
        soon(async {
            while TcpStream::connect(self.address).await.is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    async fn kill(&mut self) {
        soon(self.child.take().unwrap().kill()).await.unwrap();
    }
}

/// A swarm whose home among `names` is this one.
fn swarm_of(home: &str, names: &[&str]) -> InfoHash {
    let node = |name: &&str| Node { name: (*name).to_owned(), url: String::new(), address: String::new() };
    let is_home = |hash| Map::new(home, names.iter().map(node)).elsewhere(hash).is_none();
    (0..=u8::MAX).map(|number| InfoHash([number; 20])).find(|hash| is_home(*hash)).unwrap()
}

fn announce(info_hash: InfoHash, viewer: u8) -> ClientMessage {
    ClientMessage::Announce(Announce::new(info_hash, PeerId([viewer; 20]), Event::Started))
}

/// Watches for ever: announces, goes where it is sent, and when its tracker is gone tries the next of the list.
async fn watch(urls: Vec<SocketAddr>, swarm: InfoHash, viewer: u8) {
    let ours = viewer.is_multiple_of(2);
    let (mut place, mut tries, mut sent_to) = (usize::from(viewer), 0_u32, None);
    loop {
        let to = sent_to.take().unwrap_or(urls[place % urls.len()]);
        if let Ok(stream) = TcpStream::connect(to).await
            && let Ok((mut socket, _)) = client_async("ws://tracker/", stream).await
        {
            tries = 0;
            sent_to = session(&mut socket, &announce(swarm, viewer), ours).await;
            if sent_to.is_some() {
                continue;
            }
        }
        place += 1;
        // Some part of the wait, as jitter has it: different for each viewer.
        let part = f64::from(viewer % 10 + 1) / 10.0;
        tokio::time::sleep(BACK_OFF.mul_f64(part) * 2_u32.pow(tries.min(5))).await;
        tries += 1;
    }
}

/// Until the connection ends; where the tracker sent the viewer.
async fn session(
    socket: &mut WebSocketStream<TcpStream>,
    announce: &ClientMessage,
    ours: bool,
) -> Option<SocketAddr> {
    let frame = if ours {
        Message::binary(binary::encode_client(announce))
    } else {
        Message::text(text::encode_client(announce))
    };
    socket.send(frame).await.ok()?;
    loop {
        match socket.next().await?.ok()? {
            Message::Close(Some(frame)) if frame.code == CloseCode::Library(4_421) => {
                assert!(ours, "who knows no redirect is not redirected");
                return frame.reason.strip_prefix("ws://")?.trim_end_matches('/').parse().ok();
            }
            _ => {}
        }
    }
}

/// How many the swarm has, as a client of this node is told.
async fn size(node: &Process, swarm: InfoHash) -> Option<u32> {
    let stream = TcpStream::connect(node.address).await.ok()?;
    let (mut socket, _) = client_async("ws://tracker/", stream).await.ok()?;
    let scrape = text::encode_client(&ClientMessage::Scrape(vec![swarm]));
    socket.send(Message::text(scrape)).await.ok()?;
    loop {
        if let Message::Text(frame) = socket.next().await?.ok()?
            && let Ok(ServerMessage::Scrape(entries)) = text::decode_server(&frame)
        {
            return entries.first().map(|entry| entry.complete + entry.incomplete);
        }
    }
}

/// Resolves when every one of these nodes says that all viewers are in the swarm.
async fn together(nodes: &[&Process], swarm: InfoHash) {
    let mut look = interval(Duration::from_millis(50));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for node in nodes {
        while timeout(Duration::from_secs(1), size(node, swarm)).await != Ok(Some(VIEWERS as u32)) {
            look.tick().await;
        }
    }
}

#[tokio::test]
async fn a_swarm_moves_to_a_node_that_joins_and_comes_together_within_ten_seconds_when_that_is_killed() {
    let (nats, folder) = (Server::start().await, TempDir::new().unwrap());
    let [mut t1, mut t2, mut t3] = NAMES.map(Process::place);
    let more = format!("nats_servers = ['{}']", nats.url());
    tokio::join!(t1.start(folder.path(), &more), t3.start(folder.path(), &more));
    let swarm = swarm_of("t2", &NAMES);
    let urls = [&t1, &t2, &t3].map(|node| node.address).to_vec();
    let viewers = (0..VIEWERS).map(|viewer| tokio::spawn(watch(urls.clone(), swarm, viewer as u8)));
    let viewers: Vec<_> = viewers.collect();
    soon(together(&[&t1, &t3], swarm)).await;
    t2.start(folder.path(), &more).await;
    soon(together(&[&t1, &t2, &t3], swarm)).await;
    // Whether it lives there now, and not only says so: its death is felt.
    let clock = Clock::start();
    t2.kill().await;
    timeout(TOGETHER, together(&[&t1, &t3], swarm)).await.expect("one swarm again, within ten seconds");
    let took_s = clock.now().since(protocol::time::Instant::ZERO).as_secs_f64();
    println!("{VIEWERS} viewers were one swarm again {took_s:.1} s after their node was killed");
    viewers.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn nodes_that_the_configuration_names_find_each_other_without_nats_and_miss_one_that_dies() {
    let folder = TempDir::new().unwrap();
    let [mut t1, mut t2, mut t3] = NAMES.map(Process::place);
    let doors = NAMES.map(Process::place);
    let entry =
        |(node, door): (&Process, &Process)| format!("'{} {} {}'", node.name, node.url(), door.address);
    let nodes = [&t1, &t2, &t3].into_iter().zip(&doors).map(entry).collect::<Vec<_>>().join(", ");
    for (node, door) in [&mut t1, &mut t2, &mut t3].into_iter().zip(&doors) {
        node.start(folder.path(), &format!("node_listen = '{}'\nnodes = [{nodes}]", door.address)).await;
    }
    let swarm = swarm_of("t2", &NAMES);
    let urls = [&t1, &t2, &t3].map(|node| node.address).to_vec();
    let viewers = (0..VIEWERS).map(|viewer| tokio::spawn(watch(urls.clone(), swarm, viewer as u8)));
    let viewers: Vec<_> = viewers.collect();
    soon(together(&[&t1, &t2, &t3], swarm)).await;
    t2.kill().await;
    timeout(TOGETHER, together(&[&t1, &t3], swarm)).await.expect("one swarm again, within ten seconds");
    viewers.iter().for_each(tokio::task::JoinHandle::abort);
}
