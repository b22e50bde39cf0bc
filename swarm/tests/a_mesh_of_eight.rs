//! Eight viewers: nearly one copy of each block, fair shares, and no picture later than without neighbours.

mod mesh;

use mesh::{World, config, ms};

#[test]
fn eight_viewers_cost_little_more_than_one_copy_of_each_block() {
    let mut world = World::with(8);
    world.run(ms(15_000));
    let from = world.newest();
    world.run(ms(60_000));
    let copies = world.copies(from..world.newest() - 4);
    assert!(copies <= 1.12, "{copies} copies a block");
    for viewer in &world.viewers {
        let stats = viewer.engine.stats();
        assert_eq!((viewer.stalls, viewer.given_up, stats.links), (0, 0, 7));
        let downloaded = stats.origin_bytes + stats.peer_bytes;
        assert!(stats.upload_bytes * 10 > downloaded * 6, "{} of {downloaded}", stats.upload_bytes);
        assert!(stats.duplicate_bytes + stats.late_bytes < downloaded / 100);
    }
}

#[test]
fn nobody_is_further_from_live_than_a_viewer_alone() {
    let mut alone = World::new();
    let mut single = config(0);
    single.p2p = false;
    alone.join(single);
    alone.run(ms(30_000));
    let mut world = World::with(4);
    world.run(ms(28_800));
    let least = alone.viewers[0].behind(alone.now);
    for viewer in &world.viewers {
        assert!(viewer.behind(world.now) <= least + ms(2_100), "a poll's phase is all the difference");
    }
}

#[test]
fn a_viewer_that_comes_late_gets_the_stream_from_the_others() {
    let mut world = World::with(4);
    world.run(ms(20_000));
    let late = world.join(config(4));
    world.run(ms(30_000));
    let viewer = &world.viewers[late];
    let stats = viewer.engine.stats();
    assert_eq!((viewer.stalls, stats.links), (0, 4));
    assert!(stats.peer_bytes > stats.origin_bytes, "{stats:?}");
}
