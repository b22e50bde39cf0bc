//! The life of a stream: publishers that drop and return, restarts, ends.

use super::world::{START_MS, World, breaks, starts};
use crate::fixture::Encoder;
use crate::stream::{Phase, Refusal};

#[test]
fn a_second_publisher_of_a_live_rendition_is_refused() {
    let mut world = World::new();
    let _first = world.publish("a", Encoder::new(50));
    assert_eq!(world.stream.on_publish("a", "other", world.now()), Err(Refusal::Busy));
}

#[test]
fn thirty_two_renditions_are_taken_and_one_more_is_refused() {
    let mut world = World::new();
    for at in 0..32 {
        world.publish(&format!("r{at}"), Encoder::new(50));
    }
    assert_eq!(world.stream.on_publish("r32", "s", world.now()), Err(Refusal::TooManyRenditions));
}

#[test]
fn numbers_go_on_and_a_discontinuity_is_declared_when_a_publisher_returns() {
    let mut world = World::new();
    let mut first = world.publish("a", Encoder::new(50));
    world.run(&mut first, 5_000);
    world.leave(&first);
    world.wait(7_000);
    let mut second = world.publish("a", Encoder::new(50));
    world.run(&mut second, 4_200);
    let playlist = world.playlist(0);
    // The third segment is the short one that the drop left.
    assert_eq!(starts(&playlist), [(100, 0), (101, 2_000), (102, 4_000), (103, 12_000), (104, 14_000)]);
    assert_eq!(breaks(&playlist), [103]);
    assert_eq!(world.text(0).matches("EXT-X-MAP").count(), 1, "the same configuration needs no new map");
}

#[test]
fn another_configuration_gets_its_own_map() {
    let mut world = World::new();
    let mut first = world.publish("a", Encoder::new(50));
    world.run(&mut first, 4_200);
    world.leave(&first);
    let mut second = world.publish("a", Encoder { level: 31, ..Encoder::new(50) });
    world.run(&mut second, 4_200);
    let maps = world
        .text(0)
        .lines()
        .filter(|line| line.starts_with("#EXT-X-MAP"))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    assert_eq!(maps, ["#EXT-X-MAP:URI=\"s1-init.mp4\"", "#EXT-X-MAP:URI=\"s2-init.mp4\""]);
    let view = world.view(0);
    assert!(view.init("s1-init.mp4").is_some() && view.init("s2-init.mp4").is_some());
}

#[test]
fn the_discontinuity_sequence_grows_when_the_segment_behind_the_tag_leaves() {
    let mut world = World::new();
    let mut first = world.publish("a", Encoder::new(50));
    world.run(&mut first, 4_000);
    world.leave(&first);
    let mut second = world.publish("a", Encoder::new(50));
    let mut seen = Vec::new();
    for _ in 0..9 {
        world.run(&mut second, 2_000);
        let playlist = world.playlist(0);
        seen.push((playlist.media_sequence, playlist.discontinuity_sequence, breaks(&playlist).len()));
    }
    // 102 is behind the tag; five are listed.
    assert!(seen.contains(&(102, 0, 1)) && seen.contains(&(103, 1, 0)), "{seen:?}");
    assert!(seen.iter().all(|(msn, dsn, _)| *dsn == u64::from(*msn > 102)), "{seen:?}");
}

#[test]
fn a_jump_of_the_encoders_clock_is_a_discontinuity() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 4_000);
    publisher.encoder.frame = 0;
    world.run(&mut publisher, 4_200);
    assert_eq!(world.stream.counts_of(0).resyncs, 1);
    assert_eq!(breaks(&world.playlist(0)), [102]);
    publisher.encoder.frame += 50 * 10;
    world.run(&mut publisher, 4_200);
    assert_eq!(world.stream.counts_of(0).resyncs, 2);
}

#[test]
fn after_a_restart_numbers_go_on_and_a_discontinuity_is_declared() {
    let mut world = World::new();
    let mut first = world.publish("a", Encoder::new(50));
    world.run(&mut first, 6_200);
    world.leave(&first);
    let (history, renditions) = world.stream.checkpoint();
    let mut world = World::continued(history, &renditions);
    let mut second = world.publish("a", Encoder::new(50));
    world.run(&mut second, 4_200);
    let playlist = world.playlist(0);
    assert_eq!(
        (playlist.media_sequence, playlist.discontinuity_sequence, breaks(&playlist)),
        (104, 0, vec![104])
    );
}

#[test]
fn an_abandoned_playlist_ends_after_a_minute_and_vanishes_when_nobody_can_need_it() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 4_200);
    world.leave(&publisher);
    world.wait(59_800);
    assert!(!world.playlist(0).end_list);
    world.wait(200);
    assert!(world.playlist(0).end_list);
    assert!(matches!(world.view(0).phase, Phase::Ended { .. }));
    assert!(world.stream.multivariant(world.now()).is_some());
    world.wait(34_000);
    assert!(world.view(0).playlist.is_some());
    world.wait(1_000);
    assert!(world.view(0).playlist.is_none() && world.stream.multivariant(world.now()).is_none());
}

#[test]
fn who_publishes_after_the_end_begins_a_new_playlist_whose_numbers_go_on() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 4_200);
    world.leave(&publisher);
    world.wait(60_000);
    let mut publisher = world.publish("a", Encoder::new(100));
    world.run(&mut publisher, 8_200);
    let playlist = world.playlist(0);
    assert!(!playlist.end_list);
    assert_eq!((playlist.media_sequence, playlist.target_duration, breaks(&playlist)), (103, 4, vec![103]));
}

#[test]
fn dates_follow_arrival_and_never_step_back() {
    let mut world = World::new();
    let mut first = world.publish("a", Encoder::new(50));
    // An encoder that sends faster than real time is ahead of the clock.
    for _ in 0..30 {
        let bytes = first.encoder.fragment(5);
        world.send(&mut first, &bytes).expect("accepted");
    }
    world.leave(&first);
    let mut second = world.publish("a", Encoder::new(50));
    world.run(&mut second, 4_200);
    let playlist = world.playlist(0);
    let dates = starts(&playlist);
    assert!(dates.windows(2).all(|pair| pair[0].1 < pair[1].1), "{dates:?}");
    assert!(dates[0].1 >= -200, "{dates:?} from {START_MS}");
}

#[test]
fn the_first_fragments_before_a_keyframe_are_left_out() {
    let mut world = World::new();
    let mut encoder = Encoder::new(50);
    encoder.frame = 20;
    let mut publisher = world.publish("a", encoder);
    world.run(&mut publisher, 6_000);
    let playlist = world.playlist(0);
    assert_eq!(world.stream.counts_of(0).skipped, 6);
    assert_eq!(starts(&playlist)[0], (100, 1_200));
}
