//! A neighbour that sends false bytes is named, cut and not met again; nothing of it is played.

mod mesh;

use mesh::{World, ms};
use swarm::Event;
use swarm::io::Offence;

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
