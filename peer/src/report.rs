//! What a process's viewers tell of themselves, added up.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use swarm::report::Stats;

use crate::player::Tally;

/// One viewer as it was a moment ago.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) stats: Stats,
    pub(crate) tally: Tally,
    pub(crate) plain_bytes: u64,
    pub(crate) behind_ms: Option<u64>,
    pub(crate) playing: bool,
    pub(crate) watched_ms: u64,
}

/// Where a viewer's task leaves its snapshot: what its engines before this one did, and this one.
#[derive(Debug, Default)]
pub(crate) struct Desk(Mutex<(Snapshot, Snapshot)>);

impl Desk {
    pub(crate) fn leave(&self, snapshot: Snapshot) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = snapshot;
    }

    /// Another engine begins where this one ends.
    pub(crate) fn turn(&self) {
        let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        desk.0 = desk.1.after(&desk.0);
        desk.1 = Snapshot::default();
    }

    pub(crate) fn read(&self) -> Snapshot {
        let desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        desk.1.after(&desk.0)
    }
}

impl Snapshot {
    /// Totals of both; how it is now is this one's.
    fn after(&self, past: &Self) -> Self {
        let (now, then) = (&self.stats, &past.stats);
        let stats = Stats {
            origin_bytes: now.origin_bytes + then.origin_bytes,
            peer_bytes: now.peer_bytes + then.peer_bytes,
            super_peer_bytes: now.super_peer_bytes + then.super_peer_bytes,
            upload_bytes: now.upload_bytes + then.upload_bytes,
            duplicate_bytes: now.duplicate_bytes + then.duplicate_bytes,
            late_bytes: now.late_bytes + then.late_bytes,
            bad_bytes: now.bad_bytes + then.bad_bytes,
            origin_blocks: now.origin_blocks + then.origin_blocks,
            peer_blocks: now.peer_blocks + then.peer_blocks,
            deadline_blocks: now.deadline_blocks + then.deadline_blocks,
            messages_sent: now.messages_sent + then.messages_sent,
            messages_received: now.messages_received + then.messages_received,
            segments_ready: now.segments_ready + then.segments_ready,
            segments_given_up: now.segments_given_up + then.segments_given_up,
            peers_banned: now.peers_banned + then.peers_banned,
            links: now.links,
            swarm_size: now.swarm_size,
        };
        let tally = Tally {
            start: past.tally.start.or(self.tally.start),
            stalls: self.tally.stalls + past.tally.stalls,
            stalled: self.tally.stalled.saturating_add(past.tally.stalled),
            jumps: self.tally.jumps + past.tally.jumps,
        };
        Self {
            stats,
            tally,
            plain_bytes: self.plain_bytes + past.plain_bytes,
            watched_ms: self.watched_ms + past.watched_ms,
            ..*self
        }
    }
}

/// The report: sums and percentiles over all viewers of a process. Bytes are of blocks' bodies.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Seconds since the start.
    pub seconds: f64,
    /// Whether these are super-peers.
    pub super_peer: bool,
    /// Viewers that came.
    pub viewers: usize,
    /// Viewers whose picture moves.
    pub playing: usize,
    /// The share of all video that other viewers gave; what super-peers gave counts as neither.
    pub offload: f64,
    /// Verified, from the origin.
    pub origin_bytes: u64,
    /// Verified, from viewers.
    pub peer_bytes: u64,
    /// Verified, from super-peers.
    pub super_peer_bytes: u64,
    /// Loaded as plain HLS does, for want of a list.
    pub plain_bytes: u64,
    /// Sent to others.
    pub upload_bytes: u64,
    /// The largest upload ÷ download of a viewer.
    pub upload_ratio_max: f64,
    /// Arrived for nothing: duplicates.
    pub duplicate_bytes: u64,
    /// Arrived for nothing: too late.
    pub late_bytes: u64,
    /// Arrived and refuted.
    pub bad_bytes: u64,
    /// Blocks bought because their deadline was near.
    pub deadline_blocks: u64,
    /// Segments handed to players.
    pub segments_ready: u64,
    /// Segments left to plain HLS.
    pub segments_given_up: u64,
    /// Neighbours cut.
    pub peers_banned: u64,
    /// Links of a viewer, mean.
    pub links_mean: f64,
    /// Viewers of the swarm, as the tracker last said.
    pub swarm_size: u32,
    /// From coming to the first frame, in ms: median.
    pub start_ms_p50: u64,
    /// The same of the slowest twentieth.
    pub start_ms_p95: u64,
    /// Viewers that ever ran dry.
    pub stalled_viewers: usize,
    /// How often they did.
    pub stalls: u64,
    /// Seconds of being dry for each hour watched.
    pub stalled_s_per_hour: f64,
    /// Jumps towards live.
    pub jumps: u64,
    /// Behind the live edge, in ms: median.
    pub behind_ms_p50: u64,
    /// The same of the furthest twentieth.
    pub behind_ms_p95: u64,
}

