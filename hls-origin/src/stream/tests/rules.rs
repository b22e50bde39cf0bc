//! Rules of RFC 8216 that a live playlist keeps, whatever the encoder does.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::world::{Publisher, World, breaks, durations, parse, starts};
use crate::fixture::Encoder;

#[test]
fn segments_are_cut_at_the_first_keyframe_at_or_after_the_target() {
    // frames from keyframe to keyframe at 25 a second → target duration, durations of the first segments
    let rows: [(u32, u64, &[u32]); 7] = [
        (50, 2, &[2_000, 2_000]),
        (25, 2, &[2_000, 2_000]),
        (60, 2, &[2_400, 2_400]),
        (10, 2, &[2_000, 2_000]),
        // 2 × 1.4 s would overflow the limit, so each is cut early.
        (35, 2, &[1_400, 1_400]),
        (75, 3, &[3_000, 3_000]),
        (100, 4, &[4_000, 4_000]),
    ];
    for (gop, target, expected) in rows {
        let mut world = World::new();
        let mut publisher = world.publish("a", Encoder::new(gop));
        world.run(&mut publisher, 10_000);
        let playlist = world.playlist(0);
        assert_eq!(playlist.target_duration, target, "{gop}");
        assert_eq!(&durations(&playlist)[..2], expected, "{gop}");
        assert_eq!(world.stream.counts_of(0).keyless_cuts, 0, "{gop}");
    }
}

#[test]
fn a_segment_without_a_keyframe_in_time_is_cut_and_counted_and_the_target_stays() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 6_000);
    publisher.encoder.gop = 1_000;
    world.run(&mut publisher, 12_000);
    let playlist = world.playlist(0);
    assert_eq!(playlist.target_duration, 2);
    assert!(durations(&playlist).iter().all(|ms| *ms < 2_500), "{:?}", durations(&playlist));
    assert!(world.stream.counts_of(0).keyless_cuts > 0);
}

#[test]
fn one_fragment_a_keyframe_is_listed_when_it_is_whole_and_not_a_fragment_later() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    for _ in 0..3 {
        world.wait(2_000);
        let bytes = publisher.encoder.fragment(50);
        world.send(&mut publisher, &bytes).expect("accepted");
    }
    assert_eq!(starts(&world.playlist(0)), [(100, 0), (101, 2_000), (102, 4_000)]);
    let view = world.view(0);
    assert!(view.growing.is_none() && view.next_msn == 103);
}

#[test]
fn a_cut_made_early_is_given_back_when_the_publisher_leaves() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    for _ in 0..2 {
        world.wait(2_000);
        let bytes = publisher.encoder.fragment(50);
        world.send(&mut publisher, &bytes).expect("accepted");
    }
    world.leave(&publisher);
    world.wait(5_000);
    let mut again = world.publish("a", Encoder::new(50));
    world.run(&mut again, 2_200);
    let playlist = world.playlist(0);
    assert_eq!((playlist.media_sequence, playlist.segments.len(), breaks(&playlist)), (100, 3, vec![102]));
    assert_eq!(world.stream.counts_of(0).gaps, 0);
}

#[test]
fn a_fragment_longer_than_a_segment_may_be_is_refused_with_advice() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 6_000);
    publisher.encoder.gop = 1_000;
    let bytes = publisher.encoder.fragment(63);
    let refused = world.send(&mut publisher, &bytes).expect_err("2.52 s are too long");
    assert!(refused.to_string().contains("-frag_duration"), "{refused}");
}

#[test]
fn every_segment_is_dated_and_names_what_decodes_it() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 6_200);
    let text = world.text(0);
    let lines = text.lines().collect::<Vec<&str>>();
    assert_eq!(
        &lines[..9],
        [
            "#EXTM3U",
            "#EXT-X-VERSION:6",
            "#EXT-X-TARGETDURATION:2",
            "#EXT-X-MEDIA-SEQUENCE:100",
            "#EXT-X-DISCONTINUITY-SEQUENCE:0",
            "#EXT-X-MAP:URI=\"s1-init.mp4\"",
            "#EXT-X-PROGRAM-DATE-TIME:2026-05-28T20:26:40.000Z",
            "#EXTINF:2.000000,",
            "s1-100.m4s",
        ]
    );
    assert_eq!(text.matches("PROGRAM-DATE-TIME").count(), text.matches("#EXTINF").count());
    assert!(!text.contains("PLAYLIST-TYPE") && !text.contains("ENDLIST"));
}

