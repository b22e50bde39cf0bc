//! A viewer that does not upload: it is served, promises nothing, and is nobody's supply.

mod mesh;

use mesh::{World, config, ms};

#[test]
fn a_viewer_without_upload_takes_and_disturbs_nobody() {
    let mut world = World::with(3);
    let mut taker = config(3);
    taker.upload = false;
    let taker = world.join(taker);
    // It waits until the givers have put their reserve by, and forgets by and by that it had to; what they have left is its.
    world.run(ms(75_000));
    let from = world.newest();
    let before = world.viewers[taker].engine.stats();
    world.run(ms(40_000));
    let copies = world.copies(from..world.newest() - 4);
    assert!(copies <= 1.05, "{copies} copies a block");
    let stats = world.viewers[taker].engine.stats();
    assert_eq!((stats.upload_bytes, world.viewers[taker].stalls), (0, 0));
    let by_givers = stats.peer_bytes - before.peer_bytes;
    assert!(by_givers > (stats.origin_bytes - before.origin_bytes) * 4, "{before:?} {stats:?}");
}

#[test]
fn a_viewer_in_the_background_leaves_the_buying_to_others() {
    let mut world = World::with(3);
    world.run(ms(10_000));
    world.feed(0, swarm::Input::Conditions { background: true, upload: true });
    world.run(ms(5_000));
    let before = world.viewers[0].engine.stats().origin_bytes;
    world.run(ms(30_000));
    let stats = world.viewers[0].engine.stats();
    assert_eq!((stats.origin_bytes - before, world.viewers[0].stalls), (0, 0));
    assert!(stats.upload_bytes > 0, "it goes on serving");
}

#[test]
fn an_operators_peer_gives_more_than_it_gets() {
    let mut world = World::new();
    let mut own = config(0);
    own.super_peer = true;
    world.join(own);
    for number in 1..6 {
        world.join(config(number));
        world.run(ms(200));
    }
    world.run(ms(40_000));
    let own = world.viewers[0].engine.stats();
    assert!(own.upload_bytes > own.origin_bytes + own.peer_bytes, "{own:?}");
    let stats = world.viewers[1].engine.stats();
    assert!(stats.super_peer_bytes > stats.peer_bytes, "reported apart: {stats:?}");
}
