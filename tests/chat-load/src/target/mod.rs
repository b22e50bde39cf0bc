//! The servers under measure: how each is installed, started, told messages, and stopped. Every server has the first
//! core for itself; the viewers have the second.

mod deployment;
mod install;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub(crate) use deployment::Deployment;

use crate::cli::{Options, Peer};
use crate::crowd::Dialect;
use crate::publisher::Door;
use measure::clock::Clock;
use measure::failure::{Context, Failure, Outcome};
use measure::server::free_addresses;
use measure::usage::{self, Usage};

/// A server that has not let itself be connected to by then will not.
const STARTED: Duration = Duration::from_secs(15);
/// Between two looks at whether it listens.
const LOOK: Duration = Duration::from_millis(20);
/// The core of the servers.
const SERVER_CORE: &str = "0";

/// A server that can be measured.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Ours(PathBuf),
    /// This program itself.
    Floor(PathBuf),
    Nats(PathBuf),
    Ws(PathBuf),
    /// Python, and what it runs.
    Uws([PathBuf; 2]),
    Centrifugo(PathBuf, PathBuf),
}

/// How messages leave a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Batch {
    /// As the server does it unasked; the floor writes each alone.
    Own,
    /// Together, once in so long; only ours and the floor can be told.
    Every(Duration),
}

impl Target {
    /// Everybody who is measured in this run, ours first; peers that are missing are installed.
    pub(crate) fn all(options: &Options) -> Outcome<Vec<Self>> {
        let here = std::env::current_exe().context("finding this program")?;
        let mut all = vec![
            Self { name: "ours", kind: Kind::Ours(options.chat_edge.clone()) },
            Self { name: "floor", kind: Kind::Floor(here) },
        ];
        let peers = options.choice.out.join("peers");
        fs::create_dir_all(&peers).context("a folder for the peers")?;
        let peers = peers.canonicalize().context("a folder for the peers")?;
        for peer in &options.choice.peer {
            all.push(match peer {
                Peer::Nats => Self { name: "nats-server", kind: Kind::Nats(peers.clone()) },
                Peer::Ws => Self { name: "ws", kind: Kind::Ws(install::ws(&peers)?) },
                Peer::Uws => Self { name: "uWebSockets", kind: Kind::Uws(install::uws(&peers)?) },
                Peer::Centrifugo => Self {
                    name: "centrifugo",
                    kind: Kind::Centrifugo(install::centrifugo(&peers)?, peers.clone()),
                },
            });
        }
        Ok(all)
    }

    /// Ours keeps books, and can be asked for them.
    pub(crate) const fn is_ours(&self) -> bool {
        matches!(self.kind, Kind::Ours(_))
    }

    /// The program of which several are one server, where it is one.
    pub(crate) fn many(&self) -> Option<&Path> {
        if let Kind::Ours(program) = &self.kind { Some(program) } else { None }
    }

    /// Its messages can be told to go together.
    pub(crate) const fn batches(&self) -> bool {
        matches!(self.kind, Kind::Ours(_) | Kind::Floor(_))
    }

    /// Ours is an edge that drops what nobody can read in time; the floor knows no slow reader.
    pub(crate) const fn knows_slow_readers(&self) -> bool {
        !matches!(self.kind, Kind::Floor(_))
    }

    /// What its viewers speak.
    pub(crate) const fn dialect(&self) -> Dialect {
        match self.kind {
            Kind::Ours(_) | Kind::Floor(_) => Dialect::Goim,
            Kind::Nats(_) => Dialect::Nats,
            Kind::Ws(_) | Kind::Uws(_) => Dialect::Ws,
            Kind::Centrifugo(..) => Dialect::Centrifugo,
        }
    }

    /// How it is told messages.
    pub(crate) const fn door(&self) -> Door {
        match self.kind {
            Kind::Ours(_) => Door::Goim,
            Kind::Floor(_) | Kind::Ws(_) => Door::Lines,
            Kind::Nats(_) => Door::Nats,
            Kind::Uws(_) => Door::WebSocket,
            Kind::Centrifugo(..) => Door::Centrifugo,
        }
    }

    fn program(&self) -> &Path {
        match &self.kind {
            Kind::Ours(program) | Kind::Floor(program) | Kind::Centrifugo(program, _) => program,
            Kind::Nats(_) => Path::new("nats-server"),
            Kind::Ws(_) => Path::new("node"),
            Kind::Uws([python, _]) => python,
        }
    }

