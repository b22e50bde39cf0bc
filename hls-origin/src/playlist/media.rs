//! Media playlists.

use core::fmt::Write as _;

use super::date_time;
use crate::window::Segment;

/// What a media playlist says.
#[derive(Clone, Copy, Debug)]
pub struct Media<I> {
    /// EXT-X-TARGETDURATION, in seconds.
    pub target_s: u32,
    /// The listed segments, oldest first.
    pub segments: I,
    /// The number of the first segment where none is listed.
    pub next_msn: u64,
    /// Nothing will follow: EXT-X-ENDLIST.
    pub ended: bool,
}

/// Writes a media playlist.
///
/// EXT-X-INDEPENDENT-SEGMENTS is left out: it would be a promise about every segment to come, and a cut without a
/// keyframe, which the constant target duration may force, would break it.
pub fn media<'a>(playlist: Media<impl Iterator<Item = &'a Segment>>) -> String {
    let mut segments = playlist.segments.peekable();
    let first = segments.peek();
    let msn = first.map_or(playlist.next_msn, |first| first.msn);
    let dsn = first.map_or(0, |first| first.dsn - u64::from(first.discontinuity));
    let mut text = String::with_capacity(2_048);
    // Version 6 is what EXT-X-MAP needs in a playlist of ordinary segments (RFC 8216 §7).
    let _ = writeln!(text, "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:{}", playlist.target_s);
    let _ = writeln!(text, "#EXT-X-MEDIA-SEQUENCE:{msn}\n#EXT-X-DISCONTINUITY-SEQUENCE:{dsn}");
    let mut init: Option<&str> = None;
    for segment in segments {
        if segment.discontinuity {
            text.push_str("#EXT-X-DISCONTINUITY\n");
        }
        if init != Some(&segment.init.name) {
            let _ = writeln!(text, "#EXT-X-MAP:URI=\"{}\"", segment.init.name);
            init = Some(&segment.init.name);
        }
        if segment.body.is_none() {
            text.push_str("#EXT-X-GAP\n");
        }
        let _ = writeln!(text, "#EXT-X-PROGRAM-DATE-TIME:{}", date_time(segment.start));
        let (seconds, micros) = (segment.duration_us / 1_000_000, segment.duration_us % 1_000_000);
        let _ = writeln!(text, "#EXTINF:{seconds}.{micros:06},\n{}", segment.name);
    }
    if playlist.ended {
        text.push_str("#EXT-X-ENDLIST\n");
    }
    text
}
