//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use measure::choice::Choice;

/// The load generator and bench of trackers.
#[derive(Debug, Parser)]
#[command(name = "tracker-load", disable_version_flag = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Measure, print a table, write JSON
    Run(Options),
    /// Be the floor: answer every announce with the same reply, and know nothing
    Floor,
}

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Our tracker's program
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) tracker: PathBuf,
    #[command(flatten)]
    pub(crate) choice: Choice<Peer, Shape>,
    /// Measure ours once more, with viewers who speak MessagePack as our own player does
    #[arg(long)]
    pub(crate) binary: bool,
    /// Seconds that each measure with a rate takes
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u64,
    /// Every number of viewers is divided by this: 50 makes a smoke test
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) divide: u32,
}

/// Trackers of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    /// npm `bittorrent-tracker`, as it comes: a swarm hands out its latest 1,000 viewers
    BittorrentTracker,
    /// The same with room for every viewer of a swarm
    BittorrentTrackerWhole,
    /// crates.io `aquatic_ws`, as it comes: one socket worker, one swarm worker
    AquaticWs,
}

/// What is measured; every shape is one swarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// 15,000 viewers join and are still: memory and CPU of each
    Idle,
    /// 1,000 viewers, 500 offers and their answers per second
    Relay,
    /// 500 joins per second, 5 offers each, up to 5,000
    Joins,
    /// 1,000 viewers, 512 of them offering as fast as they are answered
    Capacity,
    /// The same with 15,000 viewers
    Capacity15k,
    /// 512 of 1,000 viewers announcing without offers as fast as they are answered
    Announces,
    /// Two viewers, 20,000 offers per second in bursts of a millisecond
    Burst,
    /// `capacity` against one worker thread, then against two
    Workers,
    /// 15,000 viewers lose their tracker and return at once
    Storm,
}
