//! A real NATS for tests: Debian's `nats-server`, on ports that the system picks.
//!
//! For tests only, and so it panics where it cannot go on.
#![expect(clippy::expect_used, clippy::panic, reason = "tests want no other way out")]

use std::fmt::Write;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStderr, Command};

use crate::Bus;
use crate::nats::Config;

/// A running server; dropping it kills it.
#[derive(Debug)]
pub struct Server {
    folder: TempDir,
    ports: Ports,
    hub: Option<u16>,
    child: Option<Child>,
}

/// Where a server listens, on the loopback.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// Clients.
    pub clients: u16,
    /// Other servers, which are another site.
    pub leafs: u16,
    /// Its own account of itself (HTTP).
    pub monitor: u16,
}

impl Server {
    /// Starts one, and waits until it is ready.
    pub async fn start() -> Self {
        Self::begin(None).await
    }

    /// Starts one for another site, joined to `hub` as a leaf node, and waits until it is joined.
    pub async fn start_leaf_of(hub: &Self) -> Self {
        Self::begin(Some(hub.ports.leafs)).await
    }

    async fn begin(hub: Option<u16>) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut server = Self { folder, ports: Ports::default(), hub, child: None };
        server.start_again().await;
        server
    }

    /// Kills it, as a crash would; its ports stay its own.
    pub async fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.expect("a server that can be killed");
        }
    }

    /// Stops it without ending it: it takes what is sent, as far as the system's buffers go, and answers nothing.
    pub async fn freeze(&self) {
        let id = self.child.as_ref().and_then(Child::id).and_then(|id| i32::try_from(id).ok());
        let process = id.and_then(Pid::from_raw).expect("a server that runs");
        kill_process(process, Signal::STOP).expect("a server that can be stopped");
        // Its threads stop one after another.
        while !is_stopped(process) {
            tokio::task::yield_now().await;
        }
    }

    /// Starts it again, where it was.
    pub async fn start_again(&mut self) {
        assert!(self.child.is_none(), "it runs");
        let config = self.folder.path().join("nats.conf");
        std::fs::write(&config, self.config()).expect("a configuration");
        let debian = Path::new("/usr/sbin/nats-server");
        let mut command = Command::new(if debian.exists() { debian } else { Path::new("nats-server") });
        command.arg("-c").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child =
            command.kill_on_drop(true).spawn().expect("nats-server (Debian: nats-server) on the path");
        let mut log = BufReader::new(child.stderr.take().expect("its log")).lines();
        self.ports = ready(&mut log, self.hub.is_some()).await;
        // Nobody reads the rest; a full pipe would stop it.
        tokio::spawn(async move { while matches!(log.next_line().await, Ok(Some(_))) {} });
        self.child = Some(child);
    }

    fn config(&self) -> String {
        let port = |port: u16| if port == 0 { -1 } else { i32::from(port) };
        let Ports { clients, leafs, monitor } = self.ports;
        let mut config = format!(
            "listen: \"127.0.0.1:{}\"\nhttp: \"127.0.0.1:{}\"\nleafnodes {{\n  listen: \"127.0.0.1:{}\"\n",
            port(clients),
            port(monitor),
            port(leafs),
        );
        if let Some(hub) = self.hub {
            write!(config, "  remotes: [{{ url: \"nats://127.0.0.1:{hub}\" }}]\n  reconnect: 1\n")
                .expect("a string takes all");
        }
        config + "}\n"
    }

    /// Where it listens.
    #[must_use]
    pub const fn ports(&self) -> Ports {
        self.ports
    }

    /// Its address for clients.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.ports.clients)
    }

    /// A bus over it, that has connected.
    pub async fn bus(&self, name: &str) -> Bus {
        let bus = Bus::nats(&Config::new(vec![self.url()], name)).await.expect("a sound configuration");
        bus.settle(std::time::Duration::from_secs(20)).await.expect("a NATS that answers");
        bus
    }

    /// What its monitor says: `path` is `/varz`, `/leafz` and so on; JSON.
    pub async fn monitor(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.ports.monitor)).await.expect("its monitor");
        let request = format!("GET {path} HTTP/1.0\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("its monitor");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("its monitor");
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).expect("an answer with a body")
    }
}

/// Whether every thread is stopped (proc(5): `T`).
fn is_stopped(process: Pid) -> bool {
    let threads = format!("/proc/{}/task", process.as_raw_nonzero());
    let threads = std::fs::read_dir(threads).expect("its threads");
    threads.flatten().all(|thread| {
        let status = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        status.rsplit_once(')').is_none_or(|(_, after)| after.trim_start().starts_with('T'))
    })
}

/// Reads the log until all is ready.
async fn ready(log: &mut Lines<BufReader<ChildStderr>>, leaf: bool) -> Ports {
    let mut ports = Ports::default();
    let (mut is_ready, mut joined) = (false, !leaf);
    while !(is_ready && joined) {
        let line = log.next_line().await.expect("a log").unwrap_or_else(|| panic!("nats-server ended"));
        let rows = [
            ("Listening for client connections on ", &mut ports.clients),
            ("Listening for leafnode connections on ", &mut ports.leafs),
            ("Starting http monitor on ", &mut ports.monitor),
        ];
        for (words, port) in rows {
            if let Some((_, address)) = line.split_once(words) {
                let digits = address.rsplit(':').next().unwrap_or_default();
                *port = digits.trim().parse().unwrap_or_else(|_| panic!("no port: {line}"));
            }
        }
        is_ready |= line.contains("Server is ready");
        joined |= line.contains("Leafnode connection created");
        assert!(!line.contains("[FTL]"), "nats-server: {line}");
    }
    ports
}
