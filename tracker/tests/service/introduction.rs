//! Viewers meet: offer, answer, and the size of the swarm, in every mixture of encodings.

use protocol::tracker::{ClientMessage, Event, ServerMessage};

use super::app::{App, SWARM, Speaks, offer};

/// What a session description may hold: line ends, quotes, and characters beyond ASCII.
const SDP: &str = "v=0\r\no=- 46117317 2 IN IP4 127.0.0.1\r\ns=\"Schwarm\\魚\"\r\n";

#[tokio::test]
async fn two_viewers_are_introduced_whatever_each_of_them_speaks() {
    for first in [Speaks::Json, Speaks::MessagePack] {
        for second in [Speaks::Json, Speaks::MessagePack] {
            introduce(first, second).await;
        }
    }
}

async fn introduce(first: Speaks, second: Speaks) {
    let app = App::start().await;
    let (mut old, mut new) = (app.client(first, 1).await, app.client(second, 0xFE).await);
    let alone = old.join().await;
    assert_eq!((alone.info_hash, alone.complete, alone.incomplete), (SWARM, 0, 1));
    assert!((27..=30).contains(&alone.interval_s));

    new.announce(Event::Started, vec![offer(0x80, SDP)]).await;
    assert_eq!(new.hear_reply().await.incomplete, 2);
    let offered = old.hear_offer().await;
    assert_eq!((offered.info_hash, offered.peer_id), (SWARM, new.peer_id));
    assert_eq!((offered.offer_id.0, offered.sdp.as_str()), ([0x80; 20], SDP));

    old.answer(&offered, "v=0 answered").await;
    let answered = new.hear_answer().await;
    assert_eq!((answered.info_hash, answered.peer_id), (SWARM, old.peer_id));
    assert_eq!((answered.offer_id, answered.sdp.as_str()), (offered.offer_id, "v=0 answered"));
}

#[tokio::test]
async fn a_viewer_who_changes_the_encoding_is_spoken_to_in_the_new_one() {
    let app = App::start().await;
    let mut client = app.client(Speaks::Json, 1).await;
    client.join().await;
    let mut client = client.speaking(Speaks::MessagePack);
    client.join().await;
}

#[tokio::test]
async fn ten_offers_of_ordinary_length_pass_in_one_announce() {
    let app = App::start().await;
    let mut others = Vec::new();
    for name in 1..=10 {
        let mut other = app.client(Speaks::Json, name).await;
        other.join().await;
        others.push(other);
    }
    let mut client = app.client(Speaks::Json, 100).await;
    let sdp = SDP.repeat(1_500 / SDP.len() + 1);
    client.announce(Event::Started, (0..10).map(|name| offer(name, sdp.clone())).collect()).await;
    assert_eq!(client.hear_reply().await.incomplete, 11);
    for other in &mut others {
        assert_eq!(other.hear_offer().await.sdp, sdp);
    }
}

#[tokio::test]
async fn a_closed_socket_has_left_the_swarm() {
    let app = App::start().await;
    let (mut stays, mut leaves) = (app.client(Speaks::Json, 1).await, app.client(Speaks::Json, 2).await);
    stays.join().await;
    assert_eq!(leaves.join().await.incomplete, 2);
    drop(leaves);
    while stays.join().await.incomplete != 1 {}
}

#[tokio::test]
async fn a_viewer_who_stops_has_left_the_swarm_and_hears_nothing_of_it() {
    let app = App::start().await;
    let (mut stays, mut leaves) = (app.client(Speaks::Json, 1).await, app.client(Speaks::Json, 2).await);
    stays.join().await;
    leaves.join().await;
    leaves.announce(Event::Stopped, Vec::new()).await;
    leaves.say(&ClientMessage::Scrape(vec![SWARM])).await;
    let ServerMessage::Scrape(sizes) = leaves.hear().await else { panic!("something else came first") };
    assert_eq!((sizes[0].complete, sizes[0].incomplete), (0, 1));
}
