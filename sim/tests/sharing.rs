//! Viewers on a clean network buy each block about once between them, whatever their polls do, and carry alike.

use sim::report::Report;
use sim::scenario::{Scenario, named};

const SECONDS: u32 = 40;

fn watch(scenario: &Scenario) -> Report {
    let comparison = sim::compare(scenario);
    let name = (scenario.name, scenario.viewers);
    assert_eq!(comparison.run.broken, Vec::<String>::new(), "{name:?}");
    assert_eq!(comparison.harms(), Vec::<String>::new(), "{name:?}");
    comparison.run
}

#[test]
fn two_to_sixteen_viewers_spare_the_origin_nearly_all_that_can_be_spared() {
    // viewers → least offload, of a possible 50, 75, 87.5 and 93.75 %
    for (viewers, least) in [(2, 0.495), (4, 0.74), (8, 0.86), (16, 0.92)] {
        for name in ["clean", "together"] {
            let run = watch(&named(name, Some(viewers), Some(SECONDS), 7).expect("known"));
            assert!(run.offload >= least, "{name} {viewers}: {}", run.offload);
            assert!(run.wasted <= 0.01, "{name} {viewers}: {}", run.wasted);
        }
    }
}

#[test]
fn eight_viewers_share_the_work() {
    for name in ["clean", "together"] {
        let run = watch(&named(name, Some(8), Some(SECONDS), 7).expect("known"));
        assert!(run.upload_over_download.min >= 0.6, "{name}: {}", run.upload_over_download.min);
        assert!(run.upload_over_download.max <= 1.0, "{name}: {}", run.upload_over_download.max);
        assert!(run.largest_origin_share <= 2.0, "{name}: {}", run.largest_origin_share);
    }
}

#[test]
fn a_viewer_alone_plays_like_plain_hls() {
    let run = watch(&named("clean", Some(1), Some(SECONDS), 7).expect("known"));
    assert!(run.offload.abs() < 0.001, "{}", run.offload);
}
