//! Guests: a name becomes a token that speaks, is exchanged, and is counted by address.

use chat_edge::serve::Config;
use serde_json::json;

use super::app::App;
use super::people::ROOM;

fn welcoming(guests_per_10s: u32) -> Config {
    Config { guests_per_10s, ..Config::default() }
}

#[tokio::test]
async fn a_guest_speaks_with_a_name_and_stays_the_same_when_its_token_is_exchanged() {
    let app = App::with(welcoming(5)).await;
    let guest = app.must("", "POST", "/chat/v1/guests", json!({"name": "  Mei   Lin "}), 200).await;
    let token = guest["token"].as_str().unwrap();
    assert_eq!(guest["name"], "Mei Lin");
    let user: u64 = guest["user"].as_str().unwrap().parse().unwrap();
    assert!((1 << 48..1 << 53).contains(&user), "{user}");
    app.say(token, "hello").await;
    let again = app.must(token, "POST", "/chat/v1/tokens/refresh", json!(null), 200).await;
    let again = again["token"].as_str().unwrap();
    assert_ne!(again, token);
    let me = app.must(again, "GET", &format!("{ROOM}/me"), json!(null), 200).await;
    assert_eq!(
        (&me["user"], &me["name"], &me["role"]),
        (&guest["user"], &json!("Mei Lin"), &json!("viewer"))
    );
    app.refused(again, "PUT", &format!("{ROOM}/settings"), json!({"slow_s": 5}), 403, "role").await;
}

#[tokio::test]
async fn an_address_is_welcomed_as_often_as_its_rate_and_then_waits() {
    let app = App::with(welcoming(2)).await;
    let name = || json!({"name": "Mei"});
    for _ in 0..2 {
        app.must("", "POST", "/chat/v1/guests", name(), 200).await;
    }
    app.refused("", "POST", "/chat/v1/guests", name(), 429, "address_rate").await;
}

#[tokio::test]
async fn guests_are_refused_where_there_are_none_and_names_where_they_are_none_or_rude() {
    let closed = App::start().await;
    closed.refused("", "POST", "/chat/v1/guests", json!({"name": "Mei"}), 404, "missing").await;
    let app = App::with(welcoming(50)).await;
    let operator = app.token_of(1, "operator").await;
    app.must(&operator, "PUT", "/chat/v1/filter", json!({"rules": "rude"}), 204).await;
    let rows = [
        (json!({"name": ""}), 400, "body"),
        (json!({"name": "x".repeat(25)}), 400, "body"),
        (json!({"name": 5}), 400, "body"),
        (json!({"name": "a", "role": "streamer"}), 400, "body"),
        (json!({"name": "so rude"}), 422, "filtered"),
    ];
    for (body, status, code) in rows {
        app.refused("", "POST", "/chat/v1/guests", body, status, code).await;
    }
}

#[tokio::test]
async fn whoever_was_made_a_moderator_is_told_so_in_that_room_only() {
    let app = App::start().await;
    let (operator, viewer) = (app.token_of(1, "operator").await, app.token_of(7, "viewer").await);
    app.must(&operator, "PUT", &format!("{ROOM}/roles/7"), json!({"role": "moderator"}), 204).await;
    let here = app.must(&viewer, "GET", &format!("{ROOM}/me"), json!(null), 200).await;
    let anywhere = app.must(&viewer, "GET", "/chat/v1/me", json!(null), 200).await;
    assert_eq!((&here["role"], &anywhere["role"]), (&json!("moderator"), &json!("viewer")));
    app.refused(&viewer, "GET", "/chat/v1/rooms/live/2/me", json!(null), 403, "other_room").await;
}
