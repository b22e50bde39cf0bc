//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use measure::choice::Choice;

/// The load generator and bench of the origin.
#[derive(Debug, Parser)]
#[command(name = "origin-load", disable_version_flag = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Measure, print a table, write JSON
    Run(Options),
    /// Be the floor: answer with the files of a folder, from memory, and know nothing
    Floor {
        /// The folder
        folder: PathBuf,
        /// The address
        listen: std::net::SocketAddr,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Our origin's program
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) origin: PathBuf,
    #[command(flatten)]
    pub(crate) choice: Choice<Peer, Shape>,
    /// Seconds that each measure takes
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u64,
    /// Keep-alive connections that ask as fast as they are answered
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) connections: u32,
    /// Viewers of the live stream, each with one connection and one GET that waits
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) viewers: u32,
}

/// Servers of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    /// Debian's nginx, one process, sendfile on, no access log
    Nginx,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// Blocks of 61,440 bytes
    Blocks,
    /// Segments of 2 s at 0.8 Mbit/s
    Segments,
    /// Segments of 2 s at 6 Mbit/s
    Large,
    /// A media playlist
    Playlist,
    /// Viewers that take every block of a live stream, each asked for before it is there
    Live,
}
