//! What operators see, and how it stops.

use reqwest::StatusCode;
use serde_json::Value;

use crate::app::{App, code, header};

#[tokio::test]
async fn what_each_segment_cost_is_accounted() {
    let app = App::start().await;
    app.put_seconds("a", 5).await;
    let playlist = app.text("/live/main/a/index.m3u8").await;
    let name = playlist.lines().find(|line| line.ends_with("-100.m4s")).expect("listed").to_owned();
    let whole = app.get(&format!("/live/main/a/{name}")).await.bytes().await.expect("a body").len();
    for block in [0, 2, 2] {
        app.get(&format!("/live/main/a/100/blocks/{block}")).await.bytes().await.expect("a body");
    }
    let part = app.get_with(&format!("/live/main/a/{name}"), &[("range", "bytes=0-99")]).await;
    assert_eq!(part.bytes().await.expect("a body").len(), 100);
    app.client.head(app.at(&format!("/live/main/a/{name}"))).send().await.expect("it answers");
    let spend: Value = app
        .client
        .get(format!("{}/ops/spend", app.ops))
        .send()
        .await
        .expect("it answers")
        .json()
        .await
        .expect("JSON");
    let first = &spend[0];
    assert_eq!(
        (&first["stream"], &first["rendition"], &first["msn"]),
        (&"main".into(), &"a".into(), &100.into())
    );
    assert_eq!(first["bytes"], whole);
    assert_eq!(first["sent_segment_bytes"], whole + 100);
    assert_eq!(first["sent_block_bytes"], 3 * 61_440);
    assert_eq!(first["sent_bytes"], whole + 100 + 3 * 61_440);
    assert_eq!(first["block_requests"], serde_json::json!([1, 0, 2]));
    assert_eq!(first["requests"], 6);
    assert_eq!(spend[1]["sent_bytes"], 0);
}

#[tokio::test]
async fn metrics_count_body_bytes_by_class() {
    let app = App::start().await;
    app.put_seconds("a", 5).await;
    app.get("/live/main/a/100/blocks/0").await.bytes().await.expect("a body");
    let list = app.get("/live/main/a/100/hashes").await.bytes().await.expect("a body").len();
    let metrics = app.text("/metrics").await;
    assert!(metrics.contains("shoal_origin_sent_body_bytes_total{class=\"block\"} 61440\n"), "{metrics}");
    assert!(
        metrics.contains(&format!("shoal_origin_sent_body_bytes_total{{class=\"list\"}} {list}\n")),
        "{metrics}"
    );
    assert!(
        metrics.contains("shoal_origin_segments_total{stream=\"main\",rendition=\"a\"} 3\n"),
        "{metrics}"
    );
    assert!(!metrics.contains(crate::app::KEY));
}

#[tokio::test]
async fn the_public_listener_names_no_stream() {
    let app = App::start().await;
    app.put_seconds("a", 5).await;
    assert_eq!(app.text("/health").await, "{\"status\":\"ok\"}");
    for path in ["/metrics", "/ops/streams", "/ops/spend", "/"] {
        let response = app.client.get(format!("{}{path}", app.url)).send().await.expect("it answers");
        assert_eq!(code(response).await, (404, String::from("not_found")), "{path}");
    }
    assert_eq!(app.text("/ops/streams").await, "{\"main\":{\"a\":\"interrupted\"}}");
}

#[tokio::test]
async fn stopping_sends_who_waits_away_with_503_and_writes_the_numbers() {
    let mut app = App::start().await;
    let mut publisher = app.publish("a").await;
    publisher.fragments(1).await;
    app.until("/live/main/a/100/blocks", |_, body| body.windows(8).any(|word| word == b"arriving")).await;
    let waiting = app.client.get(app.at("/live/main/a/101/blocks/0"));
    let waiting = tokio::spawn(async move { waiting.send().await.expect("it answers") });
    app.until("/metrics", |_, body| {
        body.windows(32).any(|line| line == b"shoal_origin_waiting_requests 1\n")
    })
    .await;
    app.begin_stop();
    assert_eq!(code(waiting.await.expect("it ends")).await, (503, String::from("later")));
    assert_eq!(publisher.response.await.expect("it ends").status(), StatusCode::SERVICE_UNAVAILABLE);
    let directory = app.stop().await.expect("it has one");
    let state = std::fs::read(directory.path().join("origin.json")).expect("there");
    let state: Value = serde_json::from_slice(&state).expect("JSON");
    assert_eq!(state["streams"]["main"]["next_msn"], 101);
}

#[tokio::test]
async fn the_page_is_served_beside_the_streams() {
    let page = tempfile::tempdir().expect("a directory");
    std::fs::write(page.path().join("index.html"), "<!doctype html>").expect("written");
    std::fs::write(page.path().join("engine.wasm"), b"\0asm").expect("written");
    let directory = page.path().to_owned();
    let app = App::start_with(|config| config.page_dir = Some(directory)).await;
    let index = app.get("/").await;
    assert_eq!((index.status(), header(&index, "cache-control")), (StatusCode::OK, "no-cache"));
    assert!(header(&index, "content-type").starts_with("text/html"));
    assert_eq!(header(&app.get("/engine.wasm").await, "content-type"), "application/wasm");
    assert_eq!(app.get("/nothing").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(app.get("/../Cargo.toml").await.status(), StatusCode::NOT_FOUND);
    for path in ["/%00", &format!("/{}", "n".repeat(256)), &"/n".repeat(1_025)] {
        for method in [reqwest::Method::GET, reqwest::Method::HEAD] {
            let response = app.client.request(method, app.at(path)).send().await.expect("it answers");
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
