//! The figures and the judgement of them, as a table for people and as JSON for programs.

use std::path::Path;

use measure::failure::Outcome;
use measure::report::{self, Report};
use serde::Serialize;

use crate::verdict::{self, Verdict};

/// Each figure a line, each tracker a column; then what was to be reached.
pub(crate) fn table(report: &Report) -> String {
    format!("{}\n{}", report.table(), verdict::table(&verdict::judge(&report.figures)))
}

/// Writes `tracker.json` and `tracker.md`.
pub(crate) fn write(report: &Report, folder: &Path) -> Outcome {
    let judged = Judged { report, verdicts: verdict::judge(&report.figures) };
    report::write(folder, "tracker", &judged, &table(report))
}

/// What is written for programs.
#[derive(Serialize)]
struct Judged<'a> {
    #[serde(flatten)]
    report: &'a Report,
    verdicts: Vec<Verdict>,
}

#[cfg(test)]
mod tests {
    use measure::report::Figure;

    use super::*;

    #[test]
    fn figures_come_first_and_then_what_was_to_be_reached() {
        let (shape, value) = ("storm".to_owned(), 0.0);
        let figure = Figure { shape, server: "ours", name: "never back", unit: "1", value };
        let table = table(&Report { figures: vec![figure], failures: Vec::new() });
        assert!(table.starts_with("| shape | figure | ours |"), "{table}");
        assert!(table.contains("| storm | never back | ≤ 0.00 | 0.00 | reached |"), "{table}");
    }
}
