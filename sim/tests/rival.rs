//! The rival, restated, in our world: what it reaches where it was measured in browsers, and what it does to a liar's bytes.
//!
//! Measured with eight browsers at this setting: 77 % (66 to 82) on a clean network, 11 % (5 to 18) where uplinks carry 1.2
//! times the bitrate and lose 2 %, and a busiest viewer that uploads more than three times what it downloads.

use sim::report::Report;
use sim::scenario::named;

fn rival(name: &str) -> Option<Report> {
    named(name, Some(8), Some(40), 7).map(|scenario| Report::of(&sim::run(&scenario.rival())))
}

#[test]
fn on_a_clean_network_it_shares_nearly_as_browsers_were_seen_to() {
    let report = rival("clean").expect("known");
    assert!((0.66..0.86).contains(&report.offload), "{}", report.offload);
    assert!(report.upload_over_download.max > 2.0, "{:?}", report.upload_over_download);
    assert_eq!((report.stalls, report.violations), (0, 0), "{:?}", report.broken);
}

#[test]
fn on_uplinks_that_barely_carry_the_stream_it_shares_little_and_wastes_much() {
    let report = rival("capped").expect("known");
    assert!(report.offload < 0.35 && report.wasted > 0.1, "{} {}", report.offload, report.wasted);
}

#[test]
fn it_plays_what_a_liar_sends_since_it_checks_lengths_only() {
    let report = rival("liar").expect("known");
    assert!(report.bad_blocks_played > 0);
}
