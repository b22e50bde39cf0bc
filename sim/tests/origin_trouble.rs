//! An origin that gives half of what plain HLS needs, and then fails: viewers help each other through the first.

use sim::scenario::named;

#[test]
fn a_weak_origin_stalls_viewers_less_than_without_us() {
    let comparison = sim::compare(&named("origin-fails", Some(8), Some(90), 7).expect("known"));
    assert_eq!(comparison.run.broken, Vec::<String>::new());
    let (run, control) = (&comparison.run, &comparison.control);
    assert!(control.stalls > 0, "the control suffers");
    assert!(
        run.stall_s_per_hour <= control.stall_s_per_hour,
        "{} {}",
        run.stall_s_per_hour,
        control.stall_s_per_hour
    );
    assert!(run.behind_s.p95 <= control.behind_s.p95 + 0.1, "{} {}", run.behind_s.p95, control.behind_s.p95);
}
