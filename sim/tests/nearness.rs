//! Whom viewers get blocks from: the tracker puts the near first, and the swarm stays one all the same; the operator's own
//! peers carry a part of it.

use sim::report::Report;
use sim::scenario::named;

fn report(name: &str, viewers: u32) -> Option<Report> {
    named(name, Some(viewers), Some(10), 7).map(|scenario| Report::of(&sim::run(&scenario)))
}

#[test]
fn blocks_come_from_near_and_the_swarm_is_in_one_piece() {
    let report = report("broadband", 80).expect("known");
    let near = report.near;
    assert!(near.network >= 3.0 * near.network_by_lot, "{near:?}");
    assert!(near.region > near.region_by_lot, "{near:?}");
    assert_eq!(report.pieces, 1);
}

#[test]
fn the_operators_own_peers_take_load_off_the_origin() {
    let (without, with) = (report("mixed", 60).expect("known"), report("super-peers", 60).expect("known"));
    assert_eq!(with.broken, Vec::<String>::new());
    assert!(with.super_peer_share > 0.05, "{}", with.super_peer_share);
    assert!(with.offload > without.offload + 0.05, "{} after {}", with.offload, without.offload);
    assert_eq!(without.super_peer_share, 0.0);
}
