//! Restarts, in order and not: numbers, keys and ids go on.

use m3u8_rs::MediaPlaylist;
use serde_json::Value;

use crate::app::{App, config};

async fn playlist(app: &App) -> MediaPlaylist {
    let text = app.text("/live/main/a/index.m3u8").await;
    m3u8_rs::parse_media_playlist_res(text.as_bytes()).expect("a playlist")
}

async fn identity(app: &App) -> (Value, Value, Value) {
    let descriptor: Value = app.get("/live/main/shoal.json").await.json().await.expect("JSON");
    (descriptor["swarm"].clone(), descriptor["keys"].clone(), descriptor["renditions"].clone())
}

#[tokio::test]
async fn after_an_orderly_restart_the_next_number_follows_and_a_discontinuity_is_declared() {
    let app = App::start().await;
    app.put_seconds("b", 3).await;
    app.put_seconds("a", 5).await;
    let (before, last) = (identity(&app).await, playlist(&app).await);
    let next = last.media_sequence + last.segments.len() as u64;
    let directory = app.stop().await.expect("it has one");
    let app = App::run(config(directory.path())).await;
    app.put_seconds("a", 5).await;
    let after = playlist(&app).await;
    assert_eq!(after.media_sequence, next);
    assert!(after.segments[0].discontinuity);
    assert_eq!(identity(&app).await, before);
}

#[tokio::test]
async fn after_a_crash_no_number_is_used_again() {
    let app = App::start().await;
    app.put_seconds("a", 11).await;
    let last = playlist(&app).await;
    let next = last.media_sequence + last.segments.len() as u64;
    let before = identity(&app).await;
    let directory = app.crash().await.expect("it has one");
    let app = App::run(config(directory.path())).await;
    app.put_seconds("a", 5).await;
    let after = playlist(&app).await;
    assert!((next..next + 10).contains(&after.media_sequence), "{} after {next}", after.media_sequence);
    assert!(after.segments[0].discontinuity);
    assert!(after.discontinuity_sequence >= last.discontinuity_sequence);
    assert_eq!(identity(&app).await, before);
}

#[tokio::test]
async fn a_key_made_at_the_first_start_is_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut config = config(directory.path());
    config.streams = [(String::from("main"), hls_origin::serve::StreamConfig::default())].into();
    let first = hls_origin::serve::Origin::load(config.clone()).await.expect("it loads");
    let second = hls_origin::serve::Origin::load(config).await.expect("it loads");
    let key = |origin: &hls_origin::serve::Origin| {
        let url = origin.publish_url("main", "a").expect("it is configured");
        url.split_once("?key=").expect("it has a key").1.to_owned()
    };
    assert_eq!(key(&first), key(&second));
    assert_eq!(key(&first).len(), 32);
}

#[tokio::test]
async fn a_taken_port_is_said_clearly() {
    let app = App::start().await;
    let mut config = config(&app.state_dir());
    config.listen = app.url.trim_start_matches("http://").parse().expect("an address");
    let error = hls_origin::serve::Origin::load(config).await.expect_err("it is taken").to_string();
    assert!(error.contains("choose another port"), "{error}");
}
