//! What moderators, streamers and operators do, and who may not.

use chat_edge::serve::Config;
use serde_json::{Value, json};

use super::app::{App, soon};
use super::people::ROOM;
use super::postgres::Postgres;

/// A stage: an operator, a streamer, a moderator, a viewer, by their tokens.
struct Cast {
    app: App,
    operator: String,
    streamer: String,
    moderator: String,
    viewer: String,
}

impl Cast {
    async fn on(config: Config) -> Self {
        let app = App::with(config).await;
        let operator = app.token_of(1, "operator").await;
        let (streamer, viewer) = (app.token_of(2, "streamer").await, app.token_of(7, "viewer").await);
        let moderator = app.token_of(3, "viewer").await;
        app.must(&streamer, "PUT", &format!("{ROOM}/roles/3"), json!({"role": "moderator"}), 204).await;
        Self { app, operator, streamer, moderator, viewer }
    }

    async fn start() -> Self {
        Self::on(Config::default()).await
    }
}

#[tokio::test]
async fn mute_ban_and_shadow_hold_until_they_are_lifted_and_each_is_written_down() {
    let Cast { app, moderator, viewer, operator, .. } = Cast::start().await;
    let comments = format!("{ROOM}/comments");
    let mute = format!("{ROOM}/sanctions/7/mute");
    app.must(&moderator, "PUT", &mute, json!({"seconds": 600, "reason": "spam"}), 204).await;
    app.refused(&viewer, "POST", &comments, json!({"text": "a"}), 403, "muted").await;
    let list = app.must(&moderator, "GET", &format!("{ROOM}/sanctions"), json!(null), 200).await;
    assert_eq!(
        (&list["sanctions"][0]["user"], &list["sanctions"][0]["reason"]),
        (&json!("7"), &json!("spam"))
    );
    app.must(&moderator, "DELETE", &mute, json!(null), 204).await;
    app.refused(&moderator, "DELETE", &mute, json!(null), 404, "missing").await;
    let mut watching = app.viewer(&moderator).await;
    let mut shadowed = app.viewer(&viewer).await;
    let shadow = format!("{ROOM}/sanctions/7/shadow");
    app.must(&moderator, "PUT", &shadow, json!({}), 204).await;
    // Its author sees it, is told the same as everybody, and nobody else sees it.
    app.say(&viewer, "seen by nobody").await;
    assert_eq!(shadowed.read().await, "seen by nobody");
    app.must(&moderator, "DELETE", &shadow, json!(null), 204).await;
    app.say(&viewer, "seen by all").await;
    assert_eq!((watching.read().await, shadowed.read().await), ("seen by all".into(), "seen by all".into()));
    // A ban ends what is there, and lets nobody back in.
    app.must(&moderator, "PUT", &format!("{ROOM}/sanctions/7/ban"), json!({"seconds": 600}), 204).await;
    shadowed.end().await;
    app.viewer(&viewer).await.end().await;
    app.refused(&viewer, "POST", &comments, json!({"text": "a"}), 403, "banned").await;
    app.until("evicted_total", "", 1).await;
    app.must(&operator, "PUT", "/chat/v1/sanctions/9/ban", json!({}), 204).await;
    let audit = app.must(&moderator, "GET", &format!("{ROOM}/audit"), json!(null), 200).await;
    let actions: Vec<&str> =
        audit["entries"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["ban", "unshadow", "shadow", "unmute", "mute", "appoint"]);
    assert_eq!(audit["entries"][4]["detail"]["reason"], "spam");
    let everything = app.must(&operator, "GET", "/chat/v1/audit?limit=1", json!(null), 200).await;
    assert_eq!(everything["entries"][0]["subject"], "9");
}

