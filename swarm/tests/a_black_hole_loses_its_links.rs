//! A neighbour that claims blocks, takes requests and never sends: it is cut, and nobody's picture waits for it.

mod mesh;

use mesh::{World, ms};
use protocol::peer::{Budget, Message};
use swarm::io::Offence;
use swarm::{Event, Input};

#[test]
fn who_takes_requests_and_sends_nothing_is_cut_however_slow_it_calls_itself() {
    let mut world = World::with(4);
    world.viewers[3].swallows = true;
    let hole = world.viewers[3].id;
    let slow = Message::Budget(Budget { spare_bytes: 1 << 40, uplink_kbit: 1, queued: 0 }).encode();
    for _ in 0..150 {
        world.run(ms(500));
        for viewer in 0..3 {
            let link = world.viewers[viewer].engine.peers().find(|peer| peer.peer == hole);
            if let Some(link) = link.map(|peer| peer.link) {
                world.feed(viewer, Input::Message { link, bytes: &slow });
            }
        }
    }
    for viewer in &world.viewers[..3] {
        let cut = Event::PeerBanned { peer: hole, offence: Offence::Unreliable };
        assert!(viewer.events.contains(&cut), "{:?}", viewer.engine.peers().collect::<Vec<_>>());
        assert!(
            !viewer
                .events
                .iter()
                .any(|event| matches!(event, Event::PeerBanned { peer, .. } if *peer != hole))
        );
        assert_eq!((viewer.stalls, viewer.given_up), (0, 0));
    }
}
