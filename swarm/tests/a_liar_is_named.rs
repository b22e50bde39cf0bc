//! A neighbour that sends false bytes is named, cut and not met again; nothing of it is played.

mod mesh;

use mesh::{One, World, ms};
use protocol::id::Digest;
use protocol::peer::Message;
use swarm::io::Offence;
use swarm::{Event, Input, Output};

#[test]
fn one_bad_block_is_enough() {
    let mut world = World::with(4);
    world.viewers[3].lies = true;
    world.run(ms(40_000));
    let liar = world.viewers[3].id;
    for viewer in &world.viewers[..3] {
        let banned = |event: &&Event| matches!(event, Event::PeerBanned { .. });
        let named: Vec<_> = viewer.events.iter().filter(banned).collect();
        assert_eq!(named, [&Event::PeerBanned { peer: liar, offence: Offence::BadBlock }]);
        assert!(viewer.engine.peers().all(|peer| peer.peer != liar), "never again");
        assert_eq!((viewer.stalls, viewer.given_up), (0, 0));
        let stats = viewer.engine.stats();
        assert!(
            stats.bad_bytes > 0 && stats.bad_bytes <= 2 * 61_440,
            "one block, or two under way: {stats:?}"
        );
    }
}

#[test]
fn old_lists_and_those_of_another_rendition_are_not_even_checked() {
    let mut one = One::new();
    one.feed(Input::Rendition(mesh::rendition()));
    one.feed(Input::Want { want: swarm::io::WantId(0), segment: mesh::key(9) });
    assert!(one.meet(mesh::peer_id(1)));
    one.greet();
    let checked = |one: &One| one.outputs.iter().any(|output| matches!(output, Output::VerifyList { .. }));
    one.hear(&Message::List(mesh::list(8, 4, [7; 64])));
    assert!(!checked(&one), "the past would push out what is held");
    one.hear(&Message::List(mesh::list(10, 4, [7; 64])));
    assert!(checked(&one), "discovery");
    one.feed(Input::Rendition(protocol::id::Rendition(1)));
    one.hear(&Message::List(mesh::list(11, 4, [7; 64])));
    assert!(!checked(&one), "nobody watches it here");
}

#[test]
fn a_false_list_is_remembered_though_its_sender_hung_up_and_came_back() {
    let mut one = One::new();
    let liar = mesh::peer_id(1);
    one.feed(Input::Rendition(mesh::rendition()));
    assert!(one.meet(liar));
    one.greet();
    one.hear(&Message::List(mesh::list(10, 4, [0; 64])));
    let check = one.outputs.iter().find_map(|output| match output {
        Output::VerifyList { check, .. } => Some(*check),
        _ => None,
    });
    let check = check.expect("a list that is news is checked");
    one.feed(Input::LinkClosed { link: one.link });
    assert!(one.meet(liar), "nothing is known against it yet");
    let again = one.link;
    one.feed(Input::ListVerified { check, valid: false, digest: Digest::ZERO });
    let named = Output::Event(Event::PeerBanned { peer: liar, offence: Offence::BadList });
    assert!(one.outputs.contains(&named) && one.outputs.contains(&Output::Close { link: again }));
    assert!(!one.meet(liar), "never again");
}
