//! A real swarm on one machine: `shoal-peer` with many viewers, a real tracker, a real origin with a stream that is being
//! published, and the same again without P2P. What viewers saw is their own report; what the origin sent is the origin's.

mod cli;
#[expect(clippy::expect_used, reason = "the origin's own test encoder, whose tests fail by it")]
#[path = "../../../hls-origin/tests/fixture/mod.rs"]
mod fixture;
mod publisher;
mod run;
mod viewers;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use measure::clock::Clock;
use measure::failure::{Context, Outcome};
use measure::report::{Figure, Report, say};
use service::open_files;
use tokio::runtime::Builder;

use cli::Options;

fn main() -> ExitCode {
    open_files::raise_limit();
    let options = Options::parse();
    let runtime = Builder::new_current_thread().enable_all().build().context("the runtime");
    let ended = runtime.and_then(|runtime| runtime.block_on(measured(&options)));
    service::program::conclude("peer-load", ended)
}

/// The swarm, and the same viewers without P2P where that is wanted.
async fn measured(options: &Options) -> Outcome {
    let clock = Clock::start();
    let mut report = Report::default();
    let shape = format!("{} viewers, {} kbit/s", options.viewers, options.kbit);
    let sides: &[(&'static str, bool)] =
        if options.alone { &[("swarm", true)] } else { &[("swarm", true), ("control", false)] };
    for &(server, p2p) in sides {
        say(&format!("{server}: {shape}, {} s", options.seconds));
        match run::run(options, p2p, clock).await {
            Ok(values) => report.figures.extend(values.into_iter().map(|(name, unit, value)| Figure {
                shape: shape.clone(),
                server,
                name,
                unit,
                value,
            })),
            Err(failure) => report.failures.push(format!("{server}: {failure}")),
        }
    }
    report.write(&options.out, "peers")?;
    std::io::stdout().write_all(report.table().as_bytes()).context("writing the table")
}
