//! Several renditions: one number means the same content in all of them.

use m3u8_rs::Playlist;

use super::world::{Publisher, World, breaks, durations, starts};
use crate::fixture::Encoder;
use crate::stream::Answer;

/// Two renditions published by one encoder, whose second output lags by `lag_ms`.
fn pair(world: &mut World, lag_ms: u64) -> (Publisher, Publisher) {
    let mut a = world.publish("a", Encoder::new(50));
    world.run(&mut a, lag_ms);
    let b = world.publish("b", Encoder { level: 31, ..Encoder::new(50) });
    (a, b)
}

fn assert_in_step(world: &World) {
    let (a, b) = (world.playlist(0), world.playlist(1));
    let (a_starts, b_starts) = (starts(&a), starts(&b));
    for (msn, at) in &b_starts {
        if let Some((_, other)) = a_starts.iter().find(|(other, _)| other == msn) {
            assert_eq!(other, at, "{msn}\n{}\n{}", world.text(0), world.text(1));
        }
    }
    let common = |of: &[u64]| {
        let first = a.media_sequence.max(b.media_sequence);
        let last = a_starts.last().map_or(0, |last| last.0).min(b_starts.last().map_or(0, |last| last.0));
        of.iter().copied().filter(|msn| (first..=last).contains(msn)).collect::<Vec<u64>>()
    };
    assert_eq!(common(&breaks(&a)), common(&breaks(&b)));
    assert_eq!(a.target_duration, b.target_duration);
}

#[test]
fn two_outputs_of_one_encoder_are_in_step_whichever_comes_first() {
    for lag_ms in [0, 200, 1_000] {
        let mut world = World::new();
        let (mut a, mut b) = pair(&mut world, lag_ms);
        if lag_ms > 0 {
            // The second output has the same clock and is only late in sending.
            let behind = lag_ms / 200;
            for _ in 0..behind {
                let bytes = b.encoder.fragment(5);
                world.send(&mut b, &bytes).expect("accepted");
            }
        }
        world.run_all(&mut [&mut b, &mut a], 9_000);
        assert_in_step(&world);
        assert_eq!(starts(&world.playlist(0))[0], starts(&world.playlist(1))[0], "{lag_ms}");
    }
}

#[test]
fn a_rendition_that_joins_in_mid_segment_begins_at_the_next_cut_with_its_number() {
    let mut world = World::new();
    let mut a = world.publish("a", Encoder::new(50));
    world.run(&mut a, 5_000);
    let mut encoder = Encoder::new(50);
    encoder.frame = a.encoder.frame;
    let mut b = world.publish("b", encoder);
    world.run_all(&mut [&mut a, &mut b], 5_000);
    assert_in_step(&world);
    assert_eq!(starts(&world.playlist(1))[0], (103, 6_000));
    assert!(breaks(&world.playlist(1)).is_empty(), "nothing is interrupted by a rendition that is new");
}

#[test]
fn a_rendition_whose_publisher_returned_declares_gaps_and_all_declare_the_discontinuity() {
    let mut world = World::new();
    let (mut a, mut b) = pair(&mut world, 0);
    world.run_all(&mut [&mut a, &mut b], 5_000);
    world.leave(&b);
    world.run(&mut a, 3_000);
    let mut encoder = Encoder { level: 31, ..Encoder::new(50) };
    encoder.frame = a.encoder.frame;
    let mut b = world.publish("b", encoder);
    world.run_all(&mut [&mut a, &mut b], 4_400);
    assert_in_step(&world);
    let playlist = world.playlist(1);
    assert!(world.text(1).contains("#EXT-X-GAP"));
    assert_eq!(breaks(&playlist), breaks(&world.playlist(0)));
    assert_eq!(breaks(&playlist).len(), 1);
    assert_eq!(world.view(1).block(103, 0), Answer::Gone);
}

