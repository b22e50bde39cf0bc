//! Comments: over connections and over HTTP, and whoever may not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chat_edge::serve::Config;
use serde_json::json;

use super::app::App;
use super::client::{Client, Over};
use super::people::ROOM;

#[tokio::test]
async fn a_comment_over_either_way_reaches_both_families_and_is_answered_when_it_is_kept() {
    let app = App::start().await;
    let token = app.token_of(7, "viewer").await;
    let mut ours = app.viewer(&token).await;
    let mut stock = Client::join(&app, Over::Tcp, r#"{"roomid":1,"uid":0,"key":"guest"}"#).await;
    app.say(&token, "over http").await;
    assert_eq!((ours.read().await, stock.read().await), ("over http".into(), "over http".into()));
    let answer = ours.speak("over a socket").await;
    assert_eq!((&answer["code"], answer["id"].is_string()), (&json!(0), true), "{answer}");
    let event = stock.event("DANMU_MSG").await;
    assert_eq!(
        (&event["info"][1], &event["info"][2][0], &event["info"][2][1]),
        (&json!("over a socket"), &json!(7), &json!("u7"))
    );
    let last = app.must(&token, "GET", &format!("{ROOM}/comments"), json!(null), 200).await;
    assert_eq!(
        (&last["comments"][0]["text"], &last["comments"][1]["sequence"]),
        (&json!("over http"), &json!(2))
    );
    app.until("comments_total", "", 2).await;
}

#[tokio::test]
async fn a_stock_client_with_a_token_for_its_key_speaks_too() {
    let app = App::start().await;
    let token = app.token_of(7, "viewer").await;
    let auth = json!({"roomid": 1, "uid": 9, "key": token, "protover": 0});
    let mut stock = Client::join(&app, Over::WebSocket, &auth.to_string()).await;
    assert_eq!(stock.speak("hello").await["code"], 0);
}

#[tokio::test]
async fn guests_are_refused_in_our_words_and_ignored_in_goims() {
    let app = App::start().await;
    let mut guest = Client::join(&app, Over::Tcp, r#"{"room_id":"live://1","mid":7}"#).await;
    guest.say(4, b"{\"text\":\"a\"}").await;
    let echo = guest.hear().await;
    assert_eq!((echo.operation(), echo.text()), (4, ""));
    let mut ours = Client::join(&app, Over::Tcp, r#"{"room_id":"live://1","shoal":{"version":1}}"#).await;
    assert_eq!(ours.speak("a").await["error"], "guest");
    let path = format!("{ROOM}/comments");
    let (head, body) = App::http_at(app.web, "POST", &path, b"{\"text\":\"a\"}").await;
    assert!(head.starts_with("HTTP/1.1 401") && head.contains("www-authenticate: Bearer"), "{head}");
    assert!(body.contains("no_token"), "{body}");
    app.refused("a.b.c", "POST", &path, json!({"text": "a"}), 401, "token_invalid").await;
}

#[tokio::test]
async fn a_token_that_is_none_ends_the_connection_with_the_code_that_clients_know() {
    let app = App::start().await;
    for auth in [r#"{"room_id":"live://1","token":"a.b.c"}"#, r#"{"roomid":1,"key":"a.b.c"}"#] {
        let mut client = Client::connect(&app, Over::WebSocket).await;
        client.say(7, auth.as_bytes()).await;
        assert_eq!(client.hear().await.text(), "{\"code\":-101}");
        client.end().await;
    }
}

#[tokio::test]
async fn where_the_operator_trusts_them_goim_clients_speak_as_who_they_claim() {
    let app = App::with(Config { trust_unsigned: true, ..Config::default() }).await;
    let mut member = Client::join(&app, Over::Tcp, r#"{"room_id":"live://1","mid":7}"#).await;
    assert_eq!(member.speak("hello").await["code"], 0);
    let last = app.must("", "GET", &format!("{ROOM}/comments"), json!(null), 200).await;
    assert_eq!(last["comments"][0]["user"], "7");
}

#[tokio::test]
async fn refusals_say_what_was_wrong_and_when_to_try_again() {
    let app = App::with(Config { user_comments_per_10s: 3, ..Config::default() }).await;
    let (token, path) = (app.token_of(7, "viewer").await, format!("{ROOM}/comments"));
    let rows = [
        (json!({"text": ""}), 400, "empty"),
        (json!({"text": "长".repeat(101)}), 413, "too_long"),
        (json!({"txt": "a"}), 400, "body"),
        (json!({"text": "a", "mode": "sideways"}), 400, "body"),
        (json!({"text": "a", "color": 16_777_216}), 400, "body"),
    ];
    for (body, status, code) in rows {
        app.refused(&token, "POST", &path, body, status, code).await;
    }
    app.refused(&token, "POST", "/chat/v1/rooms/live/2/comments", json!({"text": "a"}), 403, "other_room")
        .await;
    for _ in 0..3 {
        app.say(&token, "a").await;
    }
    app.refused(&token, "POST", &path, json!({"text": "a"}), 429, "user_rate").await;
    let header = format!("authorization: Bearer {token}\r\n");
    let (head, _) = App::http_with(app.web, "POST", &path, &header, b"{\"text\":\"a\"}").await;
    assert!(head.contains("retry-after: ") && head.contains("access-control-allow-origin: *"), "{head}");
    app.until("comments_refused_total", "user_rate", 2).await;
}

#[tokio::test]
async fn pages_of_other_sites_may_ask() {
    let app = App::start().await;
    let (head, _) = App::http_at(app.web, "OPTIONS", &format!("{ROOM}/comments"), b"").await;
    assert!(
        head.starts_with("HTTP/1.1 204") && head.contains("access-control-allow-headers: authorization"),
        "{head}"
    );
}

#[tokio::test]
async fn tokens_are_refreshed_over_http_and_taken_over_the_connection_and_revoked() {
    let app = App::start().await;
    let operator = app.token_of(1, "operator").await;
    let claims = json!({"user": 7, "rooms": ["live://1"], "ttl_s": 60, "refresh_s": 600});
    let token = app.token(claims).await;
    let mut viewer = app.viewer(&token).await;
    let fresh = app.must(&token, "POST", "/chat/v1/tokens/refresh", json!(null), 200).await;
    let fresh = fresh["token"].as_str().unwrap().to_owned();
    assert_ne!(fresh, token);
    viewer.say(20, fresh.as_bytes()).await;
    let reply = viewer.hear().await;
    assert_eq!((reply.operation(), reply.text()), (21, "{\"code\":0}"));
    let other = app.token_of(8, "viewer").await;
    viewer.say(20, other.as_bytes()).await;
    assert_eq!(viewer.hear().await.text(), "{\"code\":-101}");
    app.refused(&other, "POST", "/chat/v1/tokens/refresh", json!(null), 401, "token_expired").await;
    assert_eq!(viewer.speak("before").await["code"], 0);
    app.refused(&token, "POST", "/chat/v1/tokens/revoke", json!({"user": 7}), 403, "role").await;
    app.must(&operator, "POST", "/chat/v1/tokens/revoke", json!({"user": 7}), 204).await;
    assert_eq!(viewer.speak("after").await["error"], "token_revoked");
    app.refused(&fresh, "GET", "/chat/v1/me", json!(null), 401, "token_revoked").await;
    app.refused(&token, "POST", "/chat/v1/tokens/refresh", json!(null), 401, "token_revoked").await;
    // Logging out is everybody's own.
    let me = app.must(&other, "GET", "/chat/v1/me", json!(null), 200).await;
    app.must(&other, "POST", "/chat/v1/tokens/revoke", json!({"id": me["id"]}), 204).await;
    app.refused(&other, "GET", "/chat/v1/me", json!(null), 401, "token_revoked").await;
}

#[tokio::test]
async fn with_the_sites_own_keys_its_tokens_count_and_ours_are_signed_by_the_pair() {
    let pair = format!("ed25519-pair:{}", URL_SAFE_NO_PAD.encode([9; 32]));
    let keys = pair.try_into().unwrap();
    let app = App::with(Config { token_keys: keys, token_issuer: "shop".into(), ..Config::default() }).await;
    let token = app.token_of(7, "viewer").await;
    assert_eq!(app.must(&token, "GET", "/chat/v1/me", json!(null), 200).await["user"], "7");
    let public = format!("ed25519:{}", URL_SAFE_NO_PAD.encode([1; 32])).try_into().unwrap();
    let reading = App::with(Config { token_keys: public, ..Config::default() }).await;
    let (head, body) = App::http_at(reading.api, "POST", "/chat/v1/tokens", b"{\"user\":7}").await;
    assert!(head.starts_with("HTTP/1.1 409") && body.contains("cannot_sign"), "{head} {body}");
    reading.refused(&token, "GET", "/chat/v1/me", json!(null), 401, "token_invalid").await;
}
