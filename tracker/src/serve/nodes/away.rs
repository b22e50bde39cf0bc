//! One connection's swarms that live elsewhere.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use protocol::tracker::ClientMessage;
use tokio::sync::Notify;
use tokio::time::{Sleep, sleep};

use super::Nodes;
use super::pipe::Pipe;
use crate::nodes::{Errand, Map, Placement, Route};
use crate::serve::hub::Seat;

/// After a node was lost, this much later its viewers are tried at the one that is theirs then.
const RETRY: Duration = Duration::from_millis(500);

/// What a connection needs to know of other nodes. Boxed by its owner: most trackers are alone.
#[derive(Debug)]
pub(in crate::serve) struct Away {
    nodes: Nodes,
    client: IpAddr,
    placement: Placement,
    pipes: BTreeMap<String, Pipe>,
    lost: Arc<Notify>,
    retry: Option<Pin<Box<Sleep>>>,
}

impl Away {
    pub(in crate::serve) fn new(nodes: Nodes, client: IpAddr, members_max: usize) -> Box<Self> {
        Box::new(Self {
            nodes,
            client,
            placement: Placement::new(members_max),
            pipes: BTreeMap::new(),
            lost: Arc::default(),
            retry: None,
        })
    }

    /// The client said this: it is done here, or somewhere else. The address to send the client to, where it is to go.
    pub(in crate::serve) fn on_message(
        &mut self,
        seat: &Seat,
        route: Route,
        message: ClientMessage,
    ) -> Option<String> {
        let map = Arc::clone(&self.nodes.borrow());
        let errands = self.placement.on_message(&map, route, message);
        self.run(seat, &map, errands)
    }

    /// Resolves when [`Self::on_changed`] has something to do.
    pub(in crate::serve) async fn changed(&mut self) {
        let retry = &mut self.retry;
        let due = async move {
            match retry {
                Some(retry) => retry.as_mut().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = self.nodes.changed() => {
                // Nobody tells of nodes any more: the tracker stops.
                if changed.is_err() {
                    std::future::pending().await
                }
            }
            () = self.lost.notified() => {}
            () = due => {}
        }
    }

    /// Nodes came, went or were lost: peers go where they belong now.
    pub(in crate::serve) fn on_changed(&mut self, seat: &Seat, route: Route) -> Option<String> {
        let map = Arc::clone(&self.nodes.borrow_and_update());
        let lost: Vec<String> =
            self.pipes.iter().filter(|(_, pipe)| pipe.is_over()).map(|(name, _)| name.clone()).collect();
        seat.counters().nodes_lost.add(lost.len() as u64);
        for name in &lost {
            self.pipes.remove(name);
            self.placement.on_lost(name);
        }
        if !lost.is_empty() {
            // Not at once: the node is known to be dead a moment later, or back.
            self.retry.get_or_insert_with(|| Box::pin(sleep(RETRY)));
            return None;
        }
        let errands = self.placement.on_nodes(&map, route);
        self.retry = None;
        self.pipes.retain(|name, _| map.find(name).is_some());
        self.run(seat, &map, errands)
    }

    fn run(&mut self, seat: &Seat, map: &Map, errands: Vec<Errand>) -> Option<String> {
        for errand in errands {
            match errand {
                Errand::Here(message) => seat.on_message(message),
                Errand::There(name, message) => self.send(seat, map, &name, message),
                Errand::Redirect(url) => return Some(url),
            }
        }
        None
    }

    fn send(&mut self, seat: &Seat, map: &Map, name: &str, message: ClientMessage) {
        if !self.pipes.contains_key(name) {
            // A node that has just gone: what is said to it is said to nobody.
            let Some(node) = map.find(name) else { return };
            let pipe = Pipe::open(node, self.client, seat.hearer(), Arc::clone(&self.lost));
            self.pipes.insert(name.to_owned(), pipe);
        }
        if self.pipes.get(name).is_some_and(|pipe| !pipe.send(message)) {
            seat.counters().nodes_lost.add(1);
            self.pipes.remove(name);
            self.placement.on_lost(name);
            self.lost.notify_one();
        } else {
            seat.counters().node_sent.add(1);
        }
    }
}
