//! What our tracker has to reach, and whether it did in this run: against a number, or against another tracker that met
//! the same neighbours.

use std::fmt::Write;

use serde::Serialize;

use measure::report::{Figure, digits};

/// Who is judged.
const OURS: &str = "ours";

/// One thing to reach.
struct Aim {
    shape: &'static str,
    figure: &'static str,
    bound: Bound,
}

enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// At most so much of what this tracker needs in the same run.
    Share(f64, &'static str),
}

use Bound::{AtLeast, AtMost, Share};

const fn aim(shape: &'static str, figure: &'static str, bound: Bound) -> Aim {
    Aim { shape, figure, bound }
}

/// All of them. The memory of a storm is that of 15,000 who have announced, twice, and what may wait for them.
const AIMS: [Aim; 15] = [
    aim("idle", "memory per viewer", AtMost(5_000.0)),
    aim("idle", "CPU per connect and announce", AtMost(120.0)),
    aim("relay", "round p50", Share(0.86, "bittorrent-tracker")),
    aim("relay", "round p99", Share(0.86, "bittorrent-tracker")),
    aim("joins", "round p50", Share(0.9, "bittorrent-tracker")),
    aim("capacity", "CPU per relayed message", Share(0.6, "aquatic_ws")),
    aim("capacity15k", "CPU per relayed message", Share(0.55, "aquatic_ws")),
    aim("announces", "CPU per announce", AtMost(15.0)),
    aim("burst", "offers that arrived", AtLeast(100.0)),
    aim("burst", "answers that came back", AtLeast(100.0)),
    aim("workers", "two workers over one", AtLeast(0.85)),
    aim("workers", "the busier of two", AtMost(0.6)),
    aim("storm", "never back", AtMost(0.0)),
    aim("storm", "all are back after", AtMost(60.0)),
    aim("storm", "memory at its most", AtMost(400.0)),
];

/// Whether one thing was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Reached,
    Missed,
    /// The shape, or the tracker to compare with, was not part of the run.
    NotMeasured,
}

/// One row of the judgement.
#[derive(Debug, Serialize)]
pub(crate) struct Verdict {
    shape: &'static str,
    figure: &'static str,
    to_reach: String,
    measured: Option<f64>,
    outcome: Outcome,
}

/// Judges a run.
pub(crate) fn judge(figures: &[Figure]) -> Vec<Verdict> {
    AIMS.iter().map(|aim| aim.judge(figures)).collect()
}

/// A table for people.
pub(crate) fn table(verdicts: &[Verdict]) -> String {
    let mut table = "| shape | figure | to reach | ours | |\n|---|---|---:|---:|---|\n".to_owned();
    for Verdict { shape, figure, to_reach, measured, outcome } in verdicts {
        let measured = measured.map_or_else(|| "–".to_owned(), digits);
        let outcome = match outcome {
            Outcome::Reached => "reached",
            Outcome::Missed => "**missed**",
            Outcome::NotMeasured => "not measured",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| {shape} | {figure} | {to_reach} | {measured} | {outcome} |");
    }
    table
}

impl Aim {
    fn judge(&self, figures: &[Figure]) -> Verdict {
        let of = |tracker: &str| {
            let is = |figure: &&Figure| {
                (figure.shape.as_str(), figure.name, figure.server) == (self.shape, self.figure, tracker)
            };
            figures.iter().find(is).map(|figure| figure.value)
        };
        let ours = of(OURS);
        // Where a share is asked for, it is what is measured.
        let (to_reach, measured, reached) = match self.bound {
            AtMost(most) => (format!("≤ {}", digits(most)), ours, ours.map(|ours| ours <= most)),
            AtLeast(least) => (format!("≥ {}", digits(least)), ours, ours.map(|ours| ours >= least)),
            Share(most, tracker) => {
                let share = ours.zip(of(tracker)).map(|(ours, theirs)| ours / theirs);
                (format!("≤ {most} × {tracker}"), share, share.map(|share| share <= most))
            }
        };
        let outcome = match reached {
            Some(true) => Outcome::Reached,
            Some(false) => Outcome::Missed,
            None => Outcome::NotMeasured,
        };
        Verdict { shape: self.shape, figure: self.figure, to_reach, measured, outcome }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(shape: &str, tracker: &'static str, name: &'static str, value: f64) -> Figure {
        Figure { shape: shape.to_owned(), server: tracker, name, unit: "1", value }
    }

    fn outcome(figures: &[Figure], shape: &str, name: &str) -> Outcome {
        let verdicts = judge(figures);
        let found = verdicts.iter().find(|verdict| (verdict.shape, verdict.figure) == (shape, name));
        found.expect("an aim").outcome
    }

    #[test]
    fn each_aim_is_judged_at_its_bound_and_past_it() {
        use Outcome::{Missed, NotMeasured, Reached};
        let memory = |value| {
            outcome(&[figure("idle", "ours", "memory per viewer", value)], "idle", "memory per viewer")
        };
        assert_eq!([5_000.0, 5_000.1, f64::NAN].map(memory), [Reached, Missed, Missed]);
        let gain = |value| {
            outcome(
                &[figure("workers", "ours", "two workers over one", value)],
                "workers",
                "two workers over one",
            )
        };
        assert_eq!([0.85, 0.84].map(gain), [Reached, Missed]);
        let cpu = "CPU per relayed message";
        let share = |value| {
            let figures =
                [figure("capacity", "ours", cpu, value), figure("capacity", "aquatic_ws", cpu, 10.0)];
            outcome(&figures, "capacity", cpu)
        };
        assert_eq!([6.0, 6.1].map(share), [Reached, Missed]);
        assert_eq!(outcome(&[figure("capacity", "ours", cpu, 1.0)], "capacity", cpu), NotMeasured);
    }

    #[test]
    fn every_row_is_in_the_table() {
        let table = table(&judge(&[figure("storm", "ours", "never back", 0.0)]));
        assert_eq!(table.lines().count(), 2 + AIMS.len());
        assert!(table.contains("| storm | never back | ≤ 0.00 | 0.00 | reached |"), "{table}");
    }
}
