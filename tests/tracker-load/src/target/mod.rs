//! The trackers under measure: how each is installed, started and stopped.

mod install;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::cli::{Options, Peer};
use crate::words::Speaks;
use measure::clock::Clock;
use measure::failure::{Context, Failure, Outcome};
use measure::server::{Server, free_address};

/// A tracker that can be measured.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) speaks: Speaks,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Ours(PathBuf),
    /// This program itself.
    Floor(PathBuf),
    BittorrentTracker {
        folder: PathBuf,
        viewers_per_swarm_max: u32,
    },
    AquaticWs {
        program: PathBuf,
        folder: PathBuf,
    },
}

impl Target {
    /// Everybody who is measured in this run, ours first; peers that are missing are installed.
    pub(crate) fn all(options: &Options) -> Outcome<Vec<Self>> {
        let here = std::env::current_exe().context("finding this program")?;
        let mut all =
            vec![Self::of("ours", Kind::Ours(options.tracker.clone())), Self::of("floor", Kind::Floor(here))];
        if options.binary {
            let ours = Self::of("ours, binary", Kind::Ours(options.tracker.clone()));
            all.insert(1, Self { speaks: Speaks::Binary, ..ours });
        }
        let peers = options.choice.out.join("peers");
        for peer in &options.choice.peer {
            all.push(Self::peer(*peer, &peers)?);
        }
        Ok(all)
    }

    const fn of(name: &'static str, kind: Kind) -> Self {
        Self { name, speaks: Speaks::Text, kind }
    }

    fn peer(peer: Peer, folder: &Path) -> Outcome<Self> {
        let bittorrent_tracker = |viewers_per_swarm_max| {
            let folder = install::bittorrent_tracker(folder)?;
            Ok::<_, Failure>(Kind::BittorrentTracker { folder, viewers_per_swarm_max })
        };
        Ok(match peer {
            Peer::BittorrentTracker => Self::of("bittorrent-tracker", bittorrent_tracker(1_000)?),
            Peer::BittorrentTrackerWhole => Self::of("bittorrent-tracker-whole", bittorrent_tracker(20_000)?),
            Peer::AquaticWs => {
                let program = install::aquatic_ws(folder)?;
                Self::of("aquatic_ws", Kind::AquaticWs { program, folder: folder.to_path_buf() })
            }
        })
    }

    /// Ours can be told how many threads it may use, and to come back on its port.
    pub(crate) const fn is_ours(&self) -> bool {
        matches!(self.kind, Kind::Ours(_))
    }

    /// It relays; the floor only answers.
    pub(crate) const fn relays(&self) -> bool {
        !matches!(self.kind, Kind::Floor(_))
    }

    fn command(&self, address: SocketAddr, workers: Option<u32>) -> Outcome<Command> {
        let port = address.port().to_string();
        let mut command = match &self.kind {
            Kind::Ours(program) => {
                let mut command = Command::new(program);
                command.arg("--listen").arg(address.to_string());
                // One sender here stands for hundreds of viewers; others' trackers have no such limits to switch off.
                for rate in ["messages", "offers", "bytes"] {
                    command.arg(format!("--{rate}-per-connection-per-s=0"));
                }
                command
            }
            Kind::Floor(program) => {
                let mut command = Command::new(program);
                command.arg("floor").env("FLOOR_LISTEN", address.to_string());
                command
            }
            Kind::BittorrentTracker { folder, viewers_per_swarm_max } => {
                let mut command = Command::new("node");
                command.arg("serve.mjs").arg(port).arg(viewers_per_swarm_max.to_string());
                command.current_dir(folder);
                command
            }
            Kind::AquaticWs { program, folder } => {
                let mut command = Command::new(program);
                command.arg("-c").arg(install::aquatic_ws_config(folder, address)?);
                command
            }
        };
        if let Some(workers) = workers {
            command.env("TOKIO_WORKER_THREADS", workers.to_string());
        }
        command.stderr(Stdio::null());
        Ok(command)
    }
}

/// Starts it on a port that is free now, and waits until it listens.
pub(crate) async fn start(target: &Target, clock: Clock, workers: Option<u32>) -> Outcome<Server> {
    start_at(target, clock, workers, free_address()?).await
}

/// Starts it at an address.
pub(crate) async fn start_at(
    target: &Target,
    clock: Clock,
    workers: Option<u32>,
    address: SocketAddr,
) -> Outcome<Server> {
    Server::start(target.command(address, workers)?, address, clock).await.context(target.name)
}
