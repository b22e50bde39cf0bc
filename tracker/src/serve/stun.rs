//! The UDP port that tells viewers their address from outside ([`crate::stun`]).

use tokio::net::UdpSocket;

use super::hub::Hub;
use crate::stun::{REQUEST_BYTES_MAX, answer};

/// Answers for ever; never, where there is no port. What cannot be sent is dropped, as the network drops it.
pub(super) async fn serve(hub: &Hub, socket: Option<&UdpSocket>) {
    let Some(socket) = socket else { return std::future::pending().await };
    let mut datagram = vec![0; REQUEST_BYTES_MAX];
    loop {
        // An error here is the echo of an earlier answer that did not arrive.
        let Ok((length, sender)) = socket.recv_from(&mut datagram).await else { continue };
        match answer(&datagram[..length], sender) {
            Some(response) => {
                hub.counters().stun.add(1);
                let _ = socket.try_send_to(&response, sender);
            }
            None => hub.counters().malformed.add(1),
        }
    }
}
