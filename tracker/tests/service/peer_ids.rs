//! Whose a peer id is: nobody else's while its owner lives, and free within seconds when it does not.

use futures_util::StreamExt;
use protocol::tracker::{Event, ServerMessage};
use tokio_tungstenite::tungstenite::Message;
use tracker::serve::Config;

use super::app::{App, Client, Speaks, offer, soon, unmetered};

/// An owner is asked, and given up, in a moment.
async fn impatient() -> App {
    App::with(Config { probe_timeout_ms: 50, ..unmetered() }).await
}

#[tokio::test]
async fn a_living_owner_keeps_its_id_however_often_another_claims_it() {
    let app = impatient().await;
    let mut owner = app.client(Speaks::MessagePack, 1).await;
    owner.join().await;
    let mut thief = app.client(Speaks::Json, 1).await;
    // Three pings answered (by the library): three times it was asked, and three times it showed that it lives.
    let living = async {
        let mut pings = 0;
        while pings < 3 {
            pings += u32::from(matches!(soon(owner.socket.next()).await, Some(Ok(Message::Ping(_)))));
        }
        owner
    };
    let claiming = async {
        loop {
            thief.announce(Event::Started, vec![offer(7, "v=0")]).await;
            let failure = thief.hear_failure().await;
            assert!(failure.reason.starts_with("this peer id belongs"), "{}", failure.reason);
            assert_eq!(failure.retry_in_s, Some(2));
        }
    };
    let mut owner = tokio::select! {
        owner = living => owner,
        () = claiming => unreachable!(),
    };
    assert_eq!(owner.join().await.incomplete, 1);
    let mut other = app.client(Speaks::MessagePack, 2).await;
    other.announce(Event::Started, vec![offer(5, "v=0")]).await;
    assert_eq!(owner.hear_offer().await.offer_id.0, [5; 20]);
    assert_eq!(app.metric("idle_total").await, 0);
    assert!(app.metric("refusals_total{reason=\"peer_id_taken\"}").await >= 3);
}

#[tokio::test]
async fn a_viewer_whose_network_changed_is_back_when_its_old_connection_does_not_answer() {
    let app = impatient().await;
    let mut before = app.client(Speaks::MessagePack, 1).await;
    before.join().await;
    // From here on nobody reads there: a connection over a network that is gone.
    let mut after = app.client(Speaks::MessagePack, 1).await;
    until_taken_in(&mut after).await;
    let mut other = app.client(Speaks::MessagePack, 2).await;
    other.announce(Event::Started, vec![offer(5, "v=0")]).await;
    assert_eq!(after.hear_offer().await.offer_id.0, [5; 20]);
    assert_eq!(
        before.hear_close().await.reason,
        "another connection claims your peer id, and you were silent"
    );
    assert_eq!((app.metric("peers").await, app.metric("idle_total").await), (2, 1));
}

async fn until_taken_in(client: &mut Client) {
    loop {
        client.announce(Event::Started, Vec::new()).await;
        match client.hear().await {
            ServerMessage::Reply(reply) => return assert_eq!(reply.incomplete, 1),
            ServerMessage::Failure(failure) => assert!(failure.retry_in_s.is_some()),
            other => panic!("neither in nor out: {other:?}"),
        }
    }
}
