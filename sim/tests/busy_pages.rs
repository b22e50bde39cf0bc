//! Pages that share a machine too small for them: late with everything, or still for seconds. Nobody is to blame.

use sim::scenario::named;

#[test]
fn pages_that_are_late_with_everything_still_share() {
    let comparison = sim::compare(&named("busy", Some(8), Some(40), 7).expect("known"));
    assert_eq!(comparison.run.broken, Vec::<String>::new());
    assert_eq!(comparison.run.wronged, Vec::<String>::new());
    assert_eq!(comparison.run.stalls, 0);
    assert!(comparison.run.offload >= 0.86, "{}", comparison.run.offload);
}

#[test]
fn pages_that_stand_still_for_seconds_cut_nobody_and_stall_no_more_than_without_us() {
    let comparison = sim::compare(&named("frozen", Some(8), Some(60), 7).expect("known"));
    assert_eq!(comparison.run.broken, Vec::<String>::new());
    assert_eq!(comparison.run.wronged, Vec::<String>::new());
    let (stalls, allowed) = (comparison.run.stalls, comparison.control.stalls);
    assert!(stalls <= allowed, "{stalls}, {allowed} without us");
    assert!(comparison.run.offload >= 0.86, "{}", comparison.run.offload);
}
