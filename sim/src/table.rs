//! A comparison as a table for people.

use std::fmt::Write as _;

use crate::report::{Comparison, Report};

/// The table: a figure a line, the run's beside the control's.
#[must_use]
pub fn table(comparison: &Comparison) -> String {
    let (run, control) = (&comparison.run, &comparison.control);
    let mut text = String::new();
    let _ =
        writeln!(text, "{} · {} viewers · {} s · seed {}", run.scenario, run.viewers, run.seconds, run.seed);
    let _ = write!(text, "{:<34} {:>12} {:>12}", "", "p2p", "control");
    text.push_str(if comparison.rival.is_some() { "        rival\n" } else { "\n" });
    for (name, of) in ROWS {
        let _ = write!(text, "{name:<34} {:>12} {:>12}", of(run), of(control));
        let _ = match &comparison.rival {
            Some(rival) => writeln!(text, " {:>12}", of(rival)),
            None => writeln!(text),
        };
    }
    for (reason, copies) in &run.bought_for {
        let _ = writeln!(text, "{:<34} {copies:>12.2}", format!("copies bought for {reason}"));
    }
    for broken in run.broken.iter().chain(&control.broken) {
        let _ = writeln!(text, "BROKEN {broken}");
    }
    for wronged in &run.wronged {
        let _ = writeln!(text, "WRONGED {wronged}");
    }
    for harm in comparison.harms() {
        let _ = writeln!(text, "WORSE than the control: {harm}");
    }
    text
}

type Row = (&'static str, fn(&Report) -> String);

const ROWS: [Row; 30] = [
    ("offload", |report| percent(report.offload)),
    ("ceiling", |report| percent(report.ceiling)),
    ("offload ÷ ceiling", |report| percent(report.offload_over_ceiling)),
    ("ceiling of payload", |report| percent(report.ceiling_of_payload)),
    ("copies a block, mean", |report| two(report.copies.mean)),
    ("copies a block, p50 / p99 / max", |report| {
        format!("{:.1}/{:.1}/{:.1}", report.copies.p50, report.copies.p99, report.copies.max)
    }),
    ("stalled viewers", |report| percent(report.stalled_share)),
    ("stalls", |report| report.stalls.to_string()),
    ("stall, s an hour", |report| two(report.stall_s_per_hour)),
    ("first frame, ms, p50", |report| zero(report.first_frame_ms.p50)),
    ("first frame, ms, p95", |report| zero(report.first_frame_ms.p95)),
    ("behind live, s, p50", |report| two(report.behind_s.p50)),
    ("behind live, s, p95", |report| two(report.behind_s.p95)),
    ("upload ÷ download, lowest", |report| two(report.upload_over_download.min)),
    ("upload ÷ download, highest", |report| two(report.upload_over_download.max)),
    ("largest share of origin ÷ mean", |report| two(report.largest_origin_share)),
    ("wasted", |report| percent(report.wasted)),
    ("came twice / late", |report| format!("{} {}", percent(report.twice), percent(report.late))),
    ("wasted bytes: twice, late, bad, MB", |report| {
        let wasted = &report.wasted_bytes;
        [wasted.twice, wasted.late, wasted.bad].map(megabytes).join(" ")
    }),
    ("links a viewer", |report| two(report.links)),
    ("from the same network / by lot", |report| {
        format!("{} {}", percent(report.near.network), percent(report.near.network_by_lot))
    }),
    ("from the same region / by lot", |report| {
        format!("{} {}", percent(report.near.region), percent(report.near.region_by_lot))
    }),
    ("from the operator's peers", |report| percent(report.super_peer_share)),
    ("dials in vain", |report| percent(report.dials_in_vain)),
    ("pieces of the graph", |report| report.pieces.to_string()),
    ("messages a block", |report| two(report.messages_per_block)),
    ("bought at the deadline", |report| percent(report.deadline_share)),
    ("segments given up", |report| report.given_up.to_string()),
    ("rules broken", |report| report.violations.to_string()),
    ("state", |report| report.state[..8].to_owned()),
];

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10)
}

fn two(number: f64) -> String {
    format!("{number:.2}")
}

fn zero(number: f64) -> String {
    format!("{number:.0}")
}
