//! What a process costs, as Linux tells it: memory from `/proc/PID/status`, CPU time from each thread's `schedstat`
//! (nanoseconds; `stat` counts in hundredths of a second); and what the machine's kernel costs beside it.

use std::fs;

use crate::failure::{Context, Outcome};

/// Costs of one process up to now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Resident memory, in bytes.
    pub resident_bytes: u64,
    /// The most that it ever was.
    pub resident_bytes_peak: u64,
    /// CPU time of all its threads, in nanoseconds. Threads that have ended are not in it: servers keep theirs.
    cpu_ns: u64,
}

impl Usage {
    /// Reads it.
    ///
    /// # Errors
    /// Where the process is gone.
    pub fn of(pid: u32) -> Outcome<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the server's memory")?;
        Ok(Self {
            resident_bytes: kilobytes(&status, "VmRSS:") * 1_024,
            resident_bytes_peak: kilobytes(&status, "VmHWM:") * 1_024,
            cpu_ns: Threads::of(pid)?.0.iter().sum(),
        })
    }

    /// CPU time since `earlier`, in microseconds.
    #[must_use]
    pub fn cpu_us_since(&self, earlier: &Self) -> f64 {
        self.cpu_ns.saturating_sub(earlier.cpu_ns) as f64 / 1_000.0
    }

    /// Memory since `earlier`, in units of 1,024 bytes for each of so many.
    #[must_use]
    pub fn kib_each_since(&self, earlier: &Self, count: usize) -> f64 {
        (self.resident_bytes as f64 - earlier.resident_bytes as f64) / 1_024.0 / count.max(1) as f64
    }
}

/// CPU time of each thread of a process up to now, in nanoseconds; in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Threads(Vec<u64>);

impl Threads {
    /// Reads it.
    ///
    /// # Errors
    /// Where the process is gone.
    pub fn of(pid: u32) -> Outcome<Self> {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).context("the server's threads")?;
        let mut threads: Vec<(u64, u64)> = tasks
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let id = entry.file_name().to_str()?.parse().ok()?;
                let times = fs::read_to_string(entry.path().join("schedstat")).ok()?;
                Some((id, times.split(' ').next()?.parse().ok()?))
            })
            .collect();
        threads.sort_unstable();
        Ok(Self(threads.into_iter().map(|(_, time)| time).collect()))
    }

    /// The busiest thread's part of the CPU time since `earlier`; thread by thread, because servers keep theirs.
    #[must_use]
    pub fn busiest_share_since(&self, earlier: &Self) -> f64 {
        let before = earlier.0.iter().chain(std::iter::repeat(&0));
        let spent: Vec<u64> =
            self.0.iter().zip(before).map(|(now, then)| now.saturating_sub(*then)).collect();
        let total: u64 = spent.iter().sum();
        spent.into_iter().max().unwrap_or(0) as f64 / total.max(1) as f64
    }
}

/// Memory of a process; of what it shares with others only its part (the kernel walks all of its pages for this).
///
/// # Errors
/// Where the process is gone.
pub fn own_bytes(pid: u32) -> Outcome<u64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    Ok(kilobytes(&fs::read_to_string(path).context("the server's memory")?, "Pss:") * 1_024)
}

/// A line of `/proc/meminfo`, in bytes.
///
/// # Errors
/// Where the system has no such file.
pub fn machine_bytes(key: &str) -> Outcome<u64> {
    Ok(kilobytes(&fs::read_to_string("/proc/meminfo").context("the machine's memory")?, key) * 1_024)
}

/// Bytes that the kernel holds unsent for each connection of a port, the server's side, as `/proc/net/tcp` tells it.
///
/// # Errors
/// Where the system has no such file.
pub fn unsent_bytes(port: u16) -> Outcome<Vec<u64>> {
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

/// Bytes in the buffers of all TCP, as `/proc/net/sockstat` tells it (pages of 4,096).
///
/// # Errors
/// Where the system has no such file.
pub fn tcp_bytes() -> Outcome<u64> {
    let table = fs::read_to_string("/proc/net/sockstat").context("the kernel's sockets")?;
    let line = table.lines().find_map(|line| line.strip_prefix("TCP:")).unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    let pages = words.iter().position(|word| *word == "mem").and_then(|at| words.get(at + 1)?.parse().ok());
    Ok(pages.unwrap_or(0) * 4_096)
}

fn kilobytes(status: &str, key: &str) -> u64 {
    let value = status.lines().find_map(|line| line.strip_prefix(key));
    value.and_then(|value| value.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn this_very_process_costs_something() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.resident_bytes > 0 && usage.resident_bytes_peak >= usage.resident_bytes);
        assert!(usage.cpu_us_since(&Usage::default()) > 0.0);
        assert!(own_bytes(std::process::id()).unwrap() > 0);
    }

    #[test]
    fn the_busiest_thread_is_found_by_its_own_part() {
        let share = Threads(vec![100, 400, 300]).busiest_share_since(&Threads(vec![100, 100, 200]));
        assert!((share - 0.75).abs() < 1e-9, "{share}");
    }

    #[test]
    fn a_connection_of_a_port_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let _client = TcpStream::connect(address).unwrap();
        assert_eq!(unsent_bytes(address.port()).unwrap(), [0]);
        assert!(tcp_bytes().is_ok() && machine_bytes("MemTotal:").unwrap() > 0);
    }
}
