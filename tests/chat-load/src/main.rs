//! Loads a chat edge as viewers do, and measures it: memory, CPU time, delay, order and loss, beside a floor that only
//! writes, and servers of others.
//!
//! The load is one thread on the second core; every server has the first for itself. The publisher is open-loop, so a
//! message's delay counts from when it was due. Each shape meets each server several times, one after the other; what
//! counts is the median of the ratios within a round, because neighbours on a machine move every figure.

mod cli;
mod crowd;
mod delay;
mod floor;
mod message;
mod million;
mod publisher;
mod report;
mod shape;
mod target;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use rustix::thread::{CpuSet, sched_setaffinity};

use cli::{Cli, Options, Task};
use measure::clock::Clock;
use measure::failure::{Context, Outcome};
use measure::report::say;
use report::{Report, Sample};
use target::Target;

/// The core of the viewers.
const VIEWERS_CORE: usize = 1;

fn main() -> ExitCode {
    service::open_files::raise_limit();
    let ended = match Cli::parse().task {
        Task::Floor(options) => floor::run(&options),
        Task::Hold(options) => million::hold(&options),
        Task::Million(options) => million::run(&options),
        Task::Run(options) => run(&options),
    };
    service::program::conclude("chat-load", ended)
}

/// Takes each shape of each server in turn, so that all meet the same neighbours.
fn run(options: &Options) -> Outcome {
    let clock = Clock::start();
    let targets = Target::all(options)?;
    let mut cores = CpuSet::new();
    cores.set(VIEWERS_CORE);
    // On a machine with one core there is nothing to divide.
    let _ = sched_setaffinity(None, &cores);
    let mut report = Report::default();
    for shape in options.choice.shapes() {
        for pair in 0..options.pairs {
            for target in &targets {
                say(&format!("{}, {}, {} of {}", shape::name(shape), target.name, pair + 1, options.pairs));
                let (shape_name, server) = (shape::name(shape), target.name);
                match shape::measure(shape, target, clock, options) {
                    Ok(values) => report.samples.extend(values.into_iter().map(|(name, unit, value)| {
                        Sample { shape: shape_name, server, name, unit, pair, value }
                    })),
                    Err(failure) => report.failures.push(format!("{shape_name}, {server}: {failure}")),
                }
                // What was measured is kept when a run is ended early.
                report.write(&options.choice.out)?;
            }
        }
    }
    std::io::stdout().write_all(report.table().as_bytes()).context("writing the table")
}
