//! What a process costs, as Linux tells it: memory from `/proc/PID/smaps_rollup`, CPU time from each thread's `schedstat`
//! (nanoseconds; `stat` counts in hundredths of a second).

use std::fs;
use std::path::PathBuf;

use measure::failure::{Context, Outcome};

/// Costs of one process up to now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Memory of the process; what it shares with others counts in parts.
    pub(crate) bytes: u64,
    /// CPU time of all its threads, in nanoseconds.
    cpu_ns: u64,
}

impl Usage {
    /// Reads it.
    pub(crate) fn of(pid: u32) -> Outcome<Self> {
        let folder = PathBuf::from(format!("/proc/{pid}"));
        let rollup = fs::read_to_string(folder.join("smaps_rollup")).context("the server's memory")?;
        let tasks = fs::read_dir(folder.join("task")).context("the server's threads")?;
        let times = tasks.filter_map(|entry| {
            let text = fs::read_to_string(entry.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        Ok(Self { bytes: kilobytes(&rollup, "Pss:") * 1_024, cpu_ns: times.sum() })
    }

    /// CPU time since `earlier`, in microseconds.
    pub(crate) fn cpu_us_since(&self, earlier: &Self) -> f64 {
        self.cpu_ns.saturating_sub(earlier.cpu_ns) as f64 / 1_000.0
    }

    /// Memory since `earlier`, in units of 1,024 bytes for each of so many.
    pub(crate) fn kib_each_since(&self, earlier: &Self, count: usize) -> f64 {
        (self.bytes as f64 - earlier.bytes as f64) / 1_024.0 / count.max(1) as f64
    }
}

/// A line of `/proc/meminfo`, in units of 1,024 bytes.
pub(crate) fn memory_kib(key: &str) -> Outcome<u64> {
    Ok(kilobytes(&fs::read_to_string("/proc/meminfo").context("the machine's memory")?, key))
}

fn kilobytes(text: &str, key: &str) -> u64 {
    let value = text.lines().find_map(|line| line.strip_prefix(key));
    value.and_then(|value| value.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Bytes that the kernel holds unsent for each connection of a port, the server's side, as `/proc/net/tcp` tells it.
pub(crate) fn unsent_bytes(port: u16) -> Outcome<Vec<u64>> {
    let table = fs::read_to_string("/proc/net/tcp").context("the kernel's connections")?;
    let wanted = format!(":{port:04X}");
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let (local, state, queues) = (words.nth(1)?, words.nth(1)?, words.next()?);
        // 01 is established.
        let ours = local.ends_with(&wanted) && state == "01";
        ours.then(|| u64::from_str_radix(queues.split(':').next()?, 16).ok()).flatten()
    };
    Ok(table.lines().filter_map(line).collect())
}

/// Bytes of the kernel's memory for all TCP, as `/proc/net/sockstat` tells it (pages of 4,096).
pub(crate) fn tcp_bytes() -> Outcome<u64> {
    let table = fs::read_to_string("/proc/net/sockstat").context("the kernel's sockets")?;
    let line = table.lines().find_map(|line| line.strip_prefix("TCP:")).unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    let pages = words.iter().position(|word| *word == "mem").and_then(|at| words.get(at + 1)?.parse().ok());
    Ok(pages.unwrap_or(0) * 4_096)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn this_very_process_costs_something() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.bytes > 0 && usage.cpu_us_since(&Usage::default()) > 0.0);
    }

    #[test]
    fn a_connection_of_a_port_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let _client = TcpStream::connect(address).unwrap();
        assert_eq!(unsent_bytes(address.port()).unwrap(), [0]);
        assert!(tcp_bytes().is_ok());
    }
}
