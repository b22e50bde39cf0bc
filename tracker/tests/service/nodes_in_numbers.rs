//! What an operator sees of several nodes: who was sent on, what was passed on, what came from others.

use bus::testing::Server;
use protocol::id::InfoHash;
use tracker::nodes::{Map, Node};
use tracker::serve::Config;

use crate::app::{App, SWARM, Speaks, soon};

fn node(name: &str) -> Node {
    Node { name: name.to_owned(), url: format!("ws://{name}/"), address: String::new() }
}

/// Of two names, first the one that the swarm does not live at.
fn away_and_home(swarm: InfoHash) -> [&'static str; 2] {
    let map = Map::new("t1", ["t1", "t2"].map(node));
    if map.elsewhere(swarm).is_some() { ["t1", "t2"] } else { ["t2", "t1"] }
}

async fn start(nats: &Server, name: &str) -> App {
    let Node { name, url, .. } = node(name);
    let node_listen = "127.0.0.1:0".parse().unwrap();
    let nats_servers = vec![nats.url()];
    App::with(Config { node_name: name, node_url: url, node_listen, nats_servers, ..Config::default() }).await
}

/// Until this sample has this value.
async fn shows(app: &App, name: &str, wanted: u64) {
    soon(async {
        while app.metric(name).await != wanted {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn redirects_and_what_nodes_pass_on_are_counted() {
    let nats = Server::start().await;
    let [away, home] = away_and_home(SWARM);
    let (away, home) = (start(&nats, away).await, start(&nats, home).await);
    shows(&away, "nodes", 2).await;

    let mut ours = away.client(Speaks::MessagePack, 1).await;
    ours.announce(protocol::tracker::Event::Started, Vec::new()).await;
    assert_eq!(u16::from(ours.hear_close().await.code), 4_421);
    shows(&away, "redirects_total", 1).await;

    // The announce goes there, the reply comes back.
    let mut stock = away.client(Speaks::Json, 2).await;
    assert_eq!(stock.join().await.incomplete, 1);
    assert_eq!(away.metric("node_messages_total{direction=\"sent\"}").await, 1);
    assert_eq!(away.metric("node_messages_total{direction=\"received\"}").await, 1);
    assert_eq!((home.metric("brought_total").await, away.metric("brought_total").await), (1, 0));
    assert_eq!(home.metric("redirects_total").await, 0);

    home.stop().await;
    shows(&away, "nodes", 1).await;
    // The swarm lives here now.
    assert_eq!(stock.join().await.incomplete, 1);
}
