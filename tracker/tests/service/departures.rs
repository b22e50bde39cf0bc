//! An offer to a viewer who has just left goes to another one.

use protocol::tracker::Event;
use tokio::net::TcpSocket;
use tracker::serve::Config;

use super::app::{App, Client, Speaks, offer, soon, unmetered};

/// The system holds some megabytes for a socket before the tracker must; ten times that is a failure.
const ANNOUNCES_MAX: usize = 8_000;

#[tokio::test]
async fn offers_that_wait_for_a_viewer_who_leaves_reach_another() {
    let app = App::with(Config { write_timeout_ms: 600_000, ..unmetered() }).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut deaf = Client::over(socket.connect(app.address).await.unwrap(), Speaks::MessagePack, 1).await;
    deaf.announce(Event::Started, Vec::new()).await;
    let mut eager = app.client(Speaks::MessagePack, 2).await;
    while eager.join().await.incomplete != 2 {}
    // Until some wait in the tracker, because the system takes no more.
    let sdp = "v".repeat(8_192);
    for announces in 0.. {
        assert!(announces < ANNOUNCES_MAX);
        eager.announce(Event::Update, vec![offer(7, sdp.clone())]).await;
        eager.hear_reply().await;
        if app.metric("outgoing_bytes").await > 0 {
            break;
        }
    }
    let mut witness = app.client(Speaks::MessagePack, 3).await;
    assert_eq!(witness.join().await.incomplete, 3);
    drop(deaf);
    let handed_on = soon(witness.hear_offer()).await;
    assert_eq!((handed_on.peer_id, handed_on.offer_id.0), (eager.peer_id, [7; 20]));
    assert!(app.metric("offers_again_total").await >= 1);
}
