//! Without a tracker viewers play as plain HLS does; one that is lost later takes nothing away from links that are open.

use sim::scenario::named;

#[test]
fn without_a_tracker_from_the_start_everything_is_as_in_the_control() {
    let comparison = sim::compare(&named("tracker-never", Some(4), Some(40), 7).expect("known"));
    assert_eq!(comparison.run.broken, Vec::<String>::new());
    assert_eq!(comparison.harms(), Vec::<String>::new());
    assert!(comparison.run.offload.abs() < 0.01, "{}", comparison.run.offload);
}

#[test]
fn a_tracker_that_is_lost_later_is_not_missed() {
    let comparison = sim::compare(&named("tracker-lost", Some(4), Some(60), 7).expect("known"));
    assert_eq!(comparison.run.broken, Vec::<String>::new());
    assert_eq!(comparison.harms(), Vec::<String>::new());
    assert!(comparison.run.offload >= 0.74, "{}", comparison.run.offload);
}
