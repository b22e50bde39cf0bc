//! The server from outside: `/proc` of its process.

use std::fs;
use std::io::{Error, Result};
use std::time::Duration;

/// A process.
pub(crate) struct Server {
    folder: String,
}

/// What it has used so far, and holds now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) cpu: Duration,
    pub(crate) resident_bytes: u64,
}

/// `USER_HZ`: the same on every Linux that we know (proc(5)).
const TICK: Duration = Duration::from_millis(10);

impl Server {
    pub(crate) fn of(pid: u32) -> Self {
        Self { folder: format!("/proc/{pid}") }
    }

    /// User and system time, and resident memory.
    pub(crate) fn look(&self) -> Result<Look> {
        let stat = fs::read_to_string(format!("{}/stat", self.folder))?;
        // The name stands in brackets and may hold anything; the times are the 12th and 13th word behind it.
        let words: Vec<&str> =
            stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
        let ticks = |word: usize| words.get(word).and_then(|ticks| ticks.parse::<u32>().ok());
        let ticks = ticks(11).zip(ticks(12)).ok_or_else(|| Error::other("no times in /proc"))?;
        let status = fs::read_to_string(format!("{}/status", self.folder))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next());
        let kib: u64 =
            resident.and_then(|kib| kib.parse().ok()).ok_or_else(|| Error::other("no memory in /proc"))?;
        Ok(Look { cpu: TICK * (ticks.0 + ticks.1), resident_bytes: kib * 1_024 })
    }
}
