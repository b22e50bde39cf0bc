//! The large worlds, at a size for every day: all rules are kept in each, and two dozen viewers buy each block once or
//! twice. The figures for thousands are a named command's business (README).

use sim::report::Report;
use sim::scenario::named;

#[test]
fn every_rule_is_kept_in_every_large_world() {
    let worlds = [
        "broadband",
        "mixed",
        "flash-crowd",
        "churn",
        "hostile",
        "conspiracy",
        "tracker-down",
        "origin-brownout",
        "lan-office",
        "super-peers",
        "exodus",
        "switching",
        "sleepers",
    ];
    for name in worlds {
        let report = Report::of(&sim::run(&named(name, Some(14), Some(15), 7).expect("known")));
        assert_eq!(report.broken, Vec::<String>::new(), "{name}");
        assert_eq!(report.bad_blocks_played, 0, "{name}");
    }
}

#[test]
fn two_dozen_households_buy_each_block_once_or_twice() {
    let report = Report::of(&sim::run(&named("broadband", Some(24), Some(30), 7).expect("known")));
    assert_eq!(report.stalls, 0);
    assert!(report.copies.mean <= 1.7, "{}", report.copies.mean);
    assert!(report.offload_over_ceiling >= 0.97, "{}", report.offload_over_ceiling);
}

#[test]
fn an_office_plays_over_a_line_that_carries_a_tenth_of_what_it_watches() {
    let comparison = sim::compare(&named("lan-office", Some(60), Some(20), 7).expect("known"));
    let (run, control) = (&comparison.run, &comparison.control);
    assert!(control.offload.abs() < 0.01, "what nobody got is not offloaded: {}", control.offload);
    assert!(control.stall_s_per_hour > 600.0, "without us nobody can watch: {}", control.stall_s_per_hour);
    assert_eq!(run.stalls, 0);
    assert!(run.copies.mean <= 2.0, "{}", run.copies.mean);
}

/// Seeds with which the line once fell behind for good, and a viewer had more GETs open than it may.
#[test]
fn two_hundred_come_over_one_small_line_and_it_does_not_collapse() {
    for seed in [7, 8] {
        let report = Report::of(&sim::run(&named("lan-office", Some(200), Some(6), seed).expect("known")));
        assert_eq!(report.broken, Vec::<String>::new(), "{seed}");
        assert!(report.stalled_share <= 0.15, "{seed}: {}", report.stalled_share);
        assert!(report.copies.mean <= 2.0, "{seed}: {}", report.copies.mean);
        assert!(report.offload_over_ceiling >= 0.97, "{seed}: {}", report.offload_over_ceiling);
    }
}
