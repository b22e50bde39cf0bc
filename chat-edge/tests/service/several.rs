//! Several processes behind one NATS, as several chat edges in this one: a room is numbered in one place, whoever holds it
//! hears it, an edge that dies is forgotten in one step, and a second site gets a message once.

use std::time::Duration;

use bus::testing::Server;
use chat_edge::serve::Config;
use chat_edge::serve::config::Role;
use serde_json::Value;

use super::app::{App, soon};
use super::client::{Client, Got, Over};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

const AUTH: &str = r#"{"room_id":"live://1","shoal":{"version":1}}"#;

pub(crate) async fn node(nats: &Server, name: &str, role: Role) -> App {
    App::with(Config { nats: nats.url(), node: name.into(), role, ..Config::default() }).await
}

/// An edge in a process of its own, which can be killed.
pub(crate) fn process(nats: &Server, name: &str, role: &str, store: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-edge"));
    for port in ["--listen", "--api-listen", "--web-listen"] {
        command.args([port, "127.0.0.1:0"]);
    }
    command
        .args(["--nats", &nats.url(), "--node", name, "--role", role, "--store", store])
        .env("RUST_LOG", "warn");
    command.kill_on_drop(true).spawn().unwrap()
}

/// Waits until a node knows so many edges.
pub(crate) async fn until_edges(app: &App, count: usize) {
    soon(async {
        while app.get("/goim/nodes/instances").await["data"].as_array().map(Vec::len) != Some(count) {}
    })
    .await;
}

async fn until_online(app: &App, count: u64) {
    soon(async {
        while app.get("/goim/online/room?type=live&rooms=1").await["data"]["1"].as_u64() != Some(count) {}
    })
    .await;
}

fn sequences(pushes: &[Got]) -> Vec<u64> {
    pushes.iter().map(|push| push.extension.expect("the extension").sequence).collect()
}

/// Addresses of every edge that this node knows.
pub(crate) async fn addresses(app: &App) -> Vec<String> {
    let nodes = app.get("/goim/nodes/instances").await;
    let addresses =
        nodes["data"].as_array().unwrap().iter().flat_map(|node| node["addrs"].as_array().unwrap());
    addresses.map(|address| address.as_str().unwrap().trim_start_matches("tcp://").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_edges_are_one_room_and_a_dead_ones_viewers_go_on_elsewhere_where_they_were() {
    let nats = Server::start().await;
    let logic = node(&nats, "logic", Role::Logic).await;
    let edges = [node(&nats, "a", Role::Edge).await, node(&nats, "b", Role::Edge).await];
    let mut doomed = process(&nats, "c", "edge", "memory");
    for app in [&logic, &edges[0], &edges[1]] {
        until_edges(app, 3).await;
    }
    let known = edges.each_ref().map(|edge| edge.address.to_string());
    let theirs = addresses(&logic).await.into_iter().find(|address| !known.contains(address)).unwrap();
    let mut viewers = Vec::new();
    for edge in &edges {
        viewers.push(Client::join(edge, Over::WebSocket, AUTH).await);
    }
    let mut third = Client::Tcp(TcpStream::connect(&theirs).await.unwrap());
    third.say(7, AUTH.as_bytes()).await;
    assert_eq!(third.hear().await.text(), "{\"code\":0}");
    viewers.push(third);
    // Wherever it is pushed, it is numbered in one place and everybody hears it.
    for (number, at) in [&logic, &edges[0], &edges[1]].into_iter().enumerate() {
        at.push_room("1", format!("message {number}").as_bytes()).await;
        for viewer in &mut viewers {
            let heard = viewer.hear_count(1).await;
            assert_eq!(
                (sequences(&heard), heard[0].text()),
                (vec![number as u64 + 1], &*format!("message {number}"))
            );
        }
    }
    until_online(&logic, 3).await;
    logic.push_room("1", b"last").await;
    let epoch = viewers[2].hear_count(1).await[0].extension.unwrap().epoch;
    // One edge is killed; its viewer comes back to another, where it was.
    doomed.kill().await.unwrap();
    viewers.remove(2).end().await;
    logic.push_room("1", b"missed one").await;
    logic.push_room("1", b"missed two").await;
    let resume = format!(
        r#"{{"room_id":"live://1","shoal":{{"version":1,"history":0,"epoch":{epoch},"sequence":4}}}}"#
    );
    let mut back = Client::join(&edges[1], Over::Tcp, &resume).await;
    assert_eq!(sequences(&back.hear_count(2).await), [5, 6]);
    // Its node and its members are forgotten in one step.
    until_edges(&logic, 2).await;
    until_online(&logic, 3).await;
    assert_eq!(addresses(&logic).await.len(), 2);
    logic.push_room("1", b"to all").await;
    assert_eq!(sequences(&back.hear_count(1).await), [7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_nobody_on_an_edge_is_in_does_not_come_there() {
    let nats = Server::start().await;
    let (here, there) = (node(&nats, "here", Role::All).await, node(&nats, "there", Role::All).await);
    until_edges(&here, 2).await;
    until_edges(&there, 2).await;
    let mut viewer = Client::join(&here, Over::Tcp, AUTH).await;
    for _ in 0..10 {
        there.push_room("1", b"x").await;
    }
    assert_eq!(viewer.hear_count(10).await.len(), 10);
    here.until("published_total", "class=\"chat\"", 10).await;
    assert_eq!(there.metric("published_total", "").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_to_another_site_once_however_many_edges_hold_the_room_there() {
    let home = Server::start().await;
    let away = Server::start_leaf_of(&home).await;
    let logic = node(&home, "logic", Role::Logic).await;
    let mut edges = Vec::new();
    for name in ["a", "b", "c"] {
        edges.push(node(&away, name, Role::Edge).await);
    }
    until_edges(&logic, 3).await;
    for edge in &edges {
        until_edges(edge, 3).await;
    }
    let mut viewers = Vec::new();
    for edge in &edges {
        viewers.push(Client::join(edge, Over::Tcp, AUTH).await);
    }
    // Presence and reports cross too: what is counted is bytes that only these messages can be.
    let body = vec![b'x'; 15_000];
    let before = bytes_across(&home).await;
    for _ in 0..40 {
        logic.push_room("1", &body).await;
        for viewer in &mut viewers {
            assert_eq!(viewer.hear_count(1).await.len(), 1);
        }
    }
    let crossed = bytes_across(&home).await - before;
    let once = 40 * body.len() as u64;
    assert!((once..once * 3 / 2).contains(&crossed), "{crossed} of {once}");
}

/// Bytes that the home site has sent to its leaf nodes.
async fn bytes_across(home: &Server) -> u64 {
    let leafs: Value = serde_json::from_str(&home.monitor("/leafz").await).unwrap();
    leafs["leafs"].as_array().unwrap().iter().map(|leaf| leaf["out_bytes"].as_u64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_one_connection_wherever_it_connects() {
    let nats = Server::start().await;
    let (here, there) = (node(&nats, "here", Role::All).await, node(&nats, "there", Role::All).await);
    until_edges(&here, 2).await;
    until_edges(&there, 2).await;
    let auth = r#"{"key":"k","room_id":"live://1"}"#;
    let old = Client::join(&here, Over::WebSocket, auth).await;
    let _new = Client::join(&there, Over::WebSocket, auth).await;
    tokio::time::timeout(Duration::from_secs(20), old.end()).await.expect("it ends");
    here.until("superseded_total", "", 1).await;
}