    fn arguments(&self, ports: [SocketAddr; 3], batch: Batch) -> Outcome<Vec<String>> {
        let [viewers, publish, other] = ports;
        let mut arguments = Vec::new();
        match &self.kind {
            Kind::Ours(_) => {
                arguments.extend(["--listen".into(), viewers.to_string(), "--api-listen".into()]);
                arguments.extend([publish.to_string(), "--web-listen".into(), other.to_string()]);
                // Nobody else keeps what is said.
                arguments.extend(["--store".into(), "memory".into()]);
                if let Batch::Every(span) = batch {
                    let span = span.as_millis().to_string();
                    arguments.extend(["--tick-min-ms".into(), span.clone(), "--tick-max-ms".into(), span]);
                }
            }
            Kind::Floor(_) => {
                arguments.extend(["floor".into(), "--listen".into(), viewers.to_string()]);
                arguments.extend(["--publish".into(), publish.to_string()]);
                if let Batch::Every(span) = batch {
                    arguments.extend(["--batch-ms".into(), span.as_millis().to_string()]);
                }
            }
            Kind::Nats(folder) => {
                let path = install::nats_config(folder, viewers, publish)?;
                arguments.extend(["--config".into(), path.display().to_string()]);
            }
            Kind::Ws(folder) => {
                arguments.push(folder.join("serve.cjs").display().to_string());
                arguments.extend([viewers.port().to_string(), publish.port().to_string()]);
            }
            Kind::Uws([_, program]) => {
                arguments.extend([program.display().to_string(), viewers.port().to_string()]);
            }
            Kind::Centrifugo(_, folder) => {
                let path = install::centrifugo_config(folder, viewers, publish)?;
                arguments.extend(["--config".into(), path.display().to_string()]);
            }
        }
        Ok(arguments)
    }
}

/// A program that has the first core, as others of its kind.
fn on_server_core(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", SERVER_CORE]).arg(program).env("GOMAXPROCS", "1");
    command.env("TOKIO_WORKER_THREADS", "1").env("RUST_LOG", "warn");
    command
}

/// A running server; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Where viewers connect.
    pub(crate) address: SocketAddr,
    /// Where messages come in.
    pub(crate) publish: SocketAddr,
}

impl Server {
    /// Starts it on ports that are free now, and waits until it listens.
    pub(crate) fn start(target: &Target, clock: Clock, batch: Batch) -> Outcome<Self> {
        let mut ports = free_addresses()?;
        if matches!(target.kind, Kind::Uws(_)) {
            // It has one port for both.
            ports[1] = ports[0];
        }
        let mut command = on_server_core(target.program());
        command.args(target.arguments(ports, batch)?);
        Self::spawn(command, ports, clock).map_err(|failure| Failure(format!("{}: {failure}", target.name)))
    }

    /// Starts a program that will listen on the first two of these ports.
    pub(crate) fn spawn(mut command: Command, ports: [SocketAddr; 3], clock: Clock) -> Outcome<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().context("starting it")?;
        let [address, publish, _] = ports;
        let mut server = Self { child, address, publish };
        let end = clock.now() + STARTED;
        while TcpStream::connect(address).is_err() || TcpStream::connect(publish).is_err() {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(Failure(format!("it ended before it listened: {status}")));
            }
            if clock.now() > end {
                return Err(Failure(format!("it does not listen on {address}")));
            }
            clock.rest(LOOK);
        }
        Ok(server)
    }

    /// Its memory; of what several of them share only its part.
    pub(crate) fn own_bytes(&self) -> Outcome<u64> {
        usage::own_bytes(self.child.id())
    }

    /// What it costs.
    pub(crate) fn usage(&self) -> Outcome<Usage> {
        Usage::of(self.child.id())
    }

    /// What it answers at a path of the address that messages come in at, head and all.
    pub(crate) fn get(&self, path: &str) -> Outcome<String> {
        let mut stream = TcpStream::connect(self.publish).context("asking the server")?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: chat\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).context("asking the server")?;
        let mut page = String::new();
        stream.read_to_string(&mut page).context("asking the server")?;
        Ok(page)
    }

    /// The sum of the samples of one of our metrics whose labels contain `label`.
    pub(crate) fn metric(&self, name: &str, label: &str) -> Outcome<u64> {
        let page = self.get("/metrics")?;
        let name = format!("shoal_chat_{name}");
        let samples = page.lines().filter_map(|line| line.rsplit_once(' '));
        let samples = samples.filter(|(sample, _)| {
            sample.strip_prefix(&name).is_some_and(|labels| labels.is_empty() || labels.starts_with('{'))
                && sample.contains(label)
        });
        samples.map(|(_, value)| value.trim().parse::<u64>().context("a metric")).sum()
    }
}

impl Server {
    /// It is no more (SIGKILL).
    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