#[test]
fn both_outputs_of_a_restarted_encoder_share_one_discontinuity() {
    let mut world = World::new();
    let (mut a, mut b) = pair(&mut world, 0);
    world.run_all(&mut [&mut a, &mut b], 5_000);
    world.leave(&a);
    world.leave(&b);
    world.wait(3_000);
    let (mut a, mut b) = pair(&mut world, 0);
    world.run_all(&mut [&mut a, &mut b], 5_000);
    assert_in_step(&world);
    assert_eq!(breaks(&world.playlist(0)).len(), 1);
    assert_eq!(breaks(&world.playlist(0)), breaks(&world.playlist(1)));
}

#[test]
fn an_encoder_with_its_own_clock_is_placed_by_its_arrival() {
    let mut world = World::new();
    let mut a = world.publish("a", Encoder::new(50));
    world.run(&mut a, 10_000);
    let mut b = world.publish("b", Encoder::new(50));
    world.run_all(&mut [&mut a, &mut b], 6_400);
    let (a, b) = (starts(&world.playlist(0)), starts(&world.playlist(1)));
    for (msn, at) in b {
        let other = a.iter().find(|(other, _)| *other == msn).expect("the same numbers are listed").1;
        assert!((other - at).abs() <= 1_000, "{msn}: {other} against {at}");
    }
}

#[test]
fn keyframes_that_never_meet_are_taken_after_some_patience() {
    let mut world = World::new();
    let mut a = world.publish("a", Encoder::new(50));
    world.run(&mut a, 9_000);
    let mut encoder = Encoder::new(50);
    // Its keyframes are one second off the other's.
    encoder.frame = 0;
    let mut b = world.publish("b", encoder);
    world.run_all(&mut [&mut a, &mut b], 12_000);
    let playlist = world.playlist(1);
    assert!(playlist.segments.len() > 1);
    assert!(durations(&playlist).iter().all(|ms| *ms < 2_500));
}

#[test]
fn the_multivariant_playlist_describes_what_was_measured() {
    let mut world = World::new();
    let (mut a, mut b) = pair(&mut world, 0);
    b.encoder.frame_bytes = 1_000;
    world.run_all(&mut [&mut a, &mut b], 6_400);
    let text = world.stream.multivariant(world.now()).expect("both are playable");
    let Ok(Playlist::MasterPlaylist(playlist)) = m3u8_rs::parse_playlist_res(text.as_bytes()) else {
        panic!("{text}")
    };
    let [a, b] = &playlist.variants[..] else { panic!("two variants\n{text}") };
    assert_eq!((a.uri.as_str(), b.uri.as_str()), ("a/index.m3u8", "b/index.m3u8"));
    // 25 frames of 4,000 bytes and 100 of audio each, and the fragments' headers.
    assert!((820_000..900_000).contains(&a.bandwidth), "{}", a.bandwidth);
    assert!(b.bandwidth < a.bandwidth / 3);
    assert_eq!(
        (a.codecs.as_deref(), b.codecs.as_deref()),
        (Some("avc1.42c01e,mp4a.40.2"), Some("avc1.42c01f,mp4a.40.2"))
    );
    assert_eq!((a.resolution.map(|size| size.width), a.frame_rate), (Some(640), Some(25.0)));
    assert!(text.contains("#EXT-X-SESSION-DATA:DATA-ID=\"live.shoal.descriptor\",URI=\"shoal.json\"\n"));
}

#[test]
fn a_lost_rendition_leaves_the_multivariant_playlist_while_another_is_live() {
    let mut world = World::new();
    let (mut a, mut b) = pair(&mut world, 0);
    world.run_all(&mut [&mut a, &mut b], 6_400);
    world.leave(&b);
    let variants = |world: &World| {
        world.stream.multivariant(world.now()).map_or(0, |text| text.matches(".m3u8").count())
    };
    world.run(&mut a, 29_800);
    assert_eq!(variants(&world), 2);
    world.run(&mut a, 400);
    assert_eq!(variants(&world), 1);
    world.leave(&a);
    world.wait(31_000);
    assert_eq!(variants(&world), 2, "with nobody live, all that can still be played shows");
}
