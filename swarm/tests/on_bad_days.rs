//! What is missing is done without: no tracker, no lists, no origin for a while, no P2P at all.

mod mesh;

use mesh::{World, config, ms};

#[test]
fn without_a_tracker_the_stream_comes_from_the_origin() {
    let mut world = World::new();
    world.tracker_up = false;
    world.join(config(0));
    world.join(config(1));
    world.run(ms(40_000));
    for viewer in &world.viewers {
        let stats = viewer.engine.stats();
        assert_eq!((viewer.stalls, viewer.given_up, stats.peer_bytes), (0, 0, 0));
        assert!(viewer.whole > 18);
    }
}

#[test]
fn links_go_on_without_their_tracker() {
    let mut world = World::with(4);
    world.run(ms(10_000));
    world.tracker_up = false;
    for viewer in 0..4 {
        world.feed(viewer, swarm::Input::TrackerClosed);
    }
    let from = world.newest();
    world.run(ms(40_000));
    assert!(world.copies(from..world.newest() - 4) < 1.1);
}

#[test]
fn an_origin_that_knows_no_lists_is_left_to_the_player() {
    let mut world = World::new();
    world.lists_up = false;
    world.join(config(0));
    world.run(ms(20_000));
    let viewer = &world.viewers[0];
    assert!(viewer.given_up > 5 && viewer.whole == 0);
}

#[test]
fn what_one_viewer_has_outlives_the_origin() {
    let mut world = World::with(3);
    world.run(ms(15_000));
    world.blocks_up = false;
    world.run(ms(2_000));
    world.blocks_up = true;
    world.run(ms(20_000));
    for viewer in &world.viewers {
        assert_eq!((viewer.stalls, viewer.given_up), (0, 0), "two seconds are within everybody's buffer");
    }
}

#[test]
fn without_p2p_nobody_is_spoken_to() {
    let mut world = World::new();
    let mut single = config(0);
    single.p2p = false;
    world.join(single);
    world.run(ms(20_000));
    let stats = world.viewers[0].engine.stats();
    assert_eq!((stats.messages_sent, stats.swarm_size, world.viewers[0].stalls), (0, 0, 0));
}

#[test]
fn a_small_cache_lets_old_blocks_go() {
    let mut world = World::new();
    let mut small = config(0);
    small.p2p = false;
    small.cache_bytes_max = 1_000_000;
    world.join(small);
    world.run(ms(60_000));
    let viewer = &world.viewers[0];
    assert_eq!((viewer.stalls, viewer.given_up), (0, 0));
    assert!(viewer.held() <= 24, "{} blocks of 50,000 bytes on average", viewer.held());
}
