//! A client that does not read costs a bounded number of bytes, and nobody else anything.

use protocol::tracker::Event;
use tokio::net::TcpSocket;
use tracker::serve::Config;

use super::app::{App, Client, Speaks, offer, unmetered};

/// The system holds some megabytes for a socket before the tracker must; ten times that is a failure.
const ANNOUNCES_MAX: usize = 8_000;

#[tokio::test]
async fn a_client_that_does_not_read_leaves_the_swarm_when_its_queue_is_full() {
    let app = App::with(Config { outgoing_bytes_max: 65_536, ..unmetered() }).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut deaf = Client::over(socket.connect(app.address).await.unwrap(), Speaks::Json, 1).await;
    deaf.announce(Event::Started, Vec::new()).await;
    let mut eager = app.client(Speaks::Json, 2).await;
    while eager.join().await.incomplete != 2 {}

    let sdp = "v".repeat(8_192);
    let mut announces = 0;
    loop {
        eager.announce(Event::Update, vec![offer(7, sdp.clone())]).await;
        if eager.hear_reply().await.incomplete == 1 {
            break;
        }
        announces += 1;
        assert!(announces < ANNOUNCES_MAX, "the queue of a client that does not read grows on");
    }
    assert_eq!(app.metric("slow_readers_total").await, 1);
    assert_eq!(app.metric("outgoing_bytes").await, 0);
    assert_eq!(eager.join().await.incomplete, 1);
}
