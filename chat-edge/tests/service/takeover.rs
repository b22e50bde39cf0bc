//! The node that numbers a room dies: the next one goes on where it was, over a real NATS, and no viewer misses anything.

use std::net::SocketAddr;

use bus::testing::Server;
use chat_edge::serve::Config;
use chat_edge::serve::config::Role;
use protocol::chat::RoomKey;
use tokio::net::TcpStream;
use tokio::process::Child;

use super::app::{App, soon};
use super::client::{Client, Got, Over};
use super::postgres::Postgres;
use super::several::{addresses, node, process, until_edges};

/// A room that is numbered at this one of the nodes.
fn room_of(home: &str, nodes: &[&str]) -> String {
    let at = |number: &u32| {
        let room = RoomKey::parse(&format!("live://{number}")).unwrap();
        chat_edge::router::home(&room, nodes.iter().copied()) == Some(home)
    };
    (1..).find(at).unwrap().to_string()
}

fn auth(room: &str, after: Option<&Got>) -> String {
    let resume = after
        .and_then(|push| push.extension)
        .map_or(String::new(), |at| format!(r#","epoch":{},"sequence":{}"#, at.epoch, at.sequence));
    format!(r#"{{"room_id":"live://{room}","shoal":{{"version":1{resume}}}}}"#)
}

async fn join_at(address: &str, auth: &str) -> Client {
    let mut client = Client::Tcp(TcpStream::connect(address).await.unwrap());
    client.say(7, auth.as_bytes()).await;
    assert_eq!(client.hear().await.text(), "{\"code\":0}");
    client
}

fn texts(pushes: &[Got]) -> Vec<&str> {
    pushes.iter().map(Got::text).collect()
}

fn places(pushes: &[Got]) -> Vec<(u32, u64)> {
    let place = |push: &Got| push.extension.map(|at| (at.epoch, at.sequence)).expect("the long header");
    pushes.iter().map(place).collect()
}

async fn push(app: &App, room: &str, body: &str) {
    app.push_room(room, body.as_bytes()).await;
}

/// Where the viewers of the third node connect.
async fn third(apps: [&App; 2]) -> String {
    for app in apps {
        until_edges(app, 3).await;
    }
    let known: Vec<SocketAddr> = apps.iter().map(|app| app.address).collect();
    let all = addresses(apps[0]).await;
    all.into_iter().find(|address| !known.contains(&address.parse().unwrap())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_node_numbered_is_in_the_rings_of_the_others_and_its_room_goes_on() {
    let nats = Server::start().await;
    let (a, b) = (node(&nats, "a", Role::All).await, node(&nats, "b", Role::All).await);
    let mut doomed = process(&nats, "c", "all", "memory");
    let address = third([&a, &b]).await;
    let room = room_of("c", &["a", "b", "c"]);
    let mut stays = Client::join(&a, Over::Tcp, &auth(&room, None)).await;
    let mut leaves = Client::join(&b, Over::Tcp, &auth(&room, None)).await;
    let mut theirs = join_at(&address, &auth(&room, None)).await;
    for number in 1..=5 {
        push(&a, &room, &number.to_string()).await;
    }
    let heard = stays.hear_count(5).await;
    let (epoch, last) = places(&heard)[4];
    assert_eq!((texts(&heard), last), (vec!["1", "2", "3", "4", "5"], 5));
    assert_eq!(places(&leaves.hear_count(5).await), places(&heard));
    assert_eq!(places(&theirs.hear_count(5).await), places(&heard));
    drop(leaves);
    doomed.kill().await.unwrap();
    theirs.end().await;
    // Said while nobody knows of the death: it waits for the room's next home.
    push(&a, &room, "6").await;
    push(&b, &room, "7").await;
    let next = stays.hear_count(2).await;
    let mut said = texts(&next);
    said.sort_unstable();
    assert_eq!(said, ["6", "7"]);
    let (later, first) = places(&next)[0];
    assert!(later > epoch && first == 1, "{later} {epoch} {first}");
    assert_eq!(places(&next)[1], (later, 2));
    // Who was elsewhere gets all of it, at either of the others: the rest of the old numbering, and the new one.
    for app in [&a, &b] {
        let mut back = Client::join(app, Over::WebSocket, &auth(&room, Some(&heard[2]))).await;
        let missed = back.hear_count(4).await;
        assert_eq!(&texts(&missed)[..2], ["4", "5"]);
        assert_eq!(places(&missed), [(epoch, 4), (epoch, 5), (later, 1), (later, 2)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_held_the_room_the_shared_store_knows_its_past() {
    let (nats, postgres) = (Server::start().await, Postgres::start().await);
    let shared = |name: &str| Config {
        nats: nats.url(),
        node: name.into(),
        role: Role::All,
        store: postgres.url(),
        ..Config::default()
    };
    let (a, b) = (App::with(shared("a")).await, App::with(shared("b")).await);
    let mut doomed: Child = process(&nats, "c", "all", &postgres.url());
    let address = third([&a, &b]).await;
    let room = room_of("c", &["a", "b", "c"]);
    let mut viewer = join_at(&address, &auth(&room, None)).await;
    for number in 1..=5 {
        push(&a, &room, &number.to_string()).await;
    }
    let heard = viewer.hear_count(5).await;
    // What nobody waits for is on disk a moment later.
    until_stored(&postgres, &room, 5).await;
    doomed.kill().await.unwrap();
    viewer.end().await;
    let mut back = soon(Client::join(&b, Over::Tcp, &auth(&room, Some(&heard[1])))).await;
    assert_eq!(places(&back.hear_count(3).await), places(&heard)[2..]);
    push(&a, &room, "6").await;
    let next = back.hear_count(1).await;
    assert!(places(&next)[0].0 > places(&heard)[0].0 && places(&next)[0].1 == 1);
}

async fn until_stored(postgres: &Postgres, room: &str, count: usize) {
    use chat_edge::store::{Numbering, PastQuery, Place, Store};
    let (place, room) = (Place::parse(&postgres.url()).unwrap(), RoomKey::of("live", room).unwrap());
    let look = tokio::task::spawn_blocking(move || {
        let mut store = Store::open(&place).unwrap();
        let all = PastQuery::Page {
            after: Numbering { epoch: 0, last: 0 },
            before: Numbering { epoch: u32::MAX, last: u64::MAX },
        };
        while store.past(&room, &all, count).unwrap().len() < count {}
    });
    soon(look).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_leaves_in_order_hands_its_rooms_on() {
    let nats = Server::start().await;
    let (a, b) = (node(&nats, "a", Role::All).await, node(&nats, "b", Role::All).await);
    for app in [&a, &b] {
        until_edges(app, 2).await;
    }
    let room = room_of("b", &["a", "b"]);
    let mut viewer = Client::join(&a, Over::Tcp, &auth(&room, None)).await;
    push(&a, &room, "1").await;
    push(&a, &room, "2").await;
    let heard = viewer.hear_count(2).await;
    b.stop().await;
    push(&a, &room, "3").await;
    let next = viewer.hear_count(1).await;
    assert_eq!(texts(&next), ["3"]);
    assert!(places(&next)[0].0 > places(&heard)[0].0);
    let mut back = Client::join(&a, Over::Tcp, &auth(&room, Some(&heard[0]))).await;
    assert_eq!(texts(&back.hear_count(2).await), ["2", "3"]);
    // A newcomer of that name takes the room again, and asks before it numbers.
    let b = node(&nats, "b", Role::All).await;
    for app in [&a, &b] {
        until_edges(app, 2).await;
    }
    push(&b, &room, "4").await;
    let last = viewer.hear_count(1).await;
    assert!(places(&last)[0].0 > places(&next)[0].0);
    let mut back = Client::join(&b, Over::Tcp, &auth(&room, Some(&heard[0]))).await;
    assert_eq!(texts(&back.hear_count(3).await), ["2", "3", "4"]);
}
