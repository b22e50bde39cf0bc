//! Viewers who change the rendition: their links stay, nothing stalls, and the blocks of both renditions are shared.

use sim::scenario::named;

#[test]
fn viewers_who_change_the_rendition_go_on_without_a_stall_and_share_both() {
    let comparison = sim::compare(&named("switching", Some(24), Some(40), 7).expect("known"));
    let (run, control) = (&comparison.run, &comparison.control);
    assert_eq!(run.broken, Vec::<String>::new());
    assert_eq!((run.stalls, control.stalls), (0, 0));
    assert!(control.offload.abs() < 0.1, "who turns pays for what it turns to: {}", control.offload);
    assert!(run.offload > 0.8, "{}", run.offload);
    assert!(run.behind_s.p95 <= control.behind_s.p95 + 0.1, "{} {}", run.behind_s.p95, control.behind_s.p95);
}
