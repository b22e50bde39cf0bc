//! Two viewers on a clean network: each buys half of the stream and gets the other half from its neighbour.

mod mesh;

use mesh::{World, config, ms};

#[test]
fn two_viewers_buy_each_block_once_between_them() {
    let mut world = World::with(2);
    world.run(ms(10_000));
    let from = world.newest();
    world.run(ms(60_000));
    let copies = world.copies(from..world.newest() - 4);
    assert!(copies <= 1.01, "{copies} copies a block");
    for viewer in &world.viewers {
        assert_eq!((viewer.stalls, viewer.given_up), (0, 0));
        let stats = viewer.engine.stats();
        assert!(stats.peer_bytes * 3 > stats.origin_bytes, "both give and take: {stats:?}");
    }
}

#[test]
fn the_same_seeds_give_the_same_run() {
    let run = || {
        let mut world = World::with(3);
        world.run(ms(20_000));
        world.viewers.iter().map(|viewer| viewer.engine.stats()).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_viewer_that_leaves_is_missed_by_nobody() {
    let mut world = World::with(3);
    world.run(ms(10_000));
    world.leave(1);
    world.run(ms(30_000));
    for viewer in [&world.viewers[0], &world.viewers[2]] {
        assert_eq!((viewer.stalls, viewer.given_up), (0, 0));
        let stats = viewer.engine.stats();
        assert_eq!((stats.links, stats.swarm_size), (1, 2));
    }
}

#[test]
fn one_who_has_joined_since_the_tracker_was_asked_is_counted() {
    let mut world = World::with(1);
    world.run(ms(10_000));
    assert_eq!(world.viewers[0].engine.stats().swarm_size, 1);
    world.join(config(1));
    world.run(ms(4_000));
    let stats = world.viewers[0].engine.stats();
    assert_eq!((stats.links, stats.swarm_size), (1, 2));
    world.feed(0, swarm::Input::TrackerClosed);
    assert_eq!(world.viewers[0].engine.stats().swarm_size, 0, "nobody can tell");
}
