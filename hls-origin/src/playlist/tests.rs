//! Dates, and multivariant playlists as another parser reads them.

use proptest::prelude::*;
use protocol::time::StreamTime;

use super::{Variant, date_time, multivariant};

#[test]
fn dates_are_iso_8601_with_milliseconds() {
    let rows = [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_795_272_245_678, "2026-11-21T14:44:05.678Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ];
    for (ms, expected) in rows {
        assert_eq!(date_time(StreamTime(ms)), expected);
    }
}

#[test]
fn a_rendition_without_video_has_no_picture() {
    let variant = Variant {
        uri: String::from("a/index.m3u8"),
        peak_bits: 130_000,
        average_bits: 128_000,
        codecs: vec![String::from("mp4a.40.2")],
        picture: None,
        frame_rate_milli: None,
    };
    let text = multivariant([variant].iter(), "shoal.json");
    assert!(
        text.ends_with("BANDWIDTH=130000,AVERAGE-BANDWIDTH=128000,CODECS=\"mp4a.40.2\"\na/index.m3u8\n"),
        "{text}"
    );
}

proptest! {
    #[test]
    fn any_date_is_read_back_by_another_calendar(ms in 0_u64..4_102_444_800_000) {
        let text = format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-PROGRAM-DATE-TIME:{}\n#EXTINF:1,\na\n", date_time(StreamTime(ms)));
        let parsed = m3u8_rs::parse_media_playlist_res(text.as_bytes()).expect("a playlist");
        let read = parsed.segments[0].program_date_time.expect("dated").timestamp_millis();
        prop_assert_eq!(read, ms.cast_signed());
    }
}
