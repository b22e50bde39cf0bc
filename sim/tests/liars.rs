//! A viewer that sends wrong bytes is named, cut, and believed by nobody; nothing bad is played or passed on.

use sim::mesh::ViewerId;
use sim::report::Report;
use sim::scenario::named;
use sim::viewer::peer_id;
use swarm::io::Offence;

#[test]
fn a_liar_is_named_and_cut_and_nothing_bad_is_played() {
    let scenario = named("liar", Some(8), Some(60), 7).expect("known");
    let world = sim::run(&scenario);
    let liar = peer_id(scenario.seed, ViewerId(0));
    let report = Report::of(&world);
    assert_eq!(report.broken, Vec::<String>::new());
    assert!(!world.banned.is_empty(), "somebody met the liar");
    for cut in &world.banned {
        assert_eq!((cut.peer, cut.offence), (liar, Offence::BadBlock));
    }
    assert_eq!(report.bad_blocks_played, 0);
    assert_eq!(report.stalls, 0);
    // Of 85.7: one of seven honest viewers buys each block.
    assert!(report.offload >= 0.83, "{}", report.offload);
}
