//! Bodies as encoders send them, and as nobody should: what is understood, what is refused, what never panics.

use proptest::prelude::*;

use super::{Error, Event, Ingest, boxes, fragment, init};
use crate::fixture::{Encoder, KeyBy, full, plain, words};

/// All events of a body that comes in pieces of these sizes, then whole.
fn events(body: &[u8], cuts: &[usize]) -> Result<Vec<Event>, Error> {
    let mut ingest = Ingest::default();
    let mut events = Vec::new();
    let mut rest = body;
    for cut in cuts.iter().copied().chain([usize::MAX]) {
        let (now, later) = rest.split_at(cut.min(rest.len()));
        rest = later;
        ingest.push(now);
        while let Some(event) = ingest.poll_event()? {
            events.push(event);
        }
    }
    ingest.finish()?;
    Ok(events)
}

fn body(encoder: &mut Encoder, fragments: usize) -> Vec<u8> {
    let mut body = encoder.init();
    (0..fragments).for_each(|_| body.extend(encoder.fragment(5)));
    body
}

#[test]
fn the_moov_tells_tracks_codecs_and_picture() {
    let events = events(&Encoder::new(50).init(), &[]).expect("well formed");
    let [Event::Init(init)] = &events[..] else { panic!("one init, not {events:?}") };
    let codecs = init.tracks.iter().map(|track| track.codec.as_str()).collect::<Vec<&str>>();
    assert_eq!(codecs, ["avc1.42c01e", "mp4a.40.2"]);
    assert_eq!(init.tracks[0].picture, Some(init::Picture { width: 640, height: 360 }));
    assert_eq!((init.reference, init.tracks[0].timescale, init.tracks[1].timescale), (0, 12_800, 48_000));
}

#[test]
fn keyframes_are_found_wherever_an_encoder_writes_them() {
    for key_by in [KeyBy::FirstSample, KeyBy::EverySample, KeyBy::FragmentDefault, KeyBy::MovieDefault] {
        let mut encoder = Encoder { key_by, ..Encoder::new(10) };
        let found = events(&body(&mut encoder, 4), &[]).expect("well formed");
        let keys = found.iter().filter_map(|event| match event {
            Event::Fragment(fragment) => fragment.timing.map(|timing| timing.key),
            Event::Init(_) => None,
        });
        assert_eq!(keys.collect::<Vec<bool>>(), [true, false, true, false], "{key_by:?}");
    }
}

#[test]
fn fragments_carry_time_and_their_bytes_unchanged() {
    let mut encoder = Encoder::new(50);
    encoder.frame = 25;
    let (init, sent) = (encoder.init(), encoder.fragment(5));
    let found = events(&[init, sent.clone()].concat(), &[]).expect("well formed");
    let Event::Fragment(fragment) = &found[1] else { panic!("a fragment") };
    let timing = fragment.timing.expect("it has video");
    assert_eq!((timing.start_us, timing.duration_us, timing.frames), (1_000_000, 200_000, 5));
    assert_eq!(fragment.bytes.concat(), sent);
}

#[test]
fn boxes_that_have_no_place_in_a_segment_are_left_out_and_events_kept() {
    let mut encoder = Encoder::new(50);
    let event = full(b"emsg", 0, 0, b"urn:x\0\0aaaabbbbccccdddd");
    let extra =
        [plain(b"styp", b"msdh"), plain(b"sidx", &[0; 32]), plain(b"free", b""), event.clone()].concat();
    let (init, sent) = (encoder.init(), encoder.fragment(5));
    let found = events(&[init, extra, sent.clone()].concat(), &[]).expect("well formed");
    let Event::Fragment(fragment) = &found[1] else { panic!("a fragment") };
    assert_eq!(fragment.bytes.concat(), [event, sent].concat());
}

/// A `moof` of one track fragment with these boxes, and an `mdat` of four bytes.
fn odd(traf: &[Vec<u8>]) -> Vec<u8> {
    [plain(b"moof", &plain(b"traf", &traf.concat())), plain(b"mdat", b"data")].concat()
}

