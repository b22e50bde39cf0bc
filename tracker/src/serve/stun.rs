//! The UDP ports that tell viewers their address from outside ([`crate::stun`]).

use futures_util::future::join_all;
use tokio::net::UdpSocket;

use super::hub::Hub;
use super::policy::allowance::Meter;
use crate::stun::{REQUEST_BYTES_MAX, answer};

/// Answers for ever; never, where there is no port. What cannot be sent is dropped, as the network drops it.
pub(super) async fn serve(hub: &Hub, sockets: &[UdpSocket]) {
    join_all(sockets.iter().map(|socket| serve_one(hub, socket))).await;
    std::future::pending().await
}

/// Each port has a meter of its own: whoever floods one does not silence the other.
async fn serve_one(hub: &Hub, socket: &UdpSocket) {
    let mut datagram = vec![0; REQUEST_BYTES_MAX];
    let mut meter = Meter::default();
    loop {
        // An error here is the echo of an earlier answer that did not arrive.
        let Ok((length, sender)) = socket.recv_from(&mut datagram).await else { continue };
        if !meter.take(hub.now().instant, 1, hub.policy().config.stun_per_s) {
            hub.counters().stun_excess.add(1);
            continue;
        }
        match answer(&datagram[..length], sender) {
            Some(response) => {
                hub.counters().stun.add(1);
                let _ = socket.try_send_to(&response, sender);
            }
            None => hub.counters().malformed.add(1),
        }
    }
}
