//! The figures, as a table for people and as JSON for programs.

use std::fmt::Write;
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
        let json = serde_json::to_string_pretty(self).context("the results as JSON")?;
        std::fs::create_dir_all(folder).context("a folder for the results")?;
        std::fs::write(folder.join(format!("{name}.json")), json + "\n").context("writing the results")?;
        std::fs::write(folder.join(format!("{name}.md")), self.table()).context("writing the results")
    }
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
fn digits(value: f64) -> String {
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
