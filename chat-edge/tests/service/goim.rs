//! GOIM's clients: rooms, keys, users, operations, over TCP and WebSocket.

use super::app::App;
use super::client::{BOTH, Client};

#[tokio::test]
async fn a_room_push_reaches_everybody_in_the_room_and_nobody_else() {
    let app = App::start().await;
    for over in BOTH {
        let mut here = Client::join(&app, over, r#"{"mid":1,"room_id":"live://1","accepts":[]}"#).await;
        let mut there = Client::join(&app, over, r#"{"room_id":"live://2"}"#).await;
        app.push_room("1", b"hello").await;
        let [push] = here.hear_pushes().await.try_into().expect("one push");
        let header = (push.header.version.0, push.operation(), push.header.sequence, push.extension);
        assert_eq!((header, push.text()), ((1, 1_000, 0, None), "hello"));
        assert_eq!(there.heartbeat().await, 1, "its next frame is the answer to its heartbeat");
    }
}

#[tokio::test]
async fn keys_users_and_everybody_get_what_they_accept() {
    let app = App::start().await;
    for over in BOTH {
        let mut one = Client::join(&app, over, r#"{"mid":11,"key":"one","accepts":[1000]}"#).await;
        let mut two = Client::join(&app, over, r#"{"mid":11,"key":"two","accepts":[1000,1001]}"#).await;
        assert_eq!(app.push("keys?operation=1000&keys=one&keys=nobody", b"k").await, 0);
        assert_eq!(one.hear_pushes().await[0].text(), "k");
        assert_eq!(app.push("mids?operation=1000&mids=11&mids=12", b"m").await, 0);
        assert_eq!(one.hear_pushes().await[0].text(), "m");
        assert_eq!(two.hear_pushes().await[0].text(), "m");
        assert_eq!(app.push("all?operation=1001", b"a").await, 0);
        assert_eq!(two.hear_pushes().await[0].text(), "a");
        assert_eq!(one.heartbeat().await, 0, "it does not accept 1001, and is in no room");
    }
}

#[tokio::test]
async fn operations_can_be_wanted_and_no_longer_wanted() {
    let app = App::start().await;
    for over in BOTH {
        let mut client = Client::join(&app, over, "{}").await;
        client.say_as(1, 9, 14, b"1000,1001").await;
        let reply = client.hear().await;
        assert_eq!((reply.operation(), reply.header.sequence, reply.text()), (15, 9, "1000,1001"));
        assert_eq!(app.push("all?operation=1001", b"a").await, 0);
        assert_eq!(client.hear_pushes().await[0].text(), "a");
        client.say(16, b"1001").await;
        assert_eq!(client.hear().await.operation(), 17);
        assert_eq!(app.push("all?operation=1001", b"b").await, 0);
        assert_eq!(app.push("all?operation=1000", b"c").await, 0);
        assert_eq!(client.hear_pushes().await[0].text(), "c");
    }
}

#[tokio::test]
async fn a_client_can_change_its_room_and_leave_it() {
    let app = App::start().await;
    for over in BOTH {
        let mut client = Client::join(&app, over, r#"{"room_id":"live://1"}"#).await;
        client.say(12, b"live://2").await;
        let reply = client.hear().await;
        assert_eq!((reply.operation(), reply.text()), (13, "live://2"));
        app.push_room("1", b"old").await;
        app.push_room("2", b"new").await;
        assert_eq!(client.hear_pushes().await[0].text(), "new");
        client.say(12, b"").await;
        assert_eq!(client.hear().await.operation(), 13);
        app.push_room("2", b"left").await;
        assert_eq!(client.heartbeat().await, 0);
    }
}

#[tokio::test]
async fn a_connection_with_the_same_key_takes_the_place_of_the_one_before() {
    let app = App::start().await;
    for over in BOTH {
        let first = Client::join(&app, over, r#"{"key":"k","accepts":[1000]}"#).await;
        let mut second = Client::join(&app, over, r#"{"key":"k","accepts":[1000]}"#).await;
        first.end().await;
        assert_eq!(app.push("keys?operation=1000&keys=k", b"hello").await, 0);
        assert_eq!(second.hear_pushes().await[0].text(), "hello");
    }
}

#[tokio::test]
async fn a_message_upstream_is_answered_and_goes_nowhere() {
    let app = App::start().await;
    let [tcp, websocket] = BOTH;
    let mut talker = Client::join(&app, tcp, r#"{"room_id":"live://1"}"#).await;
    let mut listener = Client::join(&app, websocket, r#"{"room_id":"live://1"}"#).await;
    for operation in [4, 1_000] {
        talker.say(operation, b"hello").await;
        let reply = talker.hear().await;
        assert_eq!((reply.operation(), reply.body.len()), (operation, 0));
    }
    assert_eq!(listener.heartbeat().await, 2);
}

#[tokio::test]
async fn a_rush_arrives_whole_in_order_and_the_books_say_so() {
    let app = App::start().await;
    let mut clients = Vec::new();
    for over in [BOTH, BOTH].concat() {
        clients.push(Client::join(&app, over, r#"{"room_id":"live://1"}"#).await);
    }
    for number in 0..60 {
        app.push_room("1", number.to_string().as_bytes()).await;
    }
    for client in &mut clients {
        let numbers: Vec<usize> =
            client.hear_count(60).await.iter().map(|push| push.text().parse().unwrap()).collect();
        assert!(numbers.into_iter().eq(0..60));
    }
    app.until("delivered_total", "", 240).await;
    assert_eq!(app.metric("published_total", "chat").await, 240);
    assert_eq!(app.metric("dropped_total", "").await, 0);
}

#[tokio::test]
async fn goims_own_load_generator_is_served_as_it_speaks() {
    let app = App::start().await;
    let mut clients = Vec::new();
    for mid in [1, 2] {
        let mut client = Client::connect(&app, BOTH[0]).await;
        // Every field is there, the key is empty, numbers begin at 0, and heartbeats are of version 0 without a body.
        let auth = format!(
            r#"{{"mid":{mid},"key":"","room_id":"test://1","platform":"ios","accepts":[1000,1001,1002]}}"#
        );
        client.say_as(1, 0, 7, auth.as_bytes()).await;
        let reply = client.hear().await;
        assert_eq!((reply.operation(), reply.header.version.0, reply.header.sequence), (8, 1, 0));
        clients.push(client);
    }
    app.until("connections_live", "", 2).await;
    assert_eq!(app.push("room?operation=1000&type=test&room=1", br#"{"test":1}"#).await, 0);
    for client in &mut clients {
        assert_eq!(client.hear_pushes().await[0].text(), r#"{"test":1}"#);
        client.say_as(0, 1, 2, b"").await;
        let reply = client.hear().await;
        assert_eq!((reply.operation(), reply.header.version.0, reply.header.sequence), (3, 0, 1));
        assert_eq!(reply.body, [0, 0, 0, 2]);
    }
}
