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

use clap::{Parser, ValueEnum};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

use cli::{Cli, Options, Shape, Task};
use measure::clock::Clock;
use measure::failure::{Context, Outcome};
use measure::report::Report;
use target::Target;

fn main() -> ExitCode {
    raise_open_files();
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
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("tracker-load: {failure}"));
            ExitCode::FAILURE
        }
    }
}

/// Takes each shape of each tracker in turn, so that all meet the same neighbours.
async fn run(options: &Options) -> Outcome {
    let clock = Clock::start();
    let targets = Target::all(options)?;
    let mut report = Report::default();
    let chosen = |shape: &Shape| options.shape.is_empty() || options.shape.contains(shape);
    for shape in Shape::value_variants().iter().filter(|shape| chosen(shape)) {
        for target in &targets {
            say(&format!("{shape:?}: {}", target.name));
            match shape::measure(*shape, target, clock, options).await {
                Ok(figures) => report.figures.extend(figures),
                Err(failure) => report.failures.push(format!("{shape:?}, {}: {failure}", target.name)),
            }
        }
        // After each: whoever ends a long run keeps what was measured.
        report::write(&report, &options.out)?;
    }
    std::io::stdout().write_all(report::table(&report).as_bytes()).context("writing the table")
}

fn say(line: &str) {
    // Where even the standard error is closed there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Every viewer is an open file.
fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
}
