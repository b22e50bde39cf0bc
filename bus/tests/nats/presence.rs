//! Who is there, over both carriers.

use std::sync::Arc;

use bus::presence::{Node, Pace, Presence};
use bus::{Bus, Subject};
use protocol::time::Duration;
use tokio::sync::watch;

use crate::world::{Ends, soon};

static NODES: Subject = Subject::literal("presence.test");
const PACE: Pace = Pace { beat: Duration::from_millis(50), lifetime: Duration::from_millis(500) };

fn start(bus: &Bus, name: &str, epoch: u64) -> Presence {
    Presence::start(bus, NODES.clone(), Node { name: name.to_owned(), epoch, facts: "".into() }, PACE)
}

async fn until(nodes: &mut watch::Receiver<Arc<[Node]>>, wanted: &[(&str, u64)]) {
    let is = |nodes: &Arc<[Node]>| {
        nodes.iter().map(|node| (node.name.as_str(), node.epoch)).eq(wanted.iter().copied())
    };
    soon(nodes.wait_for(is)).await.expect("a presence that goes on");
}

#[tokio::test]
async fn nodes_hear_of_each_other_of_leaving_of_silence_and_of_another_life() {
    for ends in Ends::both().await {
        let a = start(&ends.here, "a", 1);
        let mut seen = a.watch();
        let b = start(&ends.there, "b", 1);
        until(&mut seen, &[("a", 1), ("b", 1)]).await;
        until(&mut b.watch(), &[("a", 1), ("b", 1)]).await;
        b.leave();
        until(&mut seen, &[("a", 1)]).await;
        let b = start(&ends.there, "b", 2);
        until(&mut seen, &[("a", 1), ("b", 2)]).await;
        // Silent, as if killed; and back in its next life before anybody has missed it.
        drop(b);
        let b = start(&ends.there, "b", 3);
        until(&mut seen, &[("a", 1), ("b", 3)]).await;
        drop(b);
        until(&mut seen, &[("a", 1)]).await;
    }
}
