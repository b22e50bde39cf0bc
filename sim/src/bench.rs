//! The bench: every large world beside its control, as one table and a few plots of each.

use std::fmt::Write as _;

use crate::books::Sheet;
use crate::plot::{Chart, Curve, distribution};
use crate::report::{Comparison, Report, count};
use crate::scenario::Scenario;
use crate::world::World;

/// What the table runs, in its order: a name, and the viewers where it is not the scenario's own number.
pub const ROWS: [(&str, Option<u32>); 13] = [
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

/// The table's head.
pub const HEAD: &str = "| world | viewers | seed | offload | ÷ ceiling | copies, mean / p99 | stalled viewers | start p95, ms | behind p95, s | upload ÷ download | bad blocks |\n|---|---|---|---|---|---|---|---|---|---|---|";

/// One row; the control's figures are in brackets.
#[must_use]
pub fn row(comparison: &Comparison) -> String {
    let (run, control) = (&comparison.run, &comparison.control);
    let mut row = format!("| `{}` | {} | {} ", run.scenario, run.viewers, run.seed);
    let _ = write!(row, "| {:.2} % | {:.4} ", run.offload * 100.0, run.offload_over_ceiling);
    let _ = write!(row, "| {:.2} / {:.0} ", run.copies.mean, run.copies.p99);
    let share = |report: &Report| report.stalled_share * 100.0;
    let _ = write!(row, "| {:.2} % ({:.2}) ", share(run), share(control));
    let _ = write!(row, "| {:.0} ({:.0}) ", run.first_frame_ms.p95, control.first_frame_ms.p95);
    let _ = write!(row, "| {:.2} ({:.2}) ", run.behind_s.p95, control.behind_s.p95);
    let spread = &run.upload_over_download;
    let _ = write!(row, "| {:.2} to {:.2} | {} |", spread.min, spread.max, run.bad_blocks_played);
    row
}

/// The plots of a world and its control, each with the name of its file.
#[must_use]
pub fn plots(run: &World, control: &World) -> Vec<(String, String)> {
    let scenario = &run.scenario;
    let chart = |file: &str, title: &str, x, y, curves| {
        let title = format!("{}, {} viewers: {title}", scenario.name, scenario.viewers);
        let chart = Chart { title, x, y, curves };
        (format!("{}-{}-{file}.svg", scenario.name, scenario.viewers), chart.svg())
    };
    let both = |of: fn(&World) -> Vec<f64>| {
        vec![distribution("with P2P", of(run)), distribution("control", of(control))]
    };
    vec![
        chart("offload", "offload over time", "s", "%", vec![offload_over_time(run)]),
        chart(
            "copies",
            "origin copies of a block",
            "copies",
            "share",
            vec![distribution("blocks", copies(run))],
        ),
        chart("start", "first frame", "ms", "share", both(first_frames)),
        chart("stall", "stalled in all", "s", "share", both(stalled)),
        chart("behind", "distance from live", "s", "share", both(behind)),
        chart("upload", "upload ÷ download", "ratio", "share", vec![distribution("viewers", uploads(run))]),
    ]
}

/// Of each segment, when it was published, what was not asked of the origin, in percent.
fn offload_over_time(world: &World) -> Curve {
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
    Curve { name: "with P2P".into(), points: points.collect() }
}

fn copies(world: &World) -> Vec<f64> {
    crate::report::copies_of(&world.books)
}

fn first_frames(world: &World) -> Vec<f64> {
    crate::report::first_frames_of(world)
}

fn stalled(world: &World) -> Vec<f64> {
    world.honest().map(|viewer| viewer.player.tally(world.now()).stalled.as_secs_f64()).collect()
}

fn behind(world: &World) -> Vec<f64> {
    world.books.behind_ms.iter().step_by(7).map(|ms| f64::from(*ms) / 1_000.0).collect()
}

fn uploads(world: &World) -> Vec<f64> {
    world.honest().filter_map(crate::report::upload_over_download).collect()
}

/// The scenario of a row.
#[must_use]
pub fn scenario(row: (&str, Option<u32>), seed: u64) -> Option<Scenario> {
    crate::scenario::named(row.0, row.1, None, seed)
}
