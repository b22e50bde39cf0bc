//! What a process costs, as Linux tells it: memory from `/proc/PID/status`, CPU time from each thread's `schedstat`
//! (nanoseconds; `stat` counts in hundredths of a second).

use std::fs;
use std::path::PathBuf;

use measure::failure::{Context, Outcome};

/// Costs of one process up to now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage {
    /// Resident memory, in bytes.
    pub(crate) resident_bytes: u64,
    /// The most that it ever was.
    pub(crate) resident_bytes_peak: u64,
    /// CPU time of each thread, in nanoseconds; threads in the order of their ids.
    threads_ns: Vec<u64>,
}

impl Usage {
    /// Reads it.
    pub(crate) fn of(pid: u32) -> Outcome<Self> {
        let folder = PathBuf::from(format!("/proc/{pid}"));
        let status = fs::read_to_string(folder.join("status")).context("the server's memory")?;
        let mut threads: Vec<(u64, u64)> = fs::read_dir(folder.join("task"))
            .context("the server's threads")?
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let id = entry.file_name().to_str()?.parse().ok()?;
                let times = fs::read_to_string(entry.path().join("schedstat")).ok()?;
                Some((id, times.split(' ').next()?.parse().ok()?))
            })
            .collect();
        threads.sort_unstable();
        Ok(Self {
            resident_bytes: kilobytes(&status, "VmRSS:") * 1_024,
            resident_bytes_peak: kilobytes(&status, "VmHWM:") * 1_024,
            threads_ns: threads.into_iter().map(|(_, time)| time).collect(),
        })
    }

    /// CPU time since `earlier`, in microseconds.
    pub(crate) fn cpu_us_since(&self, earlier: &Self) -> f64 {
        let total = |usage: &Self| usage.threads_ns.iter().sum::<u64>();
        total(self).saturating_sub(total(earlier)) as f64 / 1_000.0
    }

    /// The busiest thread's part of the CPU time since `earlier`; thread by thread, because ours do not end.
    pub(crate) fn busiest_share_since(&self, earlier: &Self) -> f64 {
        let before = earlier.threads_ns.iter().chain(std::iter::repeat(&0));
        let spent: Vec<u64> =
            self.threads_ns.iter().zip(before).map(|(now, then)| now.saturating_sub(*then)).collect();
        let total: u64 = spent.iter().sum();
        spent.into_iter().max().unwrap_or(0) as f64 / total.max(1) as f64
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
        assert!(usage.resident_bytes > 0 && usage.resident_bytes_peak >= usage.resident_bytes);
        assert!(usage.cpu_us_since(&Usage::default()) > 0.0);
    }

    #[test]
    fn the_busiest_thread_is_found_by_its_own_part() {
        let of = |threads_ns: &[u64]| Usage { threads_ns: threads_ns.to_vec(), ..Usage::default() };
        let share = of(&[100, 400, 300]).busiest_share_since(&of(&[100, 100, 200]));
        assert!((share - 0.75).abs() < 1e-9, "{share}");
    }
}
