//! `shoal-peer` as a child: its reports, its costs.

use std::path::Path;
use std::process::Stdio;

use measure::failure::{Context, Outcome};
use measure::usage::Usage;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Viewers of one process; dropping it kills them.
#[derive(Debug)]
pub(crate) struct Viewers {
    child: Child,
    reports: Lines<BufReader<ChildStdout>>,
}

impl Viewers {
    /// Lets them come; they report every second.
    pub(crate) fn come(program: &Path, arguments: &[String]) -> Outcome<Self> {
        let mut command = Command::new(program);
        command.args(arguments).args(["--report-every-s", "1", "--link-addresses", "127.0.0.1"]);
        command.env("RUST_LOG", "error").stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context(program.display())?;
        let stdout = child.stdout.take().context("the viewers' reports")?;
        Ok(Self { child, reports: BufReader::new(stdout).lines() })
    }

    /// The first report after so many seconds of theirs.
    pub(crate) async fn report_after(&mut self, seconds: u32) -> Outcome<Value> {
        loop {
            let line = self.reports.next_line().await.context("the viewers' reports")?;
            let report: Value =
                serde_json::from_str(&line.context("the viewers have ended")?).context("a report")?;
            if number(&report, "seconds") >= f64::from(seconds) {
                return Ok(report);
            }
        }
    }

    /// What they have cost so far.
    pub(crate) fn usage(&self) -> Outcome<Usage> {
        Usage::of(self.child.id().context("the viewers have ended")?)
    }
}

/// A number of a report.
pub(crate) fn number(report: &Value, key: &str) -> f64 {
    report.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN)
}
