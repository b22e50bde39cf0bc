//! Two sites, each with a NATS of its own, joined as leaf nodes.

use bus::testing::Server;

use crate::world::{PATIENCE, event, room, soon};

/// Edges of the far site, all in the room.
const EDGES: usize = 3;
/// Messages of the room.
const MESSAGES: u64 = 100;

#[tokio::test]
async fn a_message_travels_once_per_site_and_not_once_per_edge() {
    let home = Server::start().await;
    let away = Server::start_leaf_of(&home).await;
    let logic = home.bus("logic").await;
    let mut edges = Vec::new();
    for _ in 0..EDGES {
        let bus = away.bus("edge").await;
        let subscription = bus.subscribe(256);
        subscription.hold(room("live://1"));
        bus.settle(PATIENCE).await.unwrap();
        edges.push(subscription);
    }
    // Interest has crossed when an event has.
    let mut first = 0;
    soon(async {
        while edges.iter().all(|edge| edge.try_next().is_none()) {
            first += 1;
            logic.publish(&event("live://0", first)).unwrap();
            logic.publish(&event("live://1", first)).unwrap();
            logic.settle(PATIENCE).await.unwrap();
        }
    })
    .await;
    let before = sent_to_leaf(&home).await;
    for number in 1..=MESSAGES {
        logic.publish(&event("live://1", 1_000 + number)).unwrap();
    }
    for edge in &edges {
        let mut next = 1_001;
        while next <= 1_000 + MESSAGES {
            let got = soon(edge.next()).await;
            if got == event("live://1", next) {
                next += 1;
            }
        }
    }
    let sent = sent_to_leaf(&home).await - before;
    // And none for the room that nobody holds there. Beside the room's there is what is still on its way from before.
    assert!(
        (MESSAGES..MESSAGES + EDGES as u64).contains(&sent),
        "{sent} for {MESSAGES} messages and {EDGES} edges"
    );
}

/// Messages that the hub has sent over its only leaf connection.
async fn sent_to_leaf(hub: &Server) -> u64 {
    let leafs = hub.monitor("/leafz").await;
    let (_, after) = leafs.split_once("\"out_msgs\":").expect("a leaf connection");
    let digits: String = after.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("a number")
}
