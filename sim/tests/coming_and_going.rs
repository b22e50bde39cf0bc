//! Viewers who come late start as fast as without us; viewers who leave in mid-block cost the others no stall.

use sim::scenario::named;

#[test]
fn late_viewers_start_as_fast_as_without_us_and_soon_share() {
    let comparison = sim::compare(&named("late-join", Some(8), Some(60), 7).expect("known"));
    assert_eq!(comparison.run.broken, Vec::<String>::new());
    assert_eq!(comparison.harms(), Vec::<String>::new());
    assert!(comparison.run.offload >= 0.8, "{}", comparison.run.offload);
}

#[test]
fn viewers_who_leave_in_mid_block_stall_nobody() {
    let comparison = sim::compare(&named("churn-small", Some(8), Some(60), 7).expect("known"));
    assert_eq!(comparison.run.broken, Vec::<String>::new());
    assert_eq!(comparison.harms(), Vec::<String>::new());
    assert!(comparison.run.offload >= 0.75, "{}", comparison.run.offload);
}
