//! A message to a user or a key goes to the edges that hold them, over a real NATS, and to no other.

use bus::testing::Server;
use bus::{Bus, Subject};
use chat_edge::serve::config::Role;
use protocol::chat::node::Holder;

use super::app::{App, soon};
use super::client::{Client, Over};
use super::several::{node, process, until_edges};

/// Listens at NATS beside an edge, to all that is for it alone.
async fn overhear(nats: &Server, edge: &str) -> bus::Mailbox {
    let bus = Bus::nats(&bus::nats::Config::new(vec![nats.url()], "ear")).await.unwrap();
    let mailbox = bus.open(10_000);
    mailbox.listen(&Subject::literal("chat.node").under(edge.as_bytes()).unwrap());
    bus.settle(std::time::Duration::from_secs(20)).await.unwrap();
    mailbox
}

/// Waits until a push to a user whom nobody holds is known to be for nobody: then every edge has said whom it holds.
async fn until_told(from: &App) {
    soon(async {
        let mut absent = from.metric("direct_absent_total", "").await;
        loop {
            assert_eq!(from.push("mids?operation=1000&mids=404", b"x").await, 0);
            for _ in 0..20 {
                let now = from.metric("direct_absent_total", "").await;
                if now > absent {
                    return;
                }
                absent = now;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_somebody_goes_where_they_are_and_nowhere_else() {
    let nats = Server::start().await;
    let here = node(&nats, "here", Role::All).await;
    let there = node(&nats, "there", Role::Edge).await;
    let other = node(&nats, "other", Role::Edge).await;
    for app in [&here, &there, &other] {
        until_edges(app, 3).await;
    }
    let mut seven = Client::join(&there, Over::Tcp, r#"{"mid":7,"accepts":[1000]}"#).await;
    let mut twice = Client::join(&here, Over::Tcp, r#"{"mid":7,"key":"k","accepts":[1000]}"#).await;
    let mut eight = Client::join(&other, Over::WebSocket, r#"{"mid":8,"accepts":[1000]}"#).await;
    until_told(&here).await;
    let (to_there, to_other) = (overhear(&nats, "there").await, overhear(&nats, "other").await);
    assert_eq!(here.push("mids?operation=1000&mids=7", b"for seven").await, 0);
    assert_eq!(seven.hear_pushes().await[0].text(), "for seven");
    assert_eq!(twice.hear_pushes().await[0].text(), "for seven");
    assert_eq!(here.push("mids?operation=1000&mids=7&mids=8", b"for both").await, 0);
    for client in [&mut seven, &mut twice, &mut eight] {
        assert_eq!(client.hear_pushes().await[0].text(), "for both");
    }
    // From an edge that numbers nothing, by key, to another.
    until_told(&other).await;
    assert_eq!(other.push("keys?operation=1000&keys=k&keys=absent", b"for k").await, 0);
    assert_eq!(twice.hear_pushes().await[0].text(), "for k");
    assert_eq!(here.push("all?operation=1000", b"for all").await, 0);
    for client in [&mut seven, &mut twice, &mut eight] {
        assert_eq!(client.hear_pushes().await[0].text(), "for all");
    }
    let heard = |mailbox: &bus::Mailbox| {
        let letters = std::iter::from_fn(|| mailbox.try_next());
        letters.map(|letter| String::from_utf8_lossy(&letter.body).into_owned()).collect::<Vec<_>>()
    };
    let (there_heard, other_heard) = (heard(&to_there), heard(&to_other));
    let about = |heard: &[String], words: &str| heard.iter().filter(|text| text.contains(words)).count();
    assert_eq!((about(&there_heard, "for seven"), about(&there_heard, "for both")), (1, 1));
    assert_eq!((about(&other_heard, "for seven"), about(&other_heard, "for both")), (0, 1));
    assert_eq!((about(&there_heard, "for k"), about(&other_heard, "for k")), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_comes_while_the_message_is_on_its_way_gets_it() {
    let nats = Server::start().await;
    let (here, there) = (node(&nats, "here", Role::All).await, node(&nats, "there", Role::All).await);
    until_edges(&here, 2).await;
    until_edges(&there, 2).await;
    until_told(&here).await;
    for user in 1..=20 {
        let auth = format!(r#"{{"mid":{user},"accepts":[1000]}}"#);
        let mut client = Client::join(&there, Over::Tcp, &auth).await;
        // The word of its coming may still be under way.
        assert_eq!(here.push(&format!("mids?operation=1000&mids={user}"), b"welcome").await, 0);
        assert_eq!(client.hear_pushes().await[0].text(), "welcome");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_dead_edge_held_is_nowhere_in_one_step() {
    let nats = Server::start().await;
    let here = node(&nats, "here", Role::All).await;
    let mut doomed = process(&nats, "doomed", "edge", "memory");
    until_edges(&here, 2).await;
    let known = here.address.to_string();
    let theirs =
        super::several::addresses(&here).await.into_iter().find(|address| *address != known).unwrap();
    let mut clients = Vec::new();
    for user in 1..=5 {
        let mut client = Client::Tcp(tokio::net::TcpStream::connect(&theirs).await.unwrap());
        client.say(7, format!(r#"{{"mid":{user},"accepts":[1000]}}"#).as_bytes()).await;
        assert_eq!(client.hear().await.text(), "{\"code\":0}");
        clients.push(client);
    }
    until_told(&here).await;
    assert_eq!(here.push("mids?operation=1000&mids=1&mids=5", b"x").await, 0);
    assert_eq!(clients[0].hear_pushes().await[0].text(), "x");
    assert_eq!(clients[4].hear_pushes().await[0].text(), "x");
    doomed.kill().await.unwrap();
    until_edges(&here, 1).await;
    let absent = here.metric("direct_absent_total", "").await;
    for user in 1..=5 {
        assert_eq!(here.push(&format!("mids?operation=1000&mids={user}"), b"x").await, 0);
    }
    here.until("direct_absent_total", "", absent + 5).await;
}

#[test]
fn users_and_keys_of_the_same_spelling_are_not_the_same() {
    assert_ne!(Holder::user(7), Holder::key("\0\0\0\0\0\0\0\u{7}"));
}
