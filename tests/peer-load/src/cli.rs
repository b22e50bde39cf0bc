//! What can be asked of the bench.

use std::path::PathBuf;

use clap::Parser;

/// A real swarm of native viewers.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// The origin's program
    #[arg(long)]
    pub(crate) origin: PathBuf,
    /// The tracker's program
    #[arg(long)]
    pub(crate) tracker: PathBuf,
    /// The native peer's program
    #[arg(long)]
    pub(crate) peer: PathBuf,
    /// Viewers
    #[arg(long, default_value_t = 200)]
    pub(crate) viewers: u32,
    /// Super-peers beside them
    #[arg(long, default_value_t = 0)]
    pub(crate) supers: u32,
    /// The stream's rate
    #[arg(long, default_value_t = 800)]
    pub(crate) kbit: u32,
    /// Seconds in which the viewers come, one after the other
    #[arg(long, default_value_t = 10)]
    pub(crate) join_seconds: u32,
    /// Seconds from the last one's coming until it is measured
    #[arg(long, default_value_t = 15)]
    pub(crate) settle_seconds: u32,
    /// Seconds that are measured
    #[arg(long, default_value_t = 30)]
    pub(crate) seconds: u32,
    /// Without the control
    #[arg(long)]
    pub(crate) alone: bool,
    /// The folder of table and figures
    #[arg(long, default_value = "target/bench")]
    pub(crate) out: PathBuf,
}
