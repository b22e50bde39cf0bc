//! Loads a tracker as live viewers do, and measures it: memory, CPU time, latencies and losses, beside the trackers of
//! others and a floor that only answers.
//!
//! The load is one thread on its own; everything that a tracker sends is read while anything is written, every offer is
//! answered at once, and what does not come back is counted. Latencies are taken on one clock, in one process.

mod cli;
mod crowd;
mod floor;
mod pace;
mod report;
mod shape;
mod tally;
mod target;
mod verdict;
mod words;
mod world;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

use cli::{Cli, Options, Task};
use measure::clock::Clock;
use measure::failure::{Context, Outcome};
use measure::report::{Report, say};
use target::Target;

fn main() -> ExitCode {
    service::open_files::raise_limit();
    let ended = match Cli::parse().task {
        Task::Floor => Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("the runtime")
            .and_then(|runtime| runtime.block_on(floor::run())),
        Task::Run(options) => Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the runtime")
            .and_then(|runtime| LocalSet::new().block_on(&runtime, run(&options))),
    };
    service::program::conclude("tracker-load", ended)
}

/// Takes each shape of each tracker in turn, so that all meet the same neighbours.
async fn run(options: &Options) -> Outcome {
    let clock = Clock::start();
    let targets = Target::all(options)?;
    let mut report = Report::default();
    for shape in options.choice.shapes() {
        for target in &targets {
            say(&format!("{shape:?}: {}", target.name));
            match shape::measure(shape, target, clock, options).await {
                Ok(figures) => report.figures.extend(figures),
                Err(failure) => report.failures.push(format!("{shape:?}, {}: {failure}", target.name)),
            }
        }
        // After each: whoever ends a long run keeps what was measured.
        report::write(&report, &options.choice.out)?;
    }
    std::io::stdout().write_all(report::table(&report).as_bytes()).context("writing the table")
}