impl Report {
    /// Of these viewers.
    pub(crate) fn of(snapshots: &[Snapshot], seconds: f64, super_peer: bool) -> Self {
        let sum = |of: fn(&Snapshot) -> u64| snapshots.iter().map(of).sum::<u64>();
        let origin_bytes = sum(|one| one.stats.origin_bytes);
        let peer_bytes = sum(|one| one.stats.peer_bytes);
        let super_peer_bytes = sum(|one| one.stats.super_peer_bytes);
        let plain_bytes = sum(|one| one.plain_bytes);
        let starts = sorted(snapshots.iter().filter_map(|one| Some(one.tally.start?.as_millis())));
        let behind = sorted(snapshots.iter().filter_map(|one| one.behind_ms));
        let hours = sum(|one| one.watched_ms) as f64 / 3_600_000.0;
        Self {
            seconds,
            super_peer,
            viewers: snapshots.len(),
            playing: snapshots.iter().filter(|one| one.playing).count(),
            offload: share(peer_bytes, origin_bytes + peer_bytes + super_peer_bytes + plain_bytes),
            origin_bytes,
            peer_bytes,
            super_peer_bytes,
            plain_bytes,
            upload_bytes: sum(|one| one.stats.upload_bytes),
            upload_ratio_max: snapshots.iter().map(upload_ratio).fold(0.0, f64::max),
            duplicate_bytes: sum(|one| one.stats.duplicate_bytes),
            late_bytes: sum(|one| one.stats.late_bytes),
            bad_bytes: sum(|one| one.stats.bad_bytes),
            deadline_blocks: sum(|one| one.stats.deadline_blocks),
            segments_ready: sum(|one| one.stats.segments_ready),
            segments_given_up: sum(|one| one.stats.segments_given_up),
            peers_banned: sum(|one| one.stats.peers_banned),
            links_mean: mean(sum(|one| u64::from(one.stats.links)), snapshots.len()),
            swarm_size: snapshots.iter().map(|one| one.stats.swarm_size).max().unwrap_or(0),
            start_ms_p50: percentile(&starts, 50),
            start_ms_p95: percentile(&starts, 95),
            stalled_viewers: snapshots.iter().filter(|one| one.tally.stalls > 0).count(),
            stalls: sum(|one| u64::from(one.tally.stalls)),
            stalled_s_per_hour: if hours > 0.0 {
                sum(|one| one.tally.stalled.as_millis()) as f64 / 1_000.0 / hours
            } else {
                0.0
            },
            jumps: sum(|one| u64::from(one.tally.jumps)),
            behind_ms_p50: percentile(&behind, 50),
            behind_ms_p95: percentile(&behind, 95),
        }
    }
}

fn upload_ratio(one: &Snapshot) -> f64 {
    let stats = one.stats;
    share(stats.upload_bytes, stats.origin_bytes + stats.peer_bytes + stats.super_peer_bytes)
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn mean(sum: u64, count: usize) -> f64 {
    if count == 0 { 0.0 } else { sum as f64 / count as f64 }
}

fn sorted(values: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values
}

/// The nearest rank.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::time::Duration;

    #[test]
    fn what_super_peers_gave_is_told_apart_and_is_no_offload() {
        let stats = Stats {
            origin_bytes: 100,
            peer_bytes: 600,
            super_peer_bytes: 200,
            upload_bytes: 450,
            ..Stats::default()
        };
        let one = Snapshot { stats, plain_bytes: 100, watched_ms: 1_800_000, ..Snapshot::default() };
        let dry = Tally { stalls: 1, stalled: Duration::from_secs(3), ..Tally::default() };
        let report = Report::of(&[one, Snapshot { tally: dry, ..one }], 1.0, false);
        assert!((report.offload - 0.6).abs() < 1e-9 && (report.upload_ratio_max - 0.5).abs() < 1e-9);
        assert_eq!((report.super_peer_bytes, report.stalled_viewers), (400, 1));
        assert!((report.stalled_s_per_hour - 3.0).abs() < 1e-9);
    }

    #[test]
    fn another_engine_goes_on_with_the_totals_of_the_one_before() {
        let desk = Desk::default();
        let stats = Stats { origin_bytes: 5, links: 2, ..Stats::default() };
        let start = Some(Duration::from_millis(300));
        let tally = Tally { start, stalls: 1, ..Tally::default() };
        let one =
            Snapshot { stats, tally, plain_bytes: 3, watched_ms: 10, playing: true, behind_ms: Some(9) };
        desk.leave(one);
        desk.turn();
        let turned = desk.read();
        assert_eq!((turned.stats.origin_bytes, turned.stats.links, turned.playing), (5, 0, false));
        desk.leave(Snapshot { tally: Tally { start: None, ..tally }, ..one });
        let both = desk.read();
        assert_eq!((both.stats.origin_bytes, both.stats.links, both.plain_bytes), (10, 2, 6));
        assert_eq!((both.tally.start, both.tally.stalls, both.watched_ms), (start, 2, 20));
    }

    #[test]
    fn percentiles_are_nearest_ranks_and_nobody_is_zero() {
        let hundred: Vec<u64> = (1..=100).collect();
        let rows = [(hundred.as_slice(), 50, 50), (&hundred, 95, 95), (&[7], 95, 7), (&[], 50, 0)];
        for (values, percent, value) in rows {
            assert_eq!(percentile(values, percent), value);
        }
        assert_eq!(Report::of(&[], 0.0, false).offload, 0.0);
    }
}
