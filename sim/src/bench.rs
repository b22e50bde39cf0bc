//! The bench: every large world beside its control, as one table, JSON, and a few plots of each.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;

use crate::books::Sheet;
use crate::plot::{Chart, Curve, distribution};
use crate::report::{Comparison, Report, count};
use crate::scenario::{Scenario, named};
use crate::world::World;

/// What the table runs, in its order: a name, and the viewers where it is not the scenario's own number.
const ROWS: [(&str, Option<u32>); 13] = [
    ("broadband", Some(24)),
    ("broadband", Some(100)),
    ("broadband", Some(1_000)),
    ("broadband", None),
    ("mixed", None),
    ("capped", None),
    ("flash-crowd", None),
    ("churn", None),
    ("hostile", None),
    ("conspiracy", None),
    ("tracker-down", None),
    ("origin-brownout", None),
    ("lan-office", None),
];

/// Viewer-seconds of a world for each second of one core, by order of magnitude: an estimate for people, no promise.
const VIEWER_SECONDS: u64 = 3_000;
/// The same of a control, which has no engines.
const VIEWER_SECONDS_OF_A_CONTROL: u64 = 60_000;

/// The table's head.
const HEAD: &str = "| world | viewers | seed | offload | ÷ ceiling | copies, mean / p99 | stalled viewers | start p95, ms | behind p95, s | upload ÷ download | bad blocks |\n|---|---|---|---|---|---|---|---|---|---|---|";

/// What to run, and where to write what came of it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The folder of the table, the figures and the plots.
    pub directory: PathBuf,
    /// The seed of all worlds.
    pub seed: u64,
    /// Worlds of more viewers shrink to so many.
    pub viewers: Option<u32>,
    /// Worlds are judged over so many seconds instead of their own.
    pub seconds: Option<u32>,
    /// Only these; all of the table's where there are none.
    pub only: Vec<String>,
    /// Run each world with the rival's players, too.
    pub rival: bool,
}

impl Plan {
    /// The worlds, in order, none twice.
    #[must_use]
    pub fn scenarios(&self) -> Vec<Scenario> {
        let wanted = |name: &str| self.only.is_empty() || self.only.iter().any(|only| only == name);
        let beside = self.only.iter().filter(|only| ROWS.iter().all(|(name, _)| name != only));
        let rows = ROWS.into_iter().filter(|(name, _)| wanted(name));
        let rows = rows.chain(beside.map(|name| (name.as_str(), None)));
        let mut scenarios: Vec<Scenario> = Vec::new();
        for (name, viewers) in rows {
            let Some(own) = named(name, viewers, self.seconds, self.seed) else { continue };
            let viewers = self.viewers.map_or(own.viewers, |most| own.viewers.min(most));
            let known = |other: &Scenario| (other.name, other.viewers) == (own.name, viewers);
            if !scenarios.iter().any(known) {
                scenarios.extend(named(name, Some(viewers), self.seconds, self.seed));
            }
        }
        scenarios
    }

    /// Runs them. What is done is on disk after each, so that an end in between costs one world; true where no rule was
    /// broken. Progress goes to `aside`.
    ///
    /// # Errors
    ///
    /// Where the folder, or one of the outputs, cannot be written to.
    pub fn run(&self, out: &mut dyn Write, aside: &mut dyn Write) -> io::Result<bool> {
        std::fs::create_dir_all(&self.directory)?;
        let scenarios = self.scenarios();
        let all = scenarios.iter().map(estimate_s).sum();
        writeln!(aside, "{} worlds, about {} on one core", scenarios.len(), span(all))?;
        writeln!(out, "{HEAD}")?;
        let (mut sound, mut table, mut done) = (true, format!("{HEAD}\n"), Vec::new());
        for scenario in &scenarios {
            let (name, viewers, about) = (scenario.name, scenario.viewers, span(estimate_s(scenario)));
            writeln!(aside, "{name}, {viewers} viewers, {} s: about {about}", scenario.seconds())?;
            let (world, control) = (crate::run(scenario), crate::run(&scenario.control()));
            let rival = self.rival.then(|| crate::run(&scenario.rival()));
            let comparison = Comparison {
                run: Report::of(&world),
                control: Report::of(&control),
                rival: rival.as_ref().map(Report::of),
            };
            let rows = rows(&comparison);
            write!(out, "{rows}")?;
            comparison.run.broken.iter().try_for_each(|broken| writeln!(out, "BROKEN {broken}"))?;
            sound &= comparison.run.violations == 0;
            for (file, svg) in plots(&world, &control, rival.as_ref()) {
                std::fs::write(self.directory.join(file), svg)?;
            }
            table.push_str(&rows);
            done.push(comparison);
            std::fs::write(self.directory.join("swarm.md"), &table)?;
            std::fs::write(self.directory.join("swarm.json"), serde_json::to_vec_pretty(&done)?)?;
        }
        writeln!(aside, "table, figures and plots are in {}", self.directory.display())?;
        Ok(sound)
    }
}

