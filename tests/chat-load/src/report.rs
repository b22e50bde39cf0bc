//! The figures, as a table for people and as JSON for programs: medians over the pairs, and ours as a part of the floor,
//! pair by pair.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use crate::cli::Shape;
use crate::shape;
use measure::failure::Outcome;
use measure::report::{self, digits, distinct, median};

/// One figure of one server in one pair.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) shape: &'static str,
    pub(crate) server: &'static str,
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) pair: u32,
    pub(crate) value: f64,
}

/// The whole run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) samples: Vec<Sample>,
    /// Measures that could not be taken, and why.
    pub(crate) failures: Vec<String>,
}

/// What a figure of ours should reach.
#[derive(Clone, Copy, Debug)]
enum Goal {
    Most(f64),
    /// At most so many times the floor.
    MostOfFloor(f64),
    /// At least so many times the floor.
    LeastOfFloor(f64),
    /// At most the floor and so much.
    MostOverFloor(f64),
}

/// The goals.
const GOALS: [(Shape, &str, Goal); 19] = [
    (Shape::Idle, "memory per viewer", Goal::Most(1.0)),
    (Shape::Idle, "memory per viewer after a burst", Goal::Most(1.0)),
    (Shape::Idle, "CPU per connect and join", Goal::Most(50.0)),
    (Shape::Unbatched, "CPU per delivery", Goal::MostOfFloor(1.10)),
    (Shape::Second, "deliveries per CPU second", Goal::LeastOfFloor(0.9)),
    (Shape::Second, "delay p99", Goal::Most(1_200.0)),
    (Shape::Second, "lost", Goal::Most(0.0)),
    (Shape::Second, "out of order", Goal::Most(0.0)),
    (Shape::Quarter, "deliveries per CPU second", Goal::LeastOfFloor(0.9)),
    (Shape::Quarter, "delay p99", Goal::Most(350.0)),
    (Shape::Quarter, "lost", Goal::Most(0.0)),
    (Shape::Rooms, "CPU per delivery", Goal::MostOfFloor(1.25)),
    (Shape::Rooms, "lost", Goal::Most(0.0)),
    (Shape::Quiet, "delay p99", Goal::MostOverFloor(1.0)),
    (Shape::Stalled, "unsent in the kernel per stalled reader", Goal::Most(64.0)),
    (Shape::Stalled, "lost by the others", Goal::Most(0.0)),
    (Shape::Killed, "back elsewhere p99", Goal::Most(10.0)),
    (Shape::Killed, "lost", Goal::Most(0.0)),
    (Shape::Killed, "out of order", Goal::Most(0.0)),
];

impl Report {
    /// Each figure a line, each server a column.
    pub(crate) fn table(&self) -> String {
        let servers = distinct(self.samples.iter().map(|sample| sample.server));
        let mut table =
            format!("| shape | figure | {} | ours / floor | to reach |\n|---|---|", servers.join(" | "));
        table.push_str(&"---:|".repeat(servers.len() + 2));
        table.push('\n');
        for (shape, name, unit) in
            distinct(self.samples.iter().map(|sample| (sample.shape, sample.name, sample.unit)))
        {
            // Writing to a String cannot fail.
            let _ = write!(table, "| {shape} | {name}, {unit} |");
            for server in &servers {
                let _ = write!(table, " {} |", digits(median(self.values(shape, name, server))));
            }
            let ratio = self.ratio(shape, name);
            let _ = writeln!(table, " {} | {} |", digits(ratio), self.verdict(shape, name, ratio));
        }
        for failure in &self.failures {
            let _ = writeln!(table, "\n{failure}");
        }
        table
    }

    /// Writes `chat.json` and `chat.md`.
    pub(crate) fn write(&self, folder: &Path) -> Outcome {
        report::write(folder, "chat", self, &self.table())
    }

    fn values(&self, shape: &str, name: &str, server: &str) -> Vec<f64> {
        self.pairs(shape, name, server).map(|(_, value)| value).collect()
    }

    fn pairs<'a>(
        &'a self,
        shape: &'a str,
        name: &'a str,
        server: &'a str,
    ) -> impl Iterator<Item = (u32, f64)> + 'a {
        let of = move |sample: &&Sample| (sample.shape, sample.name, sample.server) == (shape, name, server);
        self.samples.iter().filter(of).map(|sample| (sample.pair, sample.value))
    }

    /// The median of ours over the floor, pair by pair: neighbours on the machine slow both of a pair.
    fn ratio(&self, shape: &str, name: &str) -> f64 {
        let floor: Vec<(u32, f64)> = self.pairs(shape, name, "floor").collect();
        let ratio = |(pair, ours): (u32, f64)| {
            let (_, floor) = floor.iter().find(|(other, _)| *other == pair)?;
            Some(ours / floor)
        };
        median(self.pairs(shape, name, "ours").filter_map(ratio).collect())
    }

    fn verdict(&self, shape: &str, name: &str, ratio: f64) -> String {
        let goal = GOALS.iter().find(|(of, figure, _)| (shape::name(*of), *figure) == (shape, name));
        let Some((.., goal)) = goal else { return String::new() };
        let ours = median(self.values(shape, name, "ours"));
        let floor = median(self.values(shape, name, "floor"));
        let (reached, text) = match goal {
            Goal::Most(most) => (ours <= *most, format!("≤ {most}")),
            Goal::MostOfFloor(most) => (ratio <= *most, format!("≤ {most} × floor")),
            Goal::LeastOfFloor(least) => (ratio >= *least, format!("≥ {least} × floor")),
            Goal::MostOverFloor(more) => (ours <= floor + more, format!("≤ floor + {more}")),
        };
        format!("{text} {}", if reached { "✓" } else { "✗" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_taken_pair_by_pair_and_held_against_the_goal() {
        let sample = |server, pair, value| Sample {
            shape: "unbatched",
            server,
            name: "CPU per delivery",
            unit: "µs",
            pair,
            value,
        };
        let mut report = Report::default();
        for (pair, ours, floor) in [(0, 10.5, 10.0), (1, 21.0, 20.0), (2, 9.0, 3.0)] {
            report.samples.extend([sample("ours", pair, ours), sample("floor", pair, floor)]);
        }
        let wanted = "| shape | figure | ours | floor | ours / floor | to reach |\n|---|---|---:|---:|---:|---:|\n\
                      | unbatched | CPU per delivery, µs | 10.5 | 10.0 | 1.05 | ≤ 1.1 × floor ✓ |\n";
        assert_eq!(report.table(), wanted);
    }
}
