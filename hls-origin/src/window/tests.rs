//! What leaves a playlist, when, and for how long it is still there.

use std::sync::Arc;

use bytes::Bytes;
use protocol::id::Digest;
use protocol::time::{Duration, Instant, StreamTime};

use super::{NamedInit, Segment, Window};
use crate::ingest::Init;

fn segment(msn: u64, ms: u64) -> Arc<Segment> {
    let init = Init { bytes: Bytes::new(), tracks: Vec::new(), reference: 0 };
    Arc::new(Segment {
        msn,
        name: msn.to_string(),
        start: StreamTime(0),
        duration_us: ms * 1_000,
        discontinuity: false,
        dsn: 0,
        init: Arc::new(NamedInit { name: String::new(), init, digest: Digest::ZERO }),
        body: None,
    })
}

#[test]
fn the_oldest_leaves_only_while_three_target_durations_stay() {
    let target = Duration::from_secs(2);
    // durations in ms → numbers listed, of at most three
    let rows: [(&[u64], &[u64]); 3] = [
        (&[2_000, 2_000, 2_000, 2_000], &[1, 2, 3]),
        (&[2_000, 2_000, 2_000, 1_999], &[0, 1, 2, 3]),
        (&[500, 500, 3_000, 3_000], &[1, 2, 3]),
    ];
    for (durations, expected) in rows {
        let mut window = Window::new(3, Duration::ZERO);
        for (msn, ms) in (0..).zip(durations) {
            window.push(segment(msn, *ms), target, Instant::ZERO);
        }
        let listed = window.listed().map(|segment| segment.msn).collect::<Vec<u64>>();
        assert_eq!(listed, expected, "{durations:?}");
    }
}

#[test]
fn what_left_stays_for_its_own_duration_and_the_longest_playlists() {
    let mut window = Window::new(3, Duration::from_secs(1));
    for msn in 0..4 {
        window.push(segment(msn, 2_000), Duration::from_secs(2), Instant::from_millis(10_000));
    }
    // Own 2 s, longest playlist 8 s, margin 1 s, from the removal at 10 s.
    window.expire(Instant::from_millis(20_999));
    assert_eq!(window.available().next().map(|segment| segment.msn), Some(0));
    window.expire(Instant::from_millis(21_000));
    assert_eq!(window.available().next().map(|segment| segment.msn), Some(1));
}