#[test]
fn a_segment_stays_available_after_it_left_the_playlist_and_then_goes() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 14_200);
    let playlist = world.playlist(0);
    assert_eq!((playlist.media_sequence, playlist.segments.len()), (102, 5));
    // 101 left at 14.2 s: own duration 2 s, longest playlist 12 s (six, before the first leaves), margin 30 s.
    world.run(&mut publisher, 43_800);
    assert!(world.view(0).segment(101).is_some());
    world.run(&mut publisher, 400);
    assert!(world.view(0).segment(101).is_none());
}

#[test]
fn at_least_three_target_durations_stay_listed() {
    let mut world = World::new();
    // Cut every 0.6 s: five of them are half of what must stay.
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 12_200);
    for _ in 0..8 {
        world.leave(&publisher);
        publisher = world.publish("a", Encoder::new(50));
        world.run(&mut publisher, 600);
        let listed = durations(&world.playlist(0)).iter().sum::<u32>();
        assert!(listed >= 6_000, "{listed}");
    }
}

/// One thing that may happen to a stream.
#[derive(Clone, Copy, Debug)]
enum Act {
    Run(u64),
    Gop(u32),
    Jump(i64),
    Reconnect { away_ms: u64, from_zero: bool },
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (1_u64..40).prop_map(|fragments| Act::Run(fragments * 200)),
        1 => prop_oneof![Just(5_u32), Just(25), Just(35), Just(50), Just(60), Just(500)].prop_map(Act::Gop),
        1 => (-2_000_i64..2_000).prop_map(Act::Jump),
        2 => (0_u64..70_000, any::<bool>()).prop_map(|(away_ms, from_zero)| Act::Reconnect { away_ms, from_zero }),
        1 => (0_u64..9_000).prop_map(Act::Wait),
    ]
}

/// What was seen so far of a playlist, to hold the next version against.
#[derive(Debug, Default)]
struct Seen {
    target: Option<u64>,
    msn: u64,
    dsn: u64,
    names: BTreeMap<u64, String>,
    ended: bool,
}

impl Seen {
    fn look(&mut self, world: &World) {
        if let Some(text) = world.view(0).playlist {
            self.check(&text);
        }
    }

    fn check(&mut self, text: &str) {
        let playlist = parse(text);
        if self.ended && !playlist.end_list {
            // After its end a playlist is another presentation's: only numbers go on.
            *self = Self {
                msn: self.msn,
                dsn: self.dsn,
                names: core::mem::take(&mut self.names),
                ..Self::default()
            };
        }
        self.ended = playlist.end_list;
        assert_eq!(*self.target.get_or_insert(playlist.target_duration), playlist.target_duration);
        let longest = durations(&playlist).into_iter().max().unwrap_or(0);
        assert!(u64::from(longest + 500) / 1_000 <= playlist.target_duration, "{longest} ms\n{text}");
        assert!(playlist.media_sequence >= self.msn && playlist.discontinuity_sequence >= self.dsn, "{text}");
        (self.msn, self.dsn) = (playlist.media_sequence, playlist.discontinuity_sequence);
        for (msn, segment) in (playlist.media_sequence..).zip(&playlist.segments) {
            assert_eq!(self.names.entry(msn).or_insert_with(|| segment.uri.clone()), &segment.uri, "{text}");
        }
        let dates = starts(&playlist);
        assert!(dates.windows(2).all(|pair| pair[0].1 < pair[1].1), "{text}");
    }
}

fn perform(world: &mut World, mut publisher: Publisher, act: Act, seen: &mut Seen) -> Publisher {
    match act {
        Act::Run(ms) => world.run(&mut publisher, ms),
        Act::Gop(gop) => {
            let frame = publisher.encoder.frame;
            publisher.encoder.gop = gop;
            publisher.encoder.frame = frame.next_multiple_of(u64::from(gop));
        }
        Act::Jump(frames) => {
            let gop = u64::from(publisher.encoder.gop);
            let to = publisher.encoder.frame.saturating_add_signed(frames);
            publisher.encoder.frame = to - to % gop;
        }
        Act::Reconnect { away_ms, from_zero } => {
            world.leave(&publisher);
            world.wait(away_ms);
            seen.look(world);
            let mut encoder = publisher.encoder.clone();
            encoder.frame = if from_zero { 0 } else { encoder.frame };
            publisher = world.publish("a", encoder);
        }
        Act::Wait(ms) => world.wait(ms),
    }
    publisher
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_life_of_an_encoder_breaks_the_rules_of_a_playlist(acts in prop::collection::vec(act(), 1..30)) {
        let mut world = World::new();
        let mut publisher = world.publish("a", Encoder { frame_bytes: 50, ..Encoder::new(50) });
        let mut seen = Seen::default();
        for act in acts {
            publisher = perform(&mut world, publisher, act, &mut seen);
            seen.look(&world);
        }
    }
}