#[tokio::test]
async fn each_role_may_what_it_may_and_nobody_moves_against_their_betters() {
    let Cast { app, operator, streamer, moderator, viewer } = Cast::start().await;
    let path = |rest: &str| format!("{ROOM}/{rest}");
    let rows = [
        (&viewer, "PUT", path("sanctions/8/mute"), json!({}), 403, "role"),
        (&viewer, "GET", path("reports"), json!(null), 403, "role"),
        (&viewer, "GET", path("audit"), json!(null), 403, "role"),
        (&viewer, "PUT", path("settings"), json!({}), 403, "role"),
        (&viewer, "PUT", path("filter"), json!({"rules": ""}), 403, "role"),
        (&moderator, "GET", path("export"), json!(null), 403, "role"),
        (&moderator, "PUT", path("roles/8"), json!({"role": "moderator"}), 403, "role"),
        (&streamer, "PUT", path("roles/8"), json!({"role": "streamer"}), 403, "role"),
        (&streamer, "PUT", path("roles/8"), json!({"role": "operator"}), 400, "body"),
        (&streamer, "GET", "/chat/v1/filter".into(), json!(null), 403, "role"),
        (&streamer, "GET", "/chat/v1/audit".into(), json!(null), 403, "role"),
        (&streamer, "POST", "/chat/v1/tokens".into(), json!({"user": 5}), 403, "role"),
        (&streamer, "PUT", "/chat/v1/rooms/live/2/settings".into(), json!({}), 403, "other_room"),
        (&moderator, "PUT", path("sanctions/3/ban"), json!({}), 403, "outranked"),
        (&moderator, "PUT", path("sanctions/0/ban"), json!({}), 400, "query"),
        (&moderator, "PUT", path("sanctions/8/kick"), json!({}), 400, "query"),
        (&moderator, "PUT", path("sanctions/8/mute"), json!({"seconds": 0}), 400, "body"),
        (&moderator, "PUT", path("sanctions/8/mute"), json!({"second": 1}), 400, "body"),
        (&moderator, "PUT", path("settings"), json!({"slow_s": 3_601}), 400, "body"),
        (&operator, "GET", "/chat/v1/audit?limit=x".into(), json!(null), 400, "query"),
        (&operator, "POST", "/chat/v1/tokens".into(), json!({"user": 0}), 400, "body"),
        (&operator, "POST", "/chat/v1/tokens/revoke".into(), json!({}), 400, "body"),
        (&viewer, "DELETE", path("comments/5"), json!(null), 404, "missing"),
        (&viewer, "DELETE", path("comments/x"), json!(null), 400, "query"),
    ];
    for (token, method, path, body, status, code) in rows {
        app.refused(token, method, &path, body, status, code).await;
    }
    app.must(&streamer, "PUT", &path("sanctions/3/mute"), json!({}), 204).await;
    app.must(&operator, "PUT", &path("roles/8"), json!({"role": "streamer"}), 204).await;
    app.must(&streamer, "DELETE", &path("roles/3"), json!(null), 204).await;
    app.refused(&moderator, "GET", &path("audit"), json!(null), 403, "role").await;
}

#[tokio::test]
async fn a_comment_that_is_taken_back_leaves_every_screen_and_the_history() {
    let Cast { app, moderator, viewer, .. } = Cast::start().await;
    let (mut one, mut other) = (app.viewer(&viewer).await, app.viewer(&moderator).await);
    let id = app.say(&viewer, "regret").await;
    app.say(&viewer, "stays").await;
    app.must(&moderator, "DELETE", &format!("{ROOM}/comments/{id}"), json!(null), 204).await;
    for viewer in [&mut one, &mut other] {
        let recall = viewer.event("RECALL_DANMU_MSG").await;
        assert_eq!((recall["data"]["id_str"].as_str(), &recall["roomid"]), (Some(id.as_str()), &json!(1)));
    }
    let last = app.must("", "GET", &format!("{ROOM}/comments"), json!(null), 200).await;
    let texts: Vec<&Value> =
        last["comments"].as_array().unwrap().iter().map(|comment| &comment["text"]).collect();
    assert_eq!(texts, ["stays"]);
    app.refused(&moderator, "DELETE", &format!("{ROOM}/comments/{id}"), json!(null), 404, "missing").await;
    // Authors take back their own, and nobody else's.
    let own = app.say(&viewer, "own").await;
    let stranger = app.token_of(8, "viewer").await;
    app.refused(&stranger, "DELETE", &format!("{ROOM}/comments/{own}"), json!(null), 403, "role").await;
    app.must(&viewer, "DELETE", &format!("{ROOM}/comments/{own}"), json!(null), 204).await;
}

#[tokio::test]
async fn modes_of_a_room_hold_at_once_and_the_room_is_told() {
    let Cast { app, moderator, viewer, .. } = Cast::start().await;
    let comments = format!("{ROOM}/comments");
    let mut watching = app.viewer(&viewer).await;
    let rows = [
        (json!({"slow_s": 60}), 429, "slow_mode"),
        (json!({"level_min": 5}), 403, "level_only"),
        (json!({"followers_s": 0}), 403, "followers_only"),
        (json!({"closed": true}), 403, "closed"),
    ];
    for (settings, status, code) in rows {
        app.must(&moderator, "PUT", &format!("{ROOM}/settings"), settings.clone(), 200).await;
        let event = watching.event("SHOAL_ROOM_SETTINGS").await;
        let (key, value) = settings.as_object().unwrap().iter().next().unwrap();
        assert_eq!(&event["data"][key], value);
        if code == "slow_mode" {
            app.say(&viewer, "first").await;
        }
        app.refused(&viewer, "POST", &comments, json!({"text": "a"}), status, code).await;
        app.say(&moderator, "above it").await;
    }
    app.must(&moderator, "PUT", &format!("{ROOM}/settings"), json!({}), 200).await;
    app.say(&viewer, "open again").await;
}

