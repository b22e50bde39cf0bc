//! NATS goes away and comes back.

use std::time::Duration;

use bus::testing::Server;
use bus::{Bus, Subject, Unanswered};

use crate::world::{PATIENCE, event, room, soon};

static NEWS: Subject = Subject::literal("news");

#[tokio::test]
async fn what_is_posted_while_nats_is_away_arrives_when_it_is_back_and_so_does_what_was_held() {
    let mut server = Server::start().await;
    let (here, there) = tokio::join!(server.bus("here"), server.bus("there"));
    let (edge, mailbox) = (there.subscribe(64), there.open(64));
    edge.hold(room("live://1"));
    mailbox.listen(&NEWS);
    there.settle(PATIENCE).await.unwrap();
    here.publish(&event("live://1", 1)).unwrap();
    assert_eq!(soon(edge.next()).await, event("live://1", 1));

    server.kill().await;
    server.start_again().await;
    tokio::join!(connected(&here, 2), connected(&there, 2));
    // Both are back before anything new is said: what is said to nobody is nobody's.
    there.settle(PATIENCE).await.unwrap();
    here.settle(PATIENCE).await.unwrap();
    here.publish(&event("live://1", 2)).unwrap();
    here.post(&NEWS, "after").unwrap();
    assert_eq!(soon(edge.next()).await, event("live://1", 2));
    assert_eq!(soon(mailbox.next()).await.body, "after");
    assert_eq!((here.counts().connections, there.counts().connections), (2, 2));
}

#[tokio::test]
async fn a_bus_may_begin_before_its_nats_and_says_then_what_waited() {
    let mut server = Server::start().await;
    let config = bus::nats::Config::new(vec![server.url()], "early");
    server.kill().await;
    let early = bus::Bus::nats(&config).await.unwrap();
    let mailbox = early.open(8);
    mailbox.listen(&NEWS);
    early.post(&NEWS, "waited").unwrap();
    assert!(!early.is_connected());
    server.start_again().await;
    assert_eq!(soon(mailbox.next()).await.body, "waited");
    assert!(early.is_connected());
}

/// A NATS that stops answering takes what was handed to it along, and nobody can know how much.
#[tokio::test]
async fn what_was_under_way_when_nats_died_is_counted_as_unsure_and_nothing_else_is() {
    let mut server = Server::start().await;
    let bus = server.bus("here").await;
    let mailbox = bus.open(8);
    mailbox.listen(&NEWS);
    bus.settle(PATIENCE).await.unwrap();
    server.kill().await;
    server.start_again().await;
    connected(&bus, 2).await;
    let quiet = bus.counts().lost_unsure;
    assert!(quiet <= 2, "only the two that were settled with may be open: {quiet}");
    // Stopped, not dead: it takes everything into the socket and answers nothing.
    server.freeze().await;
    (0..10).for_each(|_| bus.post(&NEWS, "lost").unwrap());
    // Behind them in the queue; when this has been waited for in vain, they are in the socket.
    assert_eq!(bus.settle(Duration::from_millis(200)).await, Err(Unanswered::Late));
    server.kill().await;
    server.start_again().await;
    connected(&bus, 3).await;
    // And the one that was settled with in vain.
    assert_eq!(bus.counts().lost_unsure - quiet, 11);
}

/// The bus has connected so often, and has counted what that cost.
async fn connected(bus: &Bus, times: u64) {
    soon(async {
        while bus.counts().connections < times {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
