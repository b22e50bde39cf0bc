//! Segments: whole when listed, by parts when asked, never half.

use base64::Engine as _;
use bytes::Bytes;
use reqwest::StatusCode;
use sha2::{Digest as _, Sha256};

use crate::app::{App, code, header};

/// Names of the listed segments.
async fn names(app: &App) -> Vec<String> {
    let text = app.text("/live/main/a/index.m3u8").await;
    text.lines().filter(|line| line.ends_with(".m4s")).map(str::to_owned).collect()
}

fn digest(bytes: &[u8]) -> String {
    format!("sha-256=:{}:", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(bytes)))
}

#[tokio::test]
async fn every_listed_segment_is_whole_and_its_digest_is_right() {
    let app = App::start().await;
    app.put_seconds("a", 7).await;
    for name in names(&app).await {
        let response = app.get(&format!("/live/main/a/{name}")).await;
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        assert_eq!(header(&response, "content-type"), "video/mp4");
        assert!(header(&response, "cache-control").ends_with(", immutable"));
        let said =
            (header(&response, "repr-digest").to_owned(), header(&response, "content-digest").to_owned());
        let bytes = response.bytes().await.expect("a body");
        assert_eq!(said, (digest(&bytes), digest(&bytes)));
        assert_eq!(&bytes[4..8], b"moof");
    }
}

#[tokio::test]
async fn the_init_is_what_the_encoder_sent() {
    let app = App::start().await;
    app.put_seconds("a", 5).await;
    let text = app.text("/live/main/a/index.m3u8").await;
    let map = text.lines().find_map(|line| line.strip_prefix("#EXT-X-MAP:URI=\"")?.strip_suffix('"'));
    let response = app.get(&format!("/live/main/a/{}", map.expect("it has one"))).await;
    assert_eq!(header(&response, "content-type"), "video/mp4");
    assert_eq!(response.bytes().await.expect("a body"), crate::fixture::Encoder::new(50).init());
}

#[tokio::test]
async fn a_growing_segment_is_not_found_by_players() {
    let app = App::start().await;
    let mut publisher = app.publish("a").await;
    publisher.fragments(16).await;
    app.until("/live/main/a/101/blocks/0", |status, _| status.is_success()).await;
    let listed = names(&app).await;
    let [name] = &listed[..] else { panic!("one is whole: {listed:?}") };
    let next = name.replace("-100", "-101");
    assert_eq!(code(app.get(&format!("/live/main/a/{next}")).await).await, (404, String::from("not_found")));
    let other = format!("/live/main/a/other{}", &name[name.find('-').expect("it has one")..]);
    assert_eq!(app.get(&other).await.status(), StatusCode::NOT_FOUND, "names are of one incarnation");
}

#[tokio::test]
async fn parts_are_served_by_range() {
    let app = App::start().await;
    app.put_seconds("a", 5).await;
    let path = format!("/live/main/a/{}", names(&app).await[0]);
    let whole = app.get(&path).await;
    let etag = header(&whole, "etag").to_owned();
    let whole = whole.bytes().await.expect("a body");
    let len = whole.len();
    let rows = [
        ("bytes=0-61439", 0, 61_440),
        ("bytes=61430-61449", 61_430, 61_450),
        ("bytes=61440-", 61_440, len),
        ("bytes=-5", len - 5, len),
    ];
    for (range, start, end) in rows {
        let response = app.get_with(&path, &[("range", range)]).await;
        assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(header(&response, "content-range"), format!("bytes {start}-{}/{len}", end - 1));
        assert_eq!(header(&response, "repr-digest"), digest(&whole), "of the whole, RFC 9530 §3");
        assert_eq!(response.bytes().await.expect("a body"), Bytes::copy_from_slice(&whole[start..end]));
    }
    let past = app.get_with(&path, &[("range", &format!("bytes={len}-"))]).await;
    assert_eq!((past.status().as_u16(), header(&past, "content-range")), (416, &*format!("bytes */{len}")));
    let stale = app.get_with(&path, &[("range", "bytes=0-1"), ("if-range", "\"other\"")]).await;
    assert_eq!(stale.status(), StatusCode::OK);
    let fresh = app.get_with(&path, &[("range", "bytes=0-1"), ("if-range", &etag)]).await;
    assert_eq!(fresh.status(), StatusCode::PARTIAL_CONTENT);
    let same = app.get_with(&path, &[("if-none-match", &etag)]).await;
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
}
