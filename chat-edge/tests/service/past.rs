//! Our own player: numbers, the room's past, going on after a break.

use super::app::App;
use super::client::{Client, Got, Over};

fn numbers(pushes: &[Got]) -> Vec<u64> {
    pushes.iter().map(|push| push.extension.expect("the long header").sequence).collect()
}

fn epoch(pushes: &[Got]) -> u32 {
    pushes[0].extension.expect("the long header").epoch
}

#[tokio::test]
async fn a_player_that_comes_gets_the_last_lines_and_one_that_comes_back_what_it_missed() {
    let app = App::start().await;
    for number in 1..=30 {
        app.push_room("1", number.to_string().as_bytes()).await;
    }
    let auth = r#"{"room_id":"live://1","shoal":{"version":1,"history":20}}"#;
    let mut first = Client::join(&app, Over::WebSocket, auth).await;
    let past = first.hear_count(20).await;
    assert_eq!(numbers(&past), (11..=30).collect::<Vec<_>>());
    app.push_room("1", b"31").await;
    assert_eq!(numbers(&first.hear_count(1).await), [31]);
    drop(first);
    for number in 32..=35 {
        app.push_room("1", number.to_string().as_bytes()).await;
    }
    let epoch = epoch(&past);
    let auth = format!(
        r#"{{"room_id":"live://1","shoal":{{"version":1,"history":1,"epoch":{epoch},"sequence":31}}}}"#
    );
    let mut again = Client::join(&app, Over::Tcp, &auth).await;
    assert_eq!(numbers(&again.hear_count(4).await), [32, 33, 34, 35]);
    app.push_room("1", b"36").await;
    assert_eq!(numbers(&again.hear_count(1).await), [36]);
}

#[tokio::test]
async fn a_player_from_another_epoch_gets_the_last_lines() {
    let app = App::start().await;
    for number in 1..=5 {
        app.push_room("1", number.to_string().as_bytes()).await;
    }
    let auth = r#"{"room_id":"live://1","shoal":{"version":1,"history":2,"epoch":0,"sequence":4}}"#;
    let mut player = Client::join(&app, Over::WebSocket, auth).await;
    assert_eq!(numbers(&player.hear_count(2).await), [4, 5]);
}

#[tokio::test]
async fn whoever_does_not_ask_sees_neither_numbers_nor_past() {
    let app = App::start().await;
    app.push_room("1", b"before").await;
    let mut client = Client::join(&app, Over::Tcp, r#"{"room_id":"live://1"}"#).await;
    app.push_room("1", b"after").await;
    let [push] = client.hear_pushes().await.try_into().expect("one push");
    assert_eq!((push.text(), push.extension), ("after", None));
}

#[tokio::test]
async fn a_flood_is_thinned_by_class_and_what_is_left_out_is_declared() {
    let app = App::with(chat_edge::serve::Config { chat_per_s: 0, ..Default::default() }).await;
    let auth = r#"{"room_id":"live://1","shoal":{"version":1}}"#;
    let mut player = Client::join(&app, Over::WebSocket, auth).await;
    for _ in 0..5 {
        app.push_room("1", b"chat").await;
    }
    assert_eq!(app.push("room?operation=1000&type=live&room=1&class=paid", b"gift").await, 0);
    let gift = player.hear_count(1).await;
    assert_eq!((gift[0].text(), numbers(&gift)), ("gift", vec![6]));
    app.until("dropped_total", "class=\"chat\",reason=\"quota\"", 5).await;
    app.until("delivered_total", "paid", 1).await;
}
