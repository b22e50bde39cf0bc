//! Everything at once: weak and lossy links, busy pages, a liar, viewers who come and go, a tracker and an origin that
//! fail. No figure is expected, but that every rule is kept. A seed that ever failed joins the list.

use sim::scenario::named;

const SEEDS: [u64; 6] = [1, 2, 3, 4, 5, 6];

#[test]
fn every_rule_is_kept_whatever_happens() {
    for seed in SEEDS {
        let world = sim::run(&named("chaos", Some(8), Some(30), seed).expect("known"));
        assert_eq!(world.violations.first, Vec::<String>::new(), "seed {seed}");
    }
}
