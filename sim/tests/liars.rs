//! Liars are named, cut, and believed by nobody; nothing bad is played or passed on, and nobody honest pays with a link.

use sim::lies::Lie;
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

/// How each kind is dealt with; the others cost nothing that anybody could be cut for.
const CUT_FOR: [(Lie, Offence); 4] = [
    (Lie::WrongBytes, Offence::BadBlock),
    (Lie::Conspires, Offence::BadBlock),
    (Lie::Floods, Offence::Flood),
    (Lie::Swallows, Offence::Unreliable),
];

#[test]
fn one_liar_of_each_kind_among_forty_spoils_no_picture_and_has_nobody_honest_cut() {
    let scenario = named("hostile", Some(40), Some(20), 7).expect("known");
    let world = sim::run(&scenario);
    for kind in Lie::ALL {
        assert_eq!(world.viewers.iter().filter(|viewer| viewer.lie == Some(kind)).count(), 1, "{kind:?}");
    }
    let report = Report::of(&world);
    assert_eq!(report.broken, Vec::<String>::new());
    assert_eq!((report.bad_blocks_played, report.stalls), (0, 0));
    assert_eq!(report.wronged, Vec::<String>::new());
    let offences = |kind: Lie| {
        let of = |viewer: ViewerId| world.viewers[viewer.0 as usize].lie;
        let cut = world.banned.iter().filter(|cut| cut.viewer.and_then(of) == Some(kind));
        cut.map(|cut| cut.offence).collect::<Vec<_>>()
    };
    for (kind, offence) in CUT_FOR {
        assert!(offences(kind).contains(&offence), "{kind:?}: {:?}", offences(kind));
    }
    assert!(report.wasted_bytes.bad > 0, "somebody was sent wrong bytes");
    assert!(report.copies.mean <= 3.0, "{:?}", report.copies);
    assert!(report.offload_over_ceiling >= 0.97, "{}", report.offload_over_ceiling);
}