#[tokio::test]
async fn words_hold_without_a_restart_and_held_comments_wait_for_a_moderator() {
    let Cast { app, operator, moderator, viewer, .. } = Cast::start().await;
    let comments = format!("{ROOM}/comments");
    app.must(&operator, "PUT", "/chat/v1/filter", json!({"rules": "加微信\nmask: darn"}), 204).await;
    app.must(
        &moderator,
        "PUT",
        &format!("{ROOM}/filter"),
        json!({"rules": "hold: maybe\n/v\\s*x\\d+/"}),
        204,
    )
    .await;
    app.refused(&viewer, "POST", &comments, json!({"text": "加\u{200B}微信"}), 422, "filtered").await;
    app.refused(&viewer, "POST", &comments, json!({"text": "ＶＸ１２３"}), 422, "filtered").await;
    let mut watching = app.viewer(&viewer).await;
    app.say(&viewer, "DARN!").await;
    assert_eq!(watching.read().await, "***!");
    let held = app.must(&viewer, "POST", &comments, json!({"text": "maybe"}), 202).await;
    let reports = app.must(&moderator, "GET", &format!("{ROOM}/reports"), json!(null), 200).await;
    assert_eq!((&reports["reports"][0]["id"], &reports["reports"][0]["held"]), (&held["id"], &json!(true)));
    let settle = format!("{ROOM}/reports/{}", held["id"].as_str().unwrap());
    app.refused(&moderator, "POST", &settle, json!({"outcome": "recall"}), 400, "body").await;
    app.must(&moderator, "POST", &settle, json!({"outcome": "publish"}), 204).await;
    assert_eq!(watching.read().await, "maybe");
    app.refused(&moderator, "POST", &settle, json!({"outcome": "publish"}), 404, "missing").await;
    let tried = app
        .must(&moderator, "POST", &format!("{ROOM}/filter/try"), json!({"text": "darn 加微信"}), 200)
        .await;
    assert_eq!(tried, json!({"action": "block", "rule": "加微信"}));
    app.refused(&moderator, "PUT", &format!("{ROOM}/filter"), json!({"rules": "fine\n/(/"}), 422, "rules")
        .await;
    let shown = app.must(&moderator, "GET", &format!("{ROOM}/filter"), json!(null), 200).await;
    assert_eq!(shown["rules"], "hold: maybe\n/v\\s*x\\d+/");
}

#[tokio::test]
async fn a_file_of_words_is_read_again_with_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("words.txt");
    std::fs::write(&path, "spam").unwrap();
    let config = Config { filter_file: path.to_str().unwrap().into(), ..Config::default() };
    let Cast { app, viewer, .. } = Cast::on(config.clone()).await;
    let comments = format!("{ROOM}/comments");
    app.refused(&viewer, "POST", &comments, json!({"text": "spam"}), 422, "filtered").await;
    std::fs::write(&path, "eggs").unwrap();
    app.reloader.reload(config.clone()).unwrap();
    app.say(&viewer, "spam").await;
    app.refused(&viewer, "POST", &comments, json!({"text": "eggs"}), 422, "filtered").await;
    std::fs::write(&path, "/(/").unwrap();
    assert!(app.reloader.reload(config).unwrap_err().to_string().contains("/(/"));
    app.refused(&viewer, "POST", &comments, json!({"text": "eggs"}), 422, "filtered").await;
}

#[tokio::test]
async fn reports_gather_and_are_settled_once() {
    let Cast { app, moderator, viewer, .. } = Cast::start().await;
    let id = app.say(&viewer, "rude").await;
    let report = format!("{ROOM}/comments/{id}/reports");
    for user in [8, 9] {
        let token = app.token_of(user, "viewer").await;
        for _ in 0..2 {
            app.must(&token, "POST", &report, json!({"reason": format!("by {user}")}), 204).await;
        }
    }
    let reports = app.must(&moderator, "GET", &format!("{ROOM}/reports"), json!(null), 200).await;
    let line = &reports["reports"][0];
    assert_eq!((&line["count"], &line["text"], &line["reason"]), (&json!(2), &json!("rude"), &json!("by 8")));
    let settle = format!("{ROOM}/reports/{id}");
    app.must(&moderator, "POST", &settle, json!({"outcome": "recall"}), 204).await;
    let reports = app.must(&moderator, "GET", &format!("{ROOM}/reports"), json!(null), 200).await;
    assert_eq!(reports, json!({"reports": [], "waiting": 0}));
    app.refused(&moderator, "POST", &settle, json!({"outcome": "dismiss"}), 404, "missing").await;
    app.refused(&viewer, "POST", &report, json!({}), 404, "missing").await;
}

#[tokio::test]
async fn what_one_process_decides_holds_in_the_other_that_shares_its_store() {
    let postgres = Postgres::start().await;
    let config = Config { store: postgres.url(), ..Config::default() };
    let Cast { app: here, moderator, viewer, .. } = Cast::on(config.clone()).await;
    let there = App::with(config).await;
    // One secret: a token of here counts there.
    there.say(&viewer, "from there").await;
    here.must(&moderator, "PUT", &format!("{ROOM}/sanctions/7/mute"), json!({"reason": "spam"}), 204).await;
    let comments = format!("{ROOM}/comments");
    let muted = async || {
        there.ask(&viewer, "POST", &comments, &json!({"text": "still"})).await.1["error"]["code"] == "muted"
    };
    soon(async { while !muted().await {} }).await;
    here.must(&moderator, "DELETE", &format!("{ROOM}/sanctions/7/mute"), json!(null), 204).await;
    soon(async { while muted().await {} }).await;
}
