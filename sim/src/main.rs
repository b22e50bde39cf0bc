//! `sim`: runs a scenario beside its control and prints what came of it.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sim::bench::Plan;
use sim::report::{Comparison, Report};
use sim::scenario::{NAMES, Scenario, named};

/// A world is made of many small things; this one keeps those of a kind side by side, 7 % less time than with glibc's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs real engines in a world of virtual time.
#[derive(Debug, Parser)]
#[command(name = "sim", args_conflicts_with_subcommands = true)]
struct Args {
    #[command(subcommand)]
    task: Option<Task>,
    /// How many viewers; the scenario's own number where it is not given.
    #[arg(long)]
    viewers: Option<u32>,
    /// For how many seconds of the stream they are judged.
    #[arg(long, conflicts_with = "minutes")]
    seconds: Option<u32>,
    /// For how many minutes of the stream they are there, the half minute in which they come included.
    #[arg(long)]
    minutes: Option<u32>,
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
    /// Run every large world beside its control, print a table, and write it, JSON and plots into this directory.
    /// `--viewers` is then the most of each, and `--seconds` the length of each.
    #[arg(long, value_name = "DIRECTORY", conflicts_with_all = ["scenario", "alone", "explain", "json", "runs"])]
    bench: Option<PathBuf>,
    /// With `--bench`: only this world; may be given again.
    #[arg(long, value_name = "SCENARIO", value_parser = NAMES, requires = "bench")]
    only: Vec<String>,
    /// Run the world with the rival's players, too.
    #[arg(long)]
    rival: bool,
    /// Run without the control.
    #[arg(long)]
    alone: bool,
    /// Tell, for each block bought more than once, what its buyers thought.
    #[arg(long)]
    explain: bool,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run a recording of an engine again, and compare what it does with what it did.
    Replay {
        /// The recording.
        file: PathBuf,
    },
    /// Name every world: its viewers, for how many seconds they are judged, and what happens.
    Scenarios,
}

/// The half minute in which viewers come is not judged.
const ENTRY_S: u32 = 30;

impl Args {
    /// For how many seconds viewers are judged, where that is said.
    fn judged_s(&self) -> Option<u32> {
        self.seconds.or(self.minutes.map(|minutes| (minutes * 60).saturating_sub(ENTRY_S).max(10)))
    }
}

fn main() -> ExitCode {
    on_huge_pages();
    let args = Args::parse();
    let sound = match (&args.task, &args.bench) {
        (Some(Task::Replay { file }), _) => replay(file),
        (Some(Task::Scenarios), _) => scenarios(),
        (None, Some(directory)) => bench(&args, directory),
        (None, None) => run(&args),
    };
    match sound {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

/// True where the outputs were the same.
fn replay(file: &Path) -> io::Result<bool> {
    match sim::replay::run(file) {
        Ok((told, same)) => io::stdout().write_all(told.as_bytes()).map(|()| same),
        Err(error) => writeln!(io::stderr(), "sim: {}: {error}", file.display()).map(|()| false),
    }
}

fn scenarios() -> io::Result<bool> {
    let mut out = io::stdout().lock();
    for scenario in NAMES.iter().filter_map(|name| named(name, None, None, 7)) {
        let (name, viewers, seconds, about) =
            (scenario.name, scenario.viewers, scenario.seconds(), scenario.about);
        writeln!(out, "{name:<16} {viewers:>6} viewers {seconds:>4} s  {about}")?;
    }
    Ok(true)
}

/// Begins again with an allocator that asks for huge pages and keeps them: a world reaches all over its memory, and is a
/// quarter faster.
#[cfg(target_os = "linux")]
fn on_huge_pages() {
    use std::os::unix::process::CommandExt as _;
    const HUGE: &str = "MIMALLOC_ALLOW_LARGE_OS_PAGES";
    if std::env::var_os(HUGE).is_none()
        && let Ok(program) = std::env::current_exe()
    {
        let arguments = std::env::args_os().skip(1);
        let mut again = std::process::Command::new(program);
        // Without a purge: what is given back and wanted again would come in small pages.
        again.args(arguments).env(HUGE, "1").env("MIMALLOC_PURGE_DELAY", "-1");
        // Where that cannot be, it goes on with small ones.
        let _ = again.exec();
    }
}

#[cfg(not(target_os = "linux"))]
fn on_huge_pages() {}

/// True where no rule was broken.
fn run(args: &Args) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    let mut sound = true;
    for seed in args.seed..args.seed + u64::from(args.runs) {
        let Some(scenario) = named(&args.scenario, args.viewers, args.judged_s(), seed) else {
            return Ok(false);
        };
        let world = if args.explain { sim::run_explained(&scenario) } else { sim::run(&scenario) };
        // Nobody is there in a control that is not wanted.
        let control =
            Scenario { viewers: if args.alone { 0 } else { scenario.viewers }, ..scenario.control() };
        let control = sim::run(&control);
        let rival = args.rival.then(|| Report::of(&sim::run(&scenario.rival())));
        let comparison = Comparison { run: Report::of(&world), control: Report::of(&control), rival };
        sound &= comparison.run.violations + comparison.control.violations == 0;
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
            writeln!(out, "{}", scenario.about)?;
            writeln!(out, "replay: {}", scenario.replay())?;
        }
    }
    Ok(sound)
}

/// Runs the table; true where no rule was broken.
fn bench(args: &Args, directory: &Path) -> io::Result<bool> {
    let plan = Plan {
        directory: directory.to_owned(),
        seed: args.seed,
        viewers: args.viewers,
        seconds: args.judged_s(),
        only: args.only.clone(),
        rival: args.rival,
    };
    plan.run(&mut io::stdout(), &mut io::stderr())
}
