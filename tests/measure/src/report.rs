//! The figures, as a table for people and as JSON for programs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::failure::{Context, Outcome};

/// One figure of one server.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was done.
    pub shape: String,
    /// Whose it is.
    pub server: &'static str,
    /// What was measured.
    pub name: &'static str,
    /// In what.
    pub unit: &'static str,
    /// How much; not a number where it could not be measured.
    pub value: f64,
}

/// The whole run.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// In the order of the table's lines.
    pub figures: Vec<Figure>,
    /// Measures that could not be taken, and why.
    pub failures: Vec<String>,
}

impl Report {
    /// Each figure a line, each server a column.
    #[must_use]
    pub fn table(&self) -> String {
        let servers = distinct(self.figures.iter().map(|figure| figure.server));
        let mut table = format!("| shape | figure | {} |\n|---|---|", servers.join(" | "));
        table.push_str(&"---:|".repeat(servers.len()));
        table.push('\n');
        for (shape, name, unit) in
            distinct(self.figures.iter().map(|figure| (figure.shape.as_str(), figure.name, figure.unit)))
        {
            // Writing to a String cannot fail.
            let _ = write!(table, "| {shape} | {name}, {unit} |");
            for server in &servers {
                let figure = self.figures.iter().find(|figure| {
                    (figure.shape.as_str(), figure.name, figure.server) == (shape, name, server)
                });
                let value = figure.map_or_else(|| "–".to_owned(), |figure| digits(figure.value));
                let _ = write!(table, " {value} |");
            }
            table.push('\n');
        }
        for failure in &self.failures {
            let _ = writeln!(table, "\n{failure}");
        }
        table
    }

    /// Writes `{name}.json` and `{name}.md`.
    ///
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn write(&self, folder: &Path, name: &str) -> Outcome {
        write(folder, name, self, &self.table())
    }
}

/// Writes results as `{name}.json` and their table as `{name}.md`.
///
/// # Errors
/// Where the folder cannot be written to.
pub fn write(folder: &Path, name: &str, results: &impl Serialize, table: &str) -> Outcome {
    let json = serde_json::to_string_pretty(results).context("the results as JSON")?;
    std::fs::create_dir_all(folder).context("a folder for the results")?;
    std::fs::write(folder.join(format!("{name}.json")), json + "\n").context("writing the results")?;
    std::fs::write(folder.join(format!("{name}.md")), table).context("writing the results")
}

/// Says on standard error what the bench is at.
pub fn say(line: &str) {
    // Where even the standard error is closed there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Each of them once, in the order in which they come.
pub fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut seen, item| {
        if !seen.contains(&item) {
            seen.push(item);
        }
        seen
    })
}

/// The middle one, or the middle between the two; not a number where there is none. What is no number does not count.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied().unwrap_or(f64::NAN);
    let lower =
        values.len().checked_sub(1).and_then(|last| values.get(last / 2)).copied().unwrap_or(f64::NAN);
    f64::midpoint(lower, upper)
}

/// Three digits of what is small, whole numbers of what is not.
#[must_use]
pub fn digits(value: f64) -> String {
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
    fn the_median_of_an_even_number_lies_between() {
        assert!((median(vec![4.0, 1.0, f64::NAN, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn a_figure_is_a_line_and_a_server_is_a_column() {
        let figure =
            |server, name, value| Figure { shape: "idle".to_owned(), server, name, unit: "B", value };
        let figures = vec![
            figure("ours", "memory", 4_400.4),
            figure("floor", "memory", 3.604),
            figure("ours", "x", f64::NAN),
        ];
        let report = Report { figures, failures: vec!["relay, floor: no".to_owned()] };
        let wanted = "| shape | figure | ours | floor |\n|---|---|---:|---:|\n| idle | memory, B | 4400 | 3.60 |\n\
                      | idle | x, B | – | – |\n\nrelay, floor: no\n";
        assert_eq!(report.table(), wanted);
    }
}
