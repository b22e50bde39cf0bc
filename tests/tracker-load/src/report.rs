//! The figures, as a table for people and as JSON for programs.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use crate::verdict::{self, Verdict};
use measure::failure::{Context, Outcome};

/// One figure of one tracker.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) shape: String,
    pub(crate) tracker: &'static str,
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
}

/// The whole run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) figures: Vec<Figure>,
    /// Measures that could not be taken, and why.
    pub(crate) failures: Vec<String>,
}

impl Report {
    /// Each figure a line, each tracker a column.
    pub(crate) fn table(&self) -> String {
        let trackers = distinct(self.figures.iter().map(|figure| figure.tracker));
        let mut table = format!("| shape | figure | {} |\n|---|---|", trackers.join(" | "));
        table.push_str(&"---:|".repeat(trackers.len()));
        table.push('\n');
        for (shape, name, unit) in
            distinct(self.figures.iter().map(|figure| (figure.shape.as_str(), figure.name, figure.unit)))
        {
            // Writing to a String cannot fail.
            let _ = write!(table, "| {shape} | {name}, {unit} |");
            for tracker in &trackers {
                let figure = self.figures.iter().find(|figure| {
                    (figure.shape.as_str(), figure.name, figure.tracker) == (shape, name, tracker)
                });
                let value = figure.map_or_else(|| "–".to_owned(), |figure| digits(figure.value));
                let _ = write!(table, " {value} |");
            }
            table.push('\n');
        }
        let _ = write!(table, "\n{}", verdict::table(&verdict::judge(&self.figures)));
        for failure in &self.failures {
            let _ = writeln!(table, "\n{failure}");
        }
        table
    }

    /// Writes `tracker.json` and `tracker.md`.
    pub(crate) fn write(&self, folder: &Path) -> Outcome {
        let judged = Judged { report: self, verdicts: verdict::judge(&self.figures) };
        let json = serde_json::to_string_pretty(&judged).context("the results as JSON")?;
        std::fs::create_dir_all(folder).context("a folder for the results")?;
        std::fs::write(folder.join("tracker.json"), json + "\n").context("writing the results")?;
        std::fs::write(folder.join("tracker.md"), self.table()).context("writing the results")
    }
}

/// What is written for programs.
#[derive(Serialize)]
struct Judged<'a> {
    #[serde(flatten)]
    report: &'a Report,
    verdicts: Vec<Verdict>,
}

fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut seen, item| {
        if !seen.contains(&item) {
            seen.push(item);
        }
        seen
    })
}

/// Three digits of what is small, whole numbers of what is not.
pub(crate) fn digits(value: f64) -> String {
    match value.abs() {
        _ if value.is_nan() => "–".to_owned(),
        small if small < 10.0 => format!("{value:.2}"),
        medium if medium < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_a_line_and_a_tracker_is_a_column() {
        let figure =
            |tracker, name, value| Figure { shape: "idle".to_owned(), tracker, name, unit: "B", value };
        let figures = vec![
            figure("ours", "memory", 4_400.4),
            figure("floor", "memory", 3.604),
            figure("ours", "x", f64::NAN),
        ];
        let report = Report { figures, failures: vec!["relay, floor: no".to_owned()] };
        let wanted = "| shape | figure | ours | floor |\n|---|---|---:|---:|\n| idle | memory, B | 4400 | 3.60 |\n\
                      | idle | x, B | – | – |\n\n| shape | figure | to reach |";
        let table = report.table();
        assert!(table.starts_with(wanted) && table.ends_with("\nrelay, floor: no\n"), "{table}");
    }
}
