//! GET and HEAD of what players read: playlists, the descriptor, initialization and media segments.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;

use super::app::App;
use super::body::Tally;
use super::live::{Document, Live, Picture};
use super::object::{Cache, Object};
use super::refusal::Refused;
use super::spend::{Account, Class};
use crate::playlist::MEDIA_TYPE;
use crate::stream::{DESCRIPTOR_NAME, Phase};

/// The multivariant playlist's file name.
const MULTIVARIANT_NAME: &str = "master.m3u8";
/// A media playlist's file name.
const PLAYLIST_NAME: &str = "index.m3u8";

/// `GET /live/{stream}/{file}`: the multivariant playlist and the descriptor.
pub(super) async fn stream_file(
    State(app): State<Arc<App>>,
    Path((stream, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let live = app.stream(&stream)?;
    let picture = live.picture();
    let (document, media_type) = match file.as_str() {
        MULTIVARIANT_NAME => (picture.multivariant.as_ref().ok_or_else(|| absent(&picture))?, MEDIA_TYPE),
        DESCRIPTOR_NAME => (picture.descriptor.as_ref().ok_or_else(Refused::not_live)?, "application/json"),
        _ => return Err(Refused::not_found("a stream has master.m3u8 and shoal.json")),
    };
    // At most the target duration: a rendition that appears or goes must be seen by then.
    let cache = Cache::Seconds((picture.target_ms / 1_000).max(1));
    Ok(document_object(&app, document, media_type, cache, DESCRIPTOR_NAME, &headers).respond(&headers))
}

/// `GET /live/{stream}/{rendition}/{file}`: the media playlist and what it lists.
pub(super) async fn rendition_file(
    State(app): State<Arc<App>>,
    Path((stream, rendition, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let live = app.stream(&stream)?;
    let picture = live.picture();
    let (index, view, document) = picture.rendition(&rendition).ok_or_else(Refused::not_live)?;
    if file == PLAYLIST_NAME {
        let document = document.ok_or_else(|| absent(&picture))?;
        // Half the target duration (rfc8216bis appendix B): older, it would hide a segment for a whole reload.
        let cache = Cache::Seconds((picture.target_ms / 2_000).max(1));
        let link = format!("../{DESCRIPTOR_NAME}");
        return Ok(document_object(&app, document, MEDIA_TYPE, cache, &link, &headers).respond(&headers));
    }
    if let Some(init) = view.init(&file) {
        let object = Object {
            slices: vec![init.init.bytes.clone()],
            media_type: "video/mp4",
            digest: init.digest,
            ..object(&app, Class::Init, None)
        };
        return Ok(object.respond(&headers));
    }
    let msn = file.strip_suffix(".m4s").and_then(|name| name.rsplit_once('-')?.1.parse().ok());
    let found = msn.and_then(|msn| view.segment(msn)).filter(|segment| segment.name == file);
    let segment =
        found.ok_or_else(|| Refused::not_found("there is no such file, or its segment is not whole yet"))?;
    let body = segment.body.as_ref().ok_or_else(Refused::gone)?;
    let account = account(live, index, segment.msn, None);
    let object = Object {
        slices: body.whole.blocks.clone(),
        media_type: "video/mp4",
        digest: body.whole.digest,
        ..object(&app, Class::Segment, account)
    };
    Ok(object.respond(&headers))
}

/// Why a playlist is not there.
fn absent(picture: &Picture) -> Refused {
    let phases = || picture.renditions.iter().map(|(view, _)| view.phase);
    let over = |phase| matches!(phase, Phase::Ended { .. });
    if phases().any(over) && phases().all(|phase| over(phase) || phase == Phase::Absent) {
        return Refused::ended();
    }
    Refused::not_live()
}

/// An object that never changes, still without its bytes.
pub(super) fn object(app: &App, class: Class, account: Option<Arc<Account>>) -> Object {
    let kept_ms = u64::from(app.config.target_duration_ms) * app.config.window_segments as u64;
    let max_age = (kept_ms + app.config.retention_extra_ms) / 1_000;
    Object {
        slices: Vec::new(),
        media_type: "application/octet-stream",
        cache: Cache::Immutable(u32::try_from(max_age).unwrap_or(u32::MAX)),
        digest: protocol::id::Digest::ZERO,
        gzip: false,
        tally: Tally { class, totals: Arc::clone(&app.totals), account },
        extra: Vec::new(),
    }
}

/// The account of a segment, with this request on it.
pub(super) fn account(live: &Live, index: usize, msn: u64, block: Option<usize>) -> Option<Arc<Account>> {
    let account = live.accounts.find(index, msn)?;
    account.on_request(block);
    Some(account)
}

fn document_object(
    app: &App,
    document: &Document,
    media_type: &'static str,
    cache: Cache,
    descriptor: &str,
    headers: &HeaderMap,
) -> Object {
    let gzip = document.gzip.clone().filter(|_| accepts_gzip(headers));
    let compressed = gzip.is_some();
    let (bytes, digest) = gzip.unwrap_or_else(|| document.plain.clone());
    let mut extra = vec![(header::VARY, HeaderValue::from_static("Accept-Encoding"))];
    let link = format!("<{descriptor}>; rel=\"describedby\"; type=\"application/json\"");
    extra.extend(HeaderValue::from_str(&link).ok().map(|link| (header::LINK, link)));
    extra.push((HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")));
    let class = if media_type == MEDIA_TYPE { Class::Playlist } else { Class::Other };
    Object {
        slices: vec![bytes],
        media_type,
        cache,
        digest,
        gzip: compressed,
        extra,
        ..object(app, class, None)
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        matches!(name.trim(), "gzip" | "x-gzip" | "*")
            && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let rows = [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("br", false),
            ("", false),
        ];
        for (value, expected) in rows {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(accepts_gzip(&headers), expected, "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
