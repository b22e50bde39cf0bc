//! Loads an origin as viewers do, and measures what it costs: CPU time for bytes and for requests, and how soon who
//! waits for a block has it. A floor that only answers, and others with the same bytes as files, stand beside.
//!
//! The load is one thread on its own. A body is read and forgotten.

mod cli;
mod connection;
#[expect(clippy::expect_used, reason = "the origin's own test encoder, whose tests fail by it")]
#[path = "../../../hls-origin/tests/fixture/mod.rs"]
mod fixture;
mod floor;
mod live;
mod publisher;
mod steady;
mod target;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use measure::clock::Clock;
use measure::failure::{Context, Outcome};
use measure::report::{Figure, Report, say};
use service::open_files;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

use cli::{Cli, Options, Shape, Task};
use target::{Paths, Target};

fn main() -> ExitCode {
    open_files::raise_limit();
    let ended = match Cli::parse().task {
        Task::Floor { folder, listen } => Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("the runtime")
            .and_then(|runtime| runtime.block_on(floor::run(&folder, listen))),
        Task::Run(options) => Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the runtime")
            .and_then(|runtime| LocalSet::new().block_on(&runtime, run(&options))),
    };
    service::program::conclude("origin-load", ended)
}

/// Takes each shape of each server in turn, so that all meet the same neighbours.
async fn run(options: &Options) -> Outcome {
    let clock = Clock::start();
    let folder = tempfile::tempdir().context("a folder")?;
    let (targets, paths) = target::all(options, folder.path(), clock).await?;
    let mut report = Report::default();
    for shape in options.choice.shapes() {
        for target in &targets {
            say(&format!("{shape:?}: {}", target.name));
            match measured(shape, target, &paths, clock, options).await {
                Ok(values) => report.figures.extend(values.into_iter().map(|(name, unit, value)| Figure {
                    shape: format!("{shape:?}").to_lowercase(),
                    server: target.name,
                    name,
                    unit,
                    value,
                })),
                Err(failure) => report.failures.push(format!("{shape:?}, {}: {failure}", target.name)),
            }
        }
    }
    report.write(&options.choice.out, "origin")?;
    std::io::stdout().write_all(report.table().as_bytes()).context("writing the table")
}

/// Nothing where the server cannot do what is measured: only ours lets anybody wait.
async fn measured(
    shape: Shape,
    target: &Target,
    paths: &Paths,
    clock: Clock,
    options: &Options,
) -> Outcome<Vec<(&'static str, &'static str, f64)>> {
    let (address, usage) = (target.server.address, || target.server.usage());
    let time = Duration::from_secs(options.seconds);
    match paths.of(shape) {
        Some(paths) => {
            let cost = steady::measure(address, usage, paths, options.connections, time, clock).await?;
            Ok(steady::figures(cost))
        }
        None if target.name == "ours" => live::measure(address, usage, options.viewers, time, clock).await,
        None => Ok(Vec::new()),
    }
}
