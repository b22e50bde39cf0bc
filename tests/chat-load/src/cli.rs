//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use measure::choice::Choice;

/// The load generator and bench of chat edges.
#[derive(Debug, Parser)]
#[command(name = "chat-load", disable_version_flag = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Measure, print a table, write JSON
    Run(Options),
    /// Hold very many connections over several processes, and print the proof
    Million(Million),
    /// Be the floor: take messages and send each to its room, one bare non-blocking write for each member
    #[command(hide = true)]
    Floor(Floor),
    /// Be viewers who only stay (used by `million`)
    #[command(hide = true)]
    Hold(Hold),
}

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Our chat edge's program
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) chat_edge: PathBuf,
    #[command(flatten)]
    pub(crate) choice: Choice<Peer, Shape>,
    /// Times that each shape meets each server; what is printed is the median
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) pairs: u32,
    /// Seconds of publishing in each measure
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seconds: u32,
    /// Every number of viewers is divided by this: 50 makes a smoke test
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) divide: u32,
}

/// Servers of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    /// `nats-server` and its WebSocket port (Debian's package)
    Nats,
    /// npm `ws`, with the shortest program that has rooms
    Ws,
    /// uWebSockets, as PyPI's `socketify` has it: its pub/sub under a little Python (needs python3-venv)
    Uws,
    /// Centrifugo (Go's module proxy; needs Go)
    Centrifugo,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// 15,000 viewers join and are still; then a burst of 100 messages: memory, CPU of each join
    Idle,
    /// One room of 10,000, 5 messages per second, each written alone
    Unbatched,
    /// One room of 10,000, 40 messages per second, together once a second
    Second,
    /// The same every 250 ms
    Quarter,
    /// 1,000 rooms of 10, one message per second in each
    Rooms,
    /// 50 rooms of 10, a message every two seconds in each: delay
    Quiet,
    /// 100 of 5,000 viewers stop reading
    Stalled,
    /// One of three edges is killed while its room is talked in (ours only; needs nats-server)
    Killed,
}

#[derive(Args, Debug)]
pub(crate) struct Million {
    /// Our chat edge's program
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) chat_edge: PathBuf,
    /// Connections in all
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) connections: usize,
    /// Connections of one process at most: a process may have 20,000 files on many systems
    #[arg(long, default_value_t = 19_000)]
    pub(crate) connections_per_process: usize,
    /// Seconds between two heartbeats of a viewer
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) heartbeat_s: u32,
    /// Rounds of heartbeats that all connections are held for
    #[arg(long, default_value_t = 2)]
    pub(crate) rounds: u32,
    /// Gather no more once this machine has only so many GiB of memory left
    #[arg(long, default_value_t = 5.0)]
    pub(crate) spare_gib: f64,
    /// Where the proof goes
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Floor {
    /// Where viewers connect
    #[arg(long)]
    pub(crate) listen: SocketAddr,
    /// Where messages come in
    #[arg(long)]
    pub(crate) publish: SocketAddr,
    /// Milliseconds that messages gather; 0 writes each alone
    #[arg(long, default_value_t = 0)]
    pub(crate) batch_ms: u64,
}

#[derive(Args, Debug)]
pub(crate) struct Hold {
    /// The server
    #[arg(long)]
    pub(crate) address: SocketAddr,
    /// Connections
    #[arg(long)]
    pub(crate) connections: usize,
    /// Which process of the crowd this is: its loopback addresses follow from it
    #[arg(long)]
    pub(crate) process: u32,
    /// Seconds between two heartbeats of a viewer
    #[arg(long)]
    pub(crate) heartbeat_s: u32,
}
