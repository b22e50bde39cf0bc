//! The block API: before the segment ends, in advance, within bounds, proven.

use protocol::hash_list::Signed;
use reqwest::StatusCode;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::app::{App, code, header};

async fn list(app: &App, path: &str) -> Signed {
    let response = app.get(path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    assert_eq!(header(&response, "content-type"), "application/vnd.shoal.hash-list");
    let signed = Signed::decode(&response.bytes().await.expect("a body")).expect("it decodes");
    let descriptor = app.text("/live/main/shoal.json").await;
    let descriptor = protocol::descriptor::Descriptor::parse(&descriptor).expect("it parses");
    let key = descriptor.parts().keys[0];
    assert_eq!(key.id, signed.list.key);
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key.ed25519).expect("a key");
    let signature = ed25519_dalek::Signature::from_bytes(&signed.signature);
    key.verify_strict(&signed.signed, &signature).expect("the origin signed it");
    signed
}

#[tokio::test]
async fn blocks_of_a_growing_segment_are_served_and_proven() {
    let app = App::start().await;
    let mut publisher = app.publish("a").await;
    publisher.fragments(7).await;
    let bytes = app.until("/live/main/a/100/blocks/1", |status, _| status.is_success()).await;
    assert_eq!(bytes.len(), 61_440);
    let signed = list(&app, "/live/main/a/100/hashes?blocks=2").await;
    assert_eq!(signed.list.closed, None);
    assert_eq!(signed.list.hashes[1].0, *Sha256::digest(&bytes));
    assert_eq!(app.get("/live/main/a/index.m3u8").await.status(), StatusCode::NOT_FOUND);
    let status: Value = app.get("/live/main/a/100/blocks").await.json().await.expect("JSON");
    assert_eq!(status["closed"], false);
    assert_eq!(status["blocks"][0], "available");
    assert_eq!(status["blocks"].as_array().and_then(|blocks| blocks.last()), Some(&Value::from("arriving")));
    let next: Value = app.get("/live/main/a/101/blocks").await.json().await.expect("JSON");
    assert_eq!(next["blocks"], serde_json::json!(["absent"]));
}

#[tokio::test]
async fn the_blocks_of_a_segment_are_the_segment() {
    let app = App::start().await;
    app.put_seconds("a", 5).await;
    let playlist = app.text("/live/main/a/index.m3u8").await;
    let name = playlist.lines().find(|line| line.ends_with("-100.m4s")).expect("listed");
    let whole = app.get(&format!("/live/main/a/{name}")).await.bytes().await.expect("a body");
    let signed = list(&app, "/live/main/a/100/hashes?blocks=1000").await;
    assert_eq!(signed.list.closed.map(|closed| closed.bytes), u32::try_from(whole.len()).ok());
    let mut joined = Vec::new();
    for (block, hash) in signed.list.hashes.iter().enumerate() {
        let response = app.get(&format!("/live/main/a/100/blocks/{block}")).await;
        assert_eq!(header(&response, "accept-ranges"), "bytes");
        let bytes = response.bytes().await.expect("a body");
        assert_eq!(hash.0, *Sha256::digest(&bytes));
        joined.extend_from_slice(&bytes);
    }
    assert_eq!(joined, whole);
    let past = format!("/live/main/a/100/blocks/{}", signed.list.hashes.len());
    assert_eq!(code(app.get(&past).await).await, (404, String::from("not_found")));
}

#[tokio::test]
async fn a_get_waits_for_a_block_that_is_due_and_for_the_next_segment() {
    let app = App::start().await;
    let mut publisher = app.publish("a").await;
    publisher.fragments(1).await;
    app.until("/live/main/a/100/blocks", |_, body| body.windows(8).any(|word| word == b"arriving")).await;
    let (block, ahead, hashes, ()) = tokio::join!(
        app.get("/live/main/a/100/blocks/1"),
        app.get("/live/main/a/101/blocks/0"),
        app.get("/live/main/a/101/hashes?blocks=1"),
        publisher.fragments(15),
    );
    assert_eq!(
        (block.status(), ahead.status(), hashes.status()),
        (StatusCode::OK, StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(code(app.get("/live/main/a/103/blocks/0").await).await, (404, String::from("not_due")));
    assert_eq!(code(app.get("/live/main/a/99/blocks/0").await).await, (410, String::from("gone")));
    // No segment has more than 1,024 blocks (`docs/spec/blocks.md`), so nobody waits for the one after.
    for path in ["102/blocks/1024", "102/hashes?blocks=1025", "101/blocks/18446744073709551615"] {
        let response = app.get(&format!("/live/main/a/{path}")).await;
        assert_eq!(code(response).await, (404, String::from("not_found")), "{path}");
    }
    for path in ["x/blocks/0", "100/blocks/-1", "100/hashes?blocks=x", "x/blocks"] {
        let response = app.get(&format!("/live/main/a/{path}")).await;
        assert_eq!(code(response).await, (400, String::from("bad_number")), "{path}");
    }
}

#[tokio::test]
async fn a_wait_ends_after_a_target_duration_with_503_and_retry_after() {
    let app = App::start_with(|config| config.target_duration_ms = 1_000).await;
    let mut publisher = app.publish("a").await;
    publisher.fragments(1).await;
    app.until("/live/main/a/100/blocks", |_, body| body.windows(8).any(|word| word == b"arriving")).await;
    let response = app.get("/live/main/a/100/blocks/1").await;
    assert_eq!(header(&response, "retry-after"), "1");
    assert_eq!(code(response).await, (503, String::from("later")));
}

#[tokio::test]
async fn no_more_than_the_allowed_number_wait() {
    let app = App::start_with(|config| config.limits.waiters = 1).await;
    let mut publisher = app.publish("a").await;
    publisher.fragments(1).await;
    app.until("/live/main/a/100/blocks", |_, body| body.windows(8).any(|word| word == b"arriving")).await;
    let first = app.client.get(app.at("/live/main/a/100/blocks/1"));
    let first = tokio::spawn(async move { first.send().await.expect("it answers").status() });
    app.until("/metrics", |_, body| {
        body.windows(32).any(|line| line == b"shoal_origin_waiting_requests 1\n")
    })
    .await;
    assert_eq!(code(app.get("/live/main/a/100/blocks/1").await).await, (503, String::from("later")));
    publisher.fragments(8).await;
    assert_eq!(first.await.expect("it ends"), StatusCode::OK);
}