#[test]
fn what_cannot_be_served_is_refused_by_name() {
    let init = Encoder::new(50).init();
    let header = |track: u32| full(b"tfhd", 0, 0x02_0000, &track.to_be_bytes());
    let time = || full(b"tfdt", 1, 0, &[0; 8]);
    let run = |durations: &[u32]| {
        let count = u32::try_from(durations.len()).expect("small");
        full(b"trun", 0, 0x100, &[words(&[count]), words(durations)].concat())
    };
    let sample = |ticks| fragment::Error::SampleDuration { track: 1, ticks, timescale: 12_800 };
    let large = full(b"trun", 0, 0x300, &words(&[1, 512, 5]));
    let damaged = |kind: &[u8; 4]| fragment::Error::Damaged(boxes::FourCc(*kind));
    let rows: Vec<(Vec<u8>, Error)> = vec![
        (odd(&[header(9), time(), run(&[512])]), fragment::Error::UnknownTrack(9).into()),
        (odd(&[header(1), run(&[512])]), damaged(b"tfdt").into()),
        (odd(&[time(), run(&[512])]), damaged(b"tfhd").into()),
        (odd(&[header(1), time(), full(b"trun", 0, 0x100, &words(&[2, 512]))]), damaged(b"trun").into()),
        (odd(&[header(1), time(), run(&[0, 512])]), sample(0).into()),
        (odd(&[header(1), time(), run(&[128_001])]), sample(128_001).into()),
        (odd(&[full(b"tfhd", 0, 0x1, &words(&[1, 0, 8])), time()]), fragment::Error::AbsoluteOffsets.into()),
        (
            odd(&[header(1), time(), full(b"trun", 0, 0, &words(&[10_001]))]),
            fragment::Error::TooManySamples.into(),
        ),
        (odd(&[header(1), time(), large]), fragment::Error::SamplesBeyondData { samples: 5, data: 4 }.into()),
        (plain(b"mdat", b"data"), Error::NoMovie),
        ([plain(b"moof", b""), plain(b"moof", b"")].concat(), Error::NoData(boxes::FourCc(*b"moof"))),
        (plain(b"moof", b""), Error::Truncated),
    ];
    for (after, expected) in rows {
        assert_eq!(events(&[init.clone(), after].concat(), &[]), Err(expected));
    }
    assert_eq!(events(&plain(b"moof", b""), &[]), Err(Error::NoInit));
    assert_eq!(events(&plain(b"moov", b""), &[]), Err(init::Error::NoTracks.into()));
}

#[test]
fn a_last_sample_of_unknown_duration_is_tolerated_and_one_of_ten_seconds_too() {
    let header = full(b"tfhd", 0, 0x02_0000, &words(&[1]));
    for durations in [[512, 0], [512, 128_000]] {
        let run = full(b"trun", 0, 0x100, &[words(&[2]), words(&durations)].concat());
        let body =
            [Encoder::new(50).init(), odd(&[header.clone(), full(b"tfdt", 1, 0, &[0; 8]), run])].concat();
        assert!(events(&body, &[]).is_ok(), "{durations:?}");
    }
}

#[test]
fn a_hole_in_the_source_does_not_make_a_fragment_longer() {
    let header = full(b"tfhd", 0, 0x02_0000, &words(&[1]));
    // durations of three samples → the fragment's, at 12,800 ticks a second
    let rows =
        [([512, 512, 512], 120_000), ([512, 512, 38_400], 120_000), ([12_800, 12_800, 38_400], 5_000_000)];
    for (durations, expected) in rows {
        let run = full(b"trun", 0, 0x100, &[words(&[3]), words(&durations)].concat());
        let body =
            [Encoder::new(50).init(), odd(&[header.clone(), full(b"tfdt", 1, 0, &[0; 8]), run])].concat();
        let found = events(&body, &[]).expect("well formed");
        let Event::Fragment(fragment) = &found[1] else { panic!("a fragment") };
        assert_eq!(fragment.timing.map(|timing| timing.duration_us), Some(expected), "{durations:?}");
    }
}

#[test]
fn a_codec_that_is_not_carried_is_named() {
    let mut body = Encoder::new(50).init();
    let at = body.windows(4).position(|window| window == b"avc1").expect("it has one");
    body[at..at + 4].copy_from_slice(b"vp09");
    assert_eq!(events(&body, &[]), Err(init::Error::Codec(boxes::FourCc(*b"vp09")).into()));
}

proptest! {
    #[test]
    fn a_body_means_the_same_however_the_network_cuts_it(cuts in prop::collection::vec(0_usize..9_000, 0..60)) {
        let body = body(&mut Encoder { frame_bytes: 900, ..Encoder::new(10) }, 12);
        prop_assert_eq!(events(&body, &cuts), events(&body, &[]));
    }

    #[test]
    fn a_truncated_body_is_an_error_unless_it_ends_between_fragments(at in 0_usize..20_000) {
        let mut encoder = Encoder { frame_bytes: 300, ..Encoder::new(10) };
        let mut ends = vec![0, 20, encoder.init().len()];
        let mut body = encoder.init();
        while body.len() < 20_000 {
            body.extend(encoder.fragment(5));
            ends.push(body.len());
        }
        prop_assert_eq!(events(&body[..at], &[]).is_ok(), ends.contains(&at));
    }

    #[test]
    fn damaged_bodies_never_panic(
        changes in prop::collection::vec((0_usize..6_000, any::<u8>()), 1..20),
        cuts in prop::collection::vec(0_usize..2_000, 0..10),
    ) {
        let mut body = body(&mut Encoder { frame_bytes: 100, ..Encoder::new(10) }, 6);
        for (at, byte) in changes {
            let len = body.len();
            body[at % len] = byte;
        }
        let _ = events(&body, &cuts);
    }

    #[test]
    fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = events(&noise, &[]);
        let _ = events(&[Encoder::new(10).init(), noise].concat(), &[]);
    }
}
