//! An origin that takes long, since everybody near asks it at once: neighbours come first, and few GETs go out.

mod mesh;

use mesh::{BLOCKS, One, ms};
use protocol::id::{Block, Digest};
use protocol::peer::{Message, SegmentStatus};
use swarm::io::{CheckId, WantId};
use swarm::limits::{FETCHES_SLOW, LINKS_AFTER, SLOW};
use swarm::{Input, Output};

fn blocks_asked(one: &One) -> usize {
    one.outputs.iter().filter(|output| matches!(output, Output::Fetch { .. })).count()
}

/// A newcomer that wishes for a segment, and whose GETs are not answered.
fn newcomer() -> One {
    let mut one = One::new();
    one.feed(Input::Playlist { segments: &[mesh::listed(8)], ended: false });
    one.feed(Input::Want { want: WantId(1), segment: mesh::key(8) });
    one
}

/// A neighbour that holds the whole segment.
fn meet_a_holder(one: &mut One) {
    assert!(one.meet(mesh::peer_id(1)));
    one.greet();
    one.hear(&Message::Window(vec![SegmentStatus { segment: mesh::key(8), have: vec![0b1111] }]));
}

#[test]
fn what_a_neighbour_holds_is_asked_of_it_though_a_get_is_under_way() {
    let mut one = newcomer();
    meet_a_holder(&mut one);
    assert!(!one.said().iter().any(|said| matches!(said, Message::ListWanted(_))), "the origin may be quick");
    one.pass(SLOW);
    assert!(one.said().iter().any(|said| matches!(said, Message::ListWanted(_))), "{:?}", one.said());
    one.hear(&Message::List(mesh::list(8, BLOCKS, [7; 64])));
    let check = one.outputs.iter().find_map(|output| match output {
        Output::VerifyList { check, .. } => Some(*check),
        _ => None,
    });
    one.feed(Input::ListVerified { check: check.unwrap_or(CheckId(0)), valid: true, digest: Digest::ZERO });
    let asked = one.said().iter().filter(|said| matches!(said, Message::Request(_))).count();
    assert!(asked > 0, "{:?}", one.said());
    assert_eq!(blocks_asked(&one), 0, "nothing more is bought");
}

#[test]
fn while_nothing_comes_few_gets_are_open() {
    let mut one = newcomer();
    let under_way = blocks_asked(&one);
    meet_a_holder(&mut one);
    assert!(under_way > FETCHES_SLOW, "it has asked for more before it knew");
    for _ in 0..20 {
        one.pass(ms(100));
        assert_eq!(blocks_asked(&one), 0);
    }
    assert!(one.engine.blocks().all(|block| block.block.block < Block(BLOCKS)));
}

#[test]
fn who_gets_no_picture_looks_for_company_all_the_same() {
    let connects =
        |one: &One| one.outputs.iter().any(|output| matches!(output, Output::TrackerConnect { .. }));
    let mut one = newcomer();
    assert!(!connects(&one));
    one.pass(LINKS_AFTER.saturating_sub(ms(1)));
    assert!(!connects(&one));
    one.pass(ms(1));
    assert!(connects(&one));
}
