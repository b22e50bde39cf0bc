//! Faults on demand, and only where the configuration allows them.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::app::App;

async fn ask(app: &App, faults: Value) -> StatusCode {
    let request = app.client.post(format!("{}/ops/faults", app.ops)).json(&faults);
    request.send().await.expect("it answers").status()
}

#[tokio::test]
async fn faults_are_off_by_default() {
    let app = App::start().await;
    app.put_seconds("a", 5).await;
    assert_eq!(ask(&app, json!({ "fail": true })).await, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/live/main/master.m3u8").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn media_fails_and_recovers_on_demand() {
    let app = App::start_with(|config| config.faults = true).await;
    app.put_seconds("a", 5).await;
    assert_eq!(ask(&app, json!({ "fail": true })).await, StatusCode::NO_CONTENT);
    assert_eq!(app.get("/live/main/master.m3u8").await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(app.get("/health").await.status(), StatusCode::OK);
    assert_eq!(ask(&app, json!({})).await, StatusCode::NO_CONTENT);
    assert_eq!(app.get("/live/main/master.m3u8").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn one_block_is_served_wrong_on_demand() {
    let app = App::start_with(|config| config.faults = true).await;
    app.put_seconds("a", 5).await;
    let block = |at: usize| {
        let app = &app;
        async move { app.get(&format!("/live/main/a/100/blocks/{at}")).await.bytes().await.expect("a body") }
    };
    let right = (block(0).await, block(1).await);
    assert_eq!(ask(&app, json!({ "corrupt_block": 1 })).await, StatusCode::NO_CONTENT);
    assert_eq!(block(0).await, right.0);
    assert_ne!(block(1).await, right.1);
}
