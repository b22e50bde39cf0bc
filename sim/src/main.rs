//! `sim`: runs a scenario beside its control and prints what came of it.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;
use sim::report::{Comparison, Report};
use sim::scenario::{NAMES, named};

/// Runs real engines in a world of virtual time.
#[derive(Debug, Parser)]
#[command(name = "sim")]
struct Args {
    /// How many viewers.
    #[arg(long, default_value_t = 8)]
    viewers: u32,
    /// For how many seconds of the stream they are judged.
    #[arg(long, default_value_t = 120)]
    seconds: u32,
    /// The seed of everything random.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// So many runs, with this seed and the ones after it.
    #[arg(long, default_value_t = 1)]
    runs: u32,
    /// The world.
    #[arg(long, default_value = "clean", value_parser = NAMES)]
    scenario: String,
    /// Print JSON, a line a run.
    #[arg(long)]
    json: bool,
    /// Tell, for each block bought more than once, what its buyers thought.
    #[arg(long)]
    explain: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

/// True where no rule was broken.
fn run(args: &Args) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    let mut sound = true;
    for seed in args.seed..args.seed + u64::from(args.runs) {
        let Some(scenario) = named(&args.scenario, args.viewers, args.seconds, seed) else {
            return Ok(false);
        };
        let world = if args.explain { sim::run_explained(&scenario) } else { sim::run(&scenario) };
        let control = sim::run(&scenario.control());
        let comparison = Comparison { run: Report::of(&world), control: Report::of(&control) };
        sound &= comparison.run.violations == 0;
        if let Some(journal) = &world.journal {
            write!(out, "{}", journal.explain(&world.stream))?;
            for (reason, count) in journal.reasons(&world.stream) {
                writeln!(out, "bought for {reason:?}: {count}")?;
            }
        }
        if args.json {
            serde_json::to_writer(&mut out, &comparison)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", sim::table::table(&comparison))?;
            let Args { viewers, seconds, scenario, .. } = args;
            writeln!(
                out,
                "replay: cargo run -p sim -- --viewers {viewers} --seconds {seconds} --seed {seed} --scenario {scenario}"
            )?;
        }
    }
    Ok(sound)
}
