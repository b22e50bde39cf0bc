//! Playlists and the descriptor over HTTP: there when playable, validated, compressed, cached, announced.

use m3u8_rs::Playlist;
use reqwest::StatusCode;
use serde_json::Value;

use crate::app::{App, code, header};

#[tokio::test]
async fn nothing_is_there_until_a_segment_is_whole() {
    let app = App::start().await;
    for path in ["master.m3u8", "a/index.m3u8", "shoal.json", "a/100/blocks/0"] {
        let response = app.get(&format!("/live/main/{path}")).await;
        assert_eq!(header(&response, "cache-control"), "no-store", "{path}");
        assert_eq!(code(response).await, (404, String::from("not_live")), "{path}");
    }
    assert_eq!(code(app.get("/live/other/master.m3u8").await).await, (404, String::from("unknown_stream")));
    app.put_seconds("a", 3).await;
    assert_eq!(app.get("/live/main/master.m3u8").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn another_parser_reads_both_playlists() {
    let app = App::start().await;
    app.put_seconds("360p", 9).await;
    let text = app.text("/live/main/master.m3u8").await;
    let Ok(Playlist::MasterPlaylist(master)) = m3u8_rs::parse_playlist_res(text.as_bytes()) else {
        panic!("{text}")
    };
    assert_eq!(master.variants[0].uri, "360p/index.m3u8");
    let text = app.text("/live/main/360p/index.m3u8").await;
    let Ok(Playlist::MediaPlaylist(media)) = m3u8_rs::parse_playlist_res(text.as_bytes()) else {
        panic!("{text}")
    };
    assert_eq!((media.media_sequence, media.segments.len(), media.target_duration), (100, 5, 2));
    for line in text.lines() {
        assert!(line.is_ascii() && line.trim() == line && !line.is_empty(), "{line:?}");
    }
}

#[tokio::test]
async fn playlists_are_compressed_and_validated() {
    let app = App::start().await;
    app.put_seconds("a", 9).await;
    let path = "/live/main/a/index.m3u8";
    let plain = app.get(path).await;
    let packed = app.get_with(path, &[("accept-encoding", "gzip")]).await;
    assert_eq!(header(&packed, "content-encoding"), "gzip");
    assert_eq!((header(&plain, "vary"), header(&packed, "vary")), ("Accept-Encoding", "Accept-Encoding"));
    assert_ne!(header(&plain, "etag"), header(&packed, "etag"));
    assert_eq!(header(&plain, "content-type"), "application/vnd.apple.mpegurl");
    assert_eq!(header(&plain, "cache-control"), "public, max-age=1");
    let etag = header(&packed, "etag").to_owned();
    let same = app.get_with(path, &[("accept-encoding", "gzip"), ("if-none-match", &etag)]).await;
    assert_eq!((same.status(), header(&same, "etag")), (StatusCode::NOT_MODIFIED, etag.as_str()));
    let length: usize = header(&packed, "content-length").parse().expect("a number");
    let text = plain.text().await.expect("text");
    let unpacked = unpack(&packed.bytes().await.expect("a body"));
    assert_eq!(unpacked, text);
    assert!(length < text.len());
}

fn unpack(bytes: &[u8]) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes), &mut text).expect("gzip");
    text
}

#[tokio::test]
async fn head_has_the_headers_of_get() {
    let app = App::start().await;
    app.put_seconds("a", 5).await;
    for path in ["/live/main/master.m3u8", "/live/main/a/index.m3u8", "/live/main/a/100/blocks/0"] {
        let get = app.get(path).await;
        let head = app.client.head(app.at(path)).send().await.expect("it answers");
        for name in ["content-length", "content-type", "etag", "cache-control", "accept-ranges"] {
            assert!(!header(&get, name).is_empty(), "{path} {name}");
            assert_eq!(header(&get, name), header(&head, name), "{path} {name}");
        }
        assert!(head.bytes().await.expect("a body").is_empty());
    }
}

#[tokio::test]
async fn the_descriptor_is_named_by_playlists_and_says_where_blocks_are() {
    let app = App::start().await;
    app.put_seconds("360p", 5).await;
    app.put_seconds("180p", 5).await;
    let master = app.get("/live/main/master.m3u8").await;
    assert_eq!(header(&master, "link"), "<shoal.json>; rel=\"describedby\"; type=\"application/json\"");
    let media = app.get("/live/main/360p/index.m3u8").await;
    assert_eq!(header(&media, "link"), "<../shoal.json>; rel=\"describedby\"; type=\"application/json\"");
    let text = app.text("/live/main/shoal.json").await;
    let descriptor: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(descriptor["stream"], "main");
    assert_eq!(descriptor["renditions"][1]["playlist"], "180p/index.m3u8");
    assert_eq!(descriptor["blocks"], "{rendition}/{segment}/blocks/{block}");
    assert_eq!(descriptor["trackers"][0], "ws://127.0.0.1:8000/");
    assert!(protocol::descriptor::Descriptor::parse(&text).is_ok());
}

#[tokio::test]
async fn pages_of_other_origins_may_read_everything() {
    let app = App::start().await;
    app.put_seconds("a", 5).await;
    for path in ["/live/main/master.m3u8", "/live/main/a/100/blocks/0", "/live/main/nothing", "/health"] {
        let response = app.get(path).await;
        assert_eq!(header(&response, "access-control-allow-origin"), "*", "{path}");
        assert_eq!(header(&response, "timing-allow-origin"), "*", "{path}");
        let exposed = header(&response, "access-control-expose-headers");
        for name in ["Content-Length", "Content-Range", "ETag", "Date", "Age", "Link", "Repr-Digest"] {
            assert!(exposed.contains(name), "{name}");
        }
    }
    let preflight = app.client.request(reqwest::Method::OPTIONS, app.at("/live/main/a/100/blocks/0"));
    let response = preflight.send().await.expect("it answers");
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(header(&response, "access-control-allow-headers").contains("Range"));
    assert!(!header(&response, "access-control-max-age").is_empty());
}

#[tokio::test]
async fn a_page_may_send_headers_of_its_own() {
    let app = App::start().await;
    let ask = |names: &'static str| {
        let request = app.client.request(reqwest::Method::OPTIONS, app.at("/live/main/a/index.m3u8"));
        request.header("access-control-request-headers", names)
    };
    for (asked, allowed) in [
        ("x-token, X_Trace-Id", "x-token, X_Trace-Id"),
        ("authorization", "authorization"),
        ("x-token; <script>", "Range, If-Range, If-None-Match, Authorization, Content-Type, Priority"),
    ] {
        let response = ask(asked).send().await.expect("it answers");
        assert_eq!(header(&response, "access-control-allow-headers"), allowed);
        assert_eq!(header(&response, "access-control-allow-origin"), "*");
        assert_eq!(header(&response, "vary"), "Access-Control-Request-Headers");
    }
}
