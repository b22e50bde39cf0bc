//! What a process costs, as Linux tells it: memory from `/proc/PID/status`, CPU time from each thread's `schedstat`
//! (nanoseconds; `stat` counts in hundredths of a second).

use std::fs;
use std::path::PathBuf;

use crate::failure::{Context, Outcome};

/// Costs of one process up to now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Resident memory, in bytes.
    pub resident_bytes: u64,
    /// CPU time of all its threads, in nanoseconds. Threads that have ended are not in it: servers keep theirs.
    cpu_ns: u64,
}

impl Usage {
    /// Reads it.
    ///
    /// # Errors
    /// Where the process is gone.
    pub fn of(pid: u32) -> Outcome<Self> {
        let folder = PathBuf::from(format!("/proc/{pid}"));
        let status = fs::read_to_string(folder.join("status")).context("the server's memory")?;
        let tasks = fs::read_dir(folder.join("task")).context("the server's threads")?;
        let times = tasks.filter_map(|entry| {
            let text = fs::read_to_string(entry.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        Ok(Self { resident_bytes: kilobytes(&status, "VmRSS:") * 1_024, cpu_ns: times.sum() })
    }

    /// CPU time since `earlier`, in microseconds.
    #[must_use]
    pub fn cpu_us_since(&self, earlier: &Self) -> f64 {
        self.cpu_ns.saturating_sub(earlier.cpu_ns) as f64 / 1_000.0
    }
}

fn kilobytes(status: &str, key: &str) -> u64 {
    let value = status.lines().find_map(|line| line.strip_prefix(key));
    value.and_then(|value| value.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_very_process_costs_something() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.resident_bytes > 0 && usage.cpu_us_since(&Usage::default()) > 0.0);
    }
}
