//! Start, cap, silence, several threads, stop.

use chat_edge::serve::{ChatEdge, Config};
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::app::{App, soon};
use super::client::{BOTH, Client, Over};

#[tokio::test]
async fn a_port_in_use_is_refused_by_name_and_with_advice() {
    let app = App::start().await;
    let config = Config { listen: vec![app.address].into(), ..Config::default() };
    let error = ChatEdge::load(config).await.unwrap_err().to_string();
    assert!(error.contains(&app.address.to_string()) && error.contains("choose another port"), "{error}");
}

#[tokio::test]
async fn a_stopping_chat_edge_says_so_to_everybody_and_ends() {
    let app = App::start().await;
    let mut clients = Vec::new();
    for over in BOTH {
        clients.push((over, Client::join(&app, over, r#"{"room_id":"live://1"}"#).await));
    }
    let stopped = app.stop();
    for (over, client) in clients {
        let code = client.end().await;
        assert!(over == Over::Tcp || code == Some(CloseCode::Away), "{code:?}");
    }
    stopped.await;
}

#[tokio::test]
async fn the_last_connection_is_taken_and_one_more_is_not() {
    let app = App::with(Config { connections_max: 2, ..Config::default() }).await;
    let first = Client::join(&app, Over::Tcp, "{}").await;
    let second = Client::join(&app, Over::Tcp, "{}").await;
    let mut refused = app.tcp().await;
    assert_eq!(soon(refused.read(&mut [0; 1])).await.unwrap_or(0), 0);
    app.until("connections_refused_total", "", 1).await;
    drop((first, second));
    app.until("connections", "", 0).await;
    Client::join(&app, Over::Tcp, "{}").await;
}

#[tokio::test]
async fn a_silent_client_is_ended_and_one_with_a_heartbeat_stays() {
    let app = App::with(Config { bilibili_silence_s: 1, ..Config::default() }).await;
    let silent = Client::join(&app, Over::WebSocket, r#"{"roomid":1}"#).await;
    let mut alive = Client::join(&app, Over::WebSocket, r#"{"roomid":1}"#).await;
    let ended = tokio::spawn(silent.end());
    while !ended.is_finished() {
        alive.heartbeat().await;
    }
    assert_eq!(ended.await.unwrap(), Some(CloseCode::Policy));
    assert_eq!(alive.heartbeat().await, 1);
}

#[tokio::test]
async fn members_on_several_threads_are_one_room() {
    let app = App::with(Config { threads: 3, ..Config::default() }).await;
    let mut members = Vec::new();
    for _ in 0..24 {
        members.push(Client::join(&app, Over::Tcp, r#"{"room_id":"live://1"}"#).await);
    }
    for number in 0..20 {
        app.push_room("1", number.to_string().as_bytes()).await;
    }
    for member in &mut members {
        let numbers: Vec<usize> =
            member.hear_count(20).await.iter().map(|push| push.text().parse().unwrap()).collect();
        assert!(numbers.into_iter().eq(0..20));
    }
    app.until("delivered_total", "", 480).await;
    assert_eq!(app.get("/goim/online/room?type=live&rooms=1").await["data"]["1"], 24);
}