/// Seconds of one core that a world and its control take.
fn estimate_s(scenario: &Scenario) -> u64 {
    let lived =
        scenario.end().since(scenario.arrivals.doors).as_millis() / 1_000 * u64::from(scenario.viewers);
    lived / VIEWER_SECONDS + lived / VIEWER_SECONDS_OF_A_CONTROL + 1
}

fn span(seconds: u64) -> String {
    if seconds < 120 { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) }
}

/// One row, or two, with the rival's; the control's figures are in brackets.
fn rows(comparison: &Comparison) -> String {
    let name = |report: &Report| format!("`{}`", report.scenario);
    let rival = comparison.rival.iter();
    let rival = rival.map(|rival| row(&format!("{}, rival", name(rival)), rival, &comparison.control));
    std::iter::once(row(&name(&comparison.run), &comparison.run, &comparison.control)).chain(rival).collect()
}

fn row(name: &str, run: &Report, control: &Report) -> String {
    let mut row = format!("| {name} | {} | {} ", run.viewers, run.seed);
    let of_ceiling =
        if run.ceiling > 0.0 { format!("{:.4}", run.offload_over_ceiling) } else { "–".into() };
    let _ = write!(row, "| {:.2} % | {of_ceiling} ", run.offload * 100.0);
    let _ = write!(row, "| {:.2} / {:.0} ", run.copies.mean, run.copies.p99);
    let share = |report: &Report| report.stalled_share * 100.0;
    let _ = write!(row, "| {:.2} % ({:.2}) ", share(run), share(control));
    let _ = write!(row, "| {:.0} ({:.0}) ", run.first_frame_ms.p95, control.first_frame_ms.p95);
    let _ = write!(row, "| {:.2} ({:.2}) ", run.behind_s.p95, control.behind_s.p95);
    let spread = &run.upload_over_download;
    let _ = writeln!(row, "| {:.2} to {:.2} | {} |", spread.min, spread.max, run.bad_blocks_played);
    row
}

/// The plots of a world and its control, each with the name of its file.
fn plots(run: &World, control: &World, rival: Option<&World>) -> Vec<(String, String)> {
    let scenario = &run.scenario;
    let ours = [("ours", run)].into_iter().chain(rival.map(|rival| ("rival", rival)));
    let with: Vec<(&str, &World)> = ours.collect();
    let all: Vec<(&str, &World)> = with.iter().copied().chain([("control", control)]).collect();
    let chart = |file: &str, title: &str, x, y, curves| {
        let title = format!("{}, {} viewers: {title}", scenario.name, scenario.viewers);
        let chart = Chart { title, x, y, curves };
        (format!("{}-{}-{file}.svg", scenario.name, scenario.viewers), chart.svg())
    };
    let spread = |worlds: &[(&str, &World)], of: fn(&World) -> Vec<f64>| {
        worlds.iter().map(|(name, world)| distribution(name, of(world))).collect::<Vec<_>>()
    };
    let offload = with.iter().map(|(name, world)| offload_over_time(name, world)).collect();
    vec![
        chart("offload", "offload over time", "s", "%", offload),
        chart("copies", "origin copies of a block", "copies", "share", spread(&with, copies)),
        chart("start", "first frame", "ms", "share", spread(&all, first_frames)),
        chart("stall", "stalled in all", "s", "share", spread(&all, stalled)),
        chart("behind", "distance from live", "s", "share", spread(&all, behind)),
        chart("upload", "upload ÷ download", "ratio", "share", spread(&with, uploads)),
    ]
}

/// Of each segment, when it was published, what was not asked of the origin, in percent.
fn offload_over_time(name: &str, world: &World) -> Curve {
    let offload = |sheet: &Sheet| {
        let cost =
            count(usize::try_from(sheet.bytes).unwrap_or(0)) * f64::from(sheet.present.unwrap_or(0).max(1));
        let spent = count(usize::try_from(sheet.spent.iter().sum::<u64>()).unwrap_or(0));
        (1.0 - spent / cost.max(1.0)) * 100.0
    };
    let made = world.stream.segments().iter().zip(0_usize..);
    let points = made.filter_map(|(made, place)| {
        let sheet = world.books.sheet(place).filter(|sheet| sheet.present.is_some())?;
        Some((crate::books::seconds(made.closed), offload(sheet)))
    });
    Curve { name: name.into(), points: points.collect() }
}

fn copies(world: &World) -> Vec<f64> {
    crate::report::copies_of(&world.books)
}

fn first_frames(world: &World) -> Vec<f64> {
    crate::report::first_frames_of(world)
}

fn stalled(world: &World) -> Vec<f64> {
    world.honest().map(|viewer| viewer.player.life(world.now()).stalled.as_secs_f64()).collect()
}

fn behind(world: &World) -> Vec<f64> {
    world.books.behind_ms.iter().step_by(7).map(|ms| f64::from(*ms) / 1_000.0).collect()
}

fn uploads(world: &World) -> Vec<f64> {
    world.honest().filter_map(crate::report::upload_over_download).collect()
}
