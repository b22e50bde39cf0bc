//! A media playlist, loaded again and again.

use m3u8_rs::MediaPlaylist;
use protocol::id::{Rendition, Segment, SegmentKey};
use protocol::time::StreamTime;
use swarm::io::Listed;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use url::Url;

use crate::http::Http;
use crate::limits::{GET_TIME, PLAYLIST_BYTES_MAX, RETRY_TIME, SEGMENTS_MAX};
use crate::viewer::Event;

/// What a playlist lists.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Loaded {
    /// Its newest segments, at most [`SEGMENTS_MAX`], with their URLs.
    pub(crate) segments: Vec<(Listed, Option<Url>)>,
    /// It has ended.
    pub(crate) ended: bool,
    /// EXT-X-TARGETDURATION in milliseconds.
    pub(crate) target_ms: u64,
}

/// Loads a playlist until the handle is aborted: every target duration, and after half of one where nothing was new, as
/// hls.js does (RFC 8216 §6.3.4).
pub(crate) fn follow(
    http: Http,
    url: Url,
    rendition: Rendition,
    events: mpsc::Sender<Event>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut newest = None;
        loop {
            let answer = timeout(GET_TIME, http.get(&url, PLAYLIST_BYTES_MAX)).await;
            let Some(loaded) =
                answer.ok().and_then(Result::ok).and_then(|it| parse(&it.body, &it.url, rendition))
            else {
                sleep(RETRY_TIME).await;
                continue;
            };
            let last = loaded.segments.last().map(|(listed, _)| listed.segment);
            let target = std::time::Duration::from_millis(loaded.target_ms);
            let pause = if last > newest { target } else { target / 2 };
            newest = newest.max(last);
            let ended = loaded.ended;
            if events.send(Event::Playlist(loaded)).await.is_err() || ended {
                return;
            }
            sleep(pause).await;
        }
    })
}

fn parse(body: &[u8], base: &Url, rendition: Rendition) -> Option<Loaded> {
    let playlist = m3u8_rs::parse_media_playlist_res(body).ok()?;
    let first = playlist.media_sequence;
    let mut segments = Vec::new();
    let mut at = None;
    for (segment, number) in playlist.segments.iter().zip(first..) {
        let duration_ms = (segment.duration * 1_000.0).round() as u32;
        let dated = segment.program_date_time.and_then(|date| u64::try_from(date.timestamp_millis()).ok());
        // Without dates there is no stream time, and so no swarm.
        let start = dated.or(at)?;
        let key = SegmentKey::new(rendition, Segment(number));
        let listed = Listed { segment: key, start: StreamTime(start), duration_ms };
        segments.push((listed, base.join(&segment.uri).ok()));
        at = Some(start + u64::from(duration_ms));
    }
    segments.drain(..segments.len().saturating_sub(SEGMENTS_MAX));
    Some(Loaded { segments, ended: playlist.end_list, target_ms: target_ms(&playlist) })
}

fn target_ms(playlist: &MediaPlaylist) -> u64 {
    playlist.target_duration.clamp(1, 60) * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<Loaded> {
        parse(text.as_bytes(), &Url::parse("http://h/live/main/a/index.m3u8?x").unwrap(), Rendition(3))
    }

    #[test]
    fn segments_have_numbers_times_and_addresses() {
        let text = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:812\n\
                    #EXT-X-MAP:URI=\"init.mp4\"\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T21:00:00.250Z\n\
                    #EXTINF:2.000,\n812.m4s\n#EXTINF:1.960,\n813.m4s\n#EXT-X-ENDLIST\n";
        let loaded = parsed(text).unwrap();
        let [(one, url), (two, _)] = loaded.segments.as_slice() else { panic!("{loaded:?}") };
        assert_eq!((one.segment.rendition, one.segment.segment), (Rendition(3), Segment(812)));
        assert_eq!((one.start.0 % 1_000, one.duration_ms), (250, 2_000));
        assert_eq!((two.start.millis_since(one.start), two.duration_ms), (2_000, 1_960));
        assert_eq!(url.as_ref().map(Url::as_str), Some("http://h/live/main/a/812.m4s"));
        assert!(loaded.ended && loaded.target_ms == 2_000);
    }

    #[test]
    fn what_is_no_dated_playlist_is_none() {
        let undated = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n1.m4s\n";
        for text in ["", "nonsense", "<html>", undated] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
