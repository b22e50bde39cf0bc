//! Phones that sleep for minutes: their neighbours are not stalled by it, and they wake as the same viewers, find links again,
//! go on sharing, and are cut by nobody for what came late.

use protocol::time::Duration;
use sim::report::Report;
use sim::scenario::named;

/// From waking until links are found again: announces, offers, handshakes.
const LINKED_AGAIN: Duration = Duration::from_secs(20);

#[test]
fn phones_that_wake_find_links_again_and_nobody_stalls_or_is_cut() {
    let mut scenario = named("sleepers", Some(16), Some(240), 7).expect("known");
    scenario.crowd.sleeping_permille = 700;
    let world = sim::run(&scenario);
    let (report, control) = (Report::of(&world), Report::of(&sim::run(&scenario.control())));
    assert_eq!(report.broken, Vec::<String>::new());
    assert_eq!(report.wronged, Vec::<String>::new());
    assert_eq!((report.stalls, control.stalls, report.bad_blocks_played), (0, 0, 0));
    assert!(report.offload_over_ceiling >= 0.9, "{}", report.offload_over_ceiling);
    assert!(
        report.behind_s.p95 <= control.behind_s.p95 + 0.1,
        "{:?} {:?}",
        report.behind_s,
        control.behind_s
    );
    let slept = world.viewers.iter().filter_map(|viewer| Some((viewer, viewer.account.asleep.last()?)));
    let long_awake = |until| world.now().since(until) > LINKED_AGAIN;
    let woken: Vec<_> =
        slept.filter(|(viewer, span)| viewer.is_watching() && long_awake(span.until)).collect();
    assert!(woken.len() >= 2, "{} woke in time", woken.len());
    for (viewer, span) in woken {
        let links = viewer.stats().map_or(0, |stats| stats.links);
        assert!(links > 0, "one that woke {:?} before the end has no link", world.now().since(span.until));
        assert!(viewer.account.sent_bytes > 0 && viewer.account.peer_bytes > 0);
    }
}
