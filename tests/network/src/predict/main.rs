//! What the simulator says of a small network: who reaches whom, and how much of the video viewers bring each other.
//!
//! Prints one line of JSON: `reaches`, a row of booleans for each viewer, and `offload`, one figure for each seed.

mod world;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use measure::failure::{Context, Outcome};
use serde::Serialize;
use sim::nat::Nat;

use world::World;

/// Viewers at most: this is for networks that one machine holds.
const VIEWERS_MAX: usize = 64;

/// Predicts a network by `sim`.
#[derive(Parser)]
#[command(name = "predict")]
struct Cli {
    /// What stands in front of each viewer
    #[arg(long, value_enum, value_delimiter = ',', required = true)]
    nats: Vec<Kind>,
    /// The stream's rate in kbit/s
    #[arg(long)]
    kbit: u32,
    /// Each viewer's uplink in kbit/s; plenty where it is not given
    #[arg(long)]
    up_kbit: Option<u32>,
    /// Each viewer's downlink in kbit/s; plenty where it is not given
    #[arg(long)]
    down_kbit: Option<u32>,
    /// Percent of packets lost between two viewers
    #[arg(long, default_value_t = 0.0)]
    loss: f64,
    /// Round trip between two viewers in milliseconds
    #[arg(long, default_value_t = 2)]
    rtt: u64,
    /// Seconds judged
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// How many runs
    #[arg(long, default_value_t = 3)]
    seeds: u64,
}

/// [`Nat`], by its name on the command line.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Open,
    Address,
    Port,
    Symmetric,
    Blocked,
}

impl From<Kind> for Nat {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Open => Self::Open,
            Kind::Address => Self::Address,
            Kind::Port => Self::Port,
            Kind::Symmetric => Self::Symmetric,
            Kind::Blocked => Self::Blocked,
        }
    }
}

#[derive(Serialize)]
struct Prediction {
    reaches: Vec<Vec<bool>>,
    offload: Vec<f64>,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "predict: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Outcome {
    let nats: Vec<Nat> = cli.nats.iter().map(|kind| Nat::from(*kind)).collect();
    if nats.len() > VIEWERS_MAX {
        return None.context(format!("at most {VIEWERS_MAX} viewers"));
    }
    let reaches = nats.iter().map(|one| nats.iter().map(|other| one.reaches(*other)).collect()).collect();
    let (up_kbit, down_kbit) = (cli.up_kbit, cli.down_kbit);
    let world = World { nats: &nats, kbit: cli.kbit, up_kbit, down_kbit, loss: cli.loss, rtt_ms: cli.rtt };
    let scenarios = world.scenarios(cli.seconds).take(usize::try_from(cli.seeds).unwrap_or(usize::MAX));
    let offload = scenarios.map(|scenario| sim::report::Report::of(&sim::run(&scenario)).offload).collect();
    let line = serde_json::to_string(&Prediction { reaches, offload }).context("the prediction")?;
    writeln!(std::io::stdout(), "{line}").context("stdout")
}
