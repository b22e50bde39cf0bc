//! A tracker that asks for tokens: who may join, with what, and until when.

use jsonwebtoken::{EncodingKey, Header, encode};
use protocol::tracker::Event;
use service::config::{Settings, Table};
use tracker::serve::Config;

use tokio_tungstenite::tungstenite::Message;

use super::app::{App, Client, Speaks, offer};

const SECRET: [u8; 32] = *b"an operator's secret, 32 bytes: ";
/// 2100 and 2001, in seconds since 1970.
const FAR: u64 = 4_102_444_800;
const PAST: u64 = 1_000_000_000;

/// A token for the tests' swarm.
fn token(until_s: u64) -> String {
    let swarm = "e9".repeat(20);
    let claims: Table = format!("exp = {until_s}\nswarm = '{swarm}'").parse().unwrap();
    encode(&Header::default(), &claims, &EncodingKey::from_secret(&SECRET)).unwrap()
}

fn config() -> Config {
    let keys = "token_keys = ['hs256:YW4gb3BlcmF0b3IncyBzZWNyZXQsIDMyIGJ5dGVzOiA']";
    Config::from_layers([keys.parse().unwrap()]).unwrap()
}

#[tokio::test]
async fn without_a_token_nobody_joins_and_is_told_so() {
    let app = App::with(config()).await;
    let mut client = app.client(Speaks::Json, 1).await;
    client.announce(Event::Started, Vec::new()).await;
    let failure = client.hear_failure().await;
    assert!(failure.reason.contains("wants a join token"), "{}", failure.reason);
    assert_eq!(app.metric("peers").await, 0);
    assert_eq!(app.metric("tokens_refused_total{reason=\"missing\"}").await, 1);
}

#[tokio::test]
async fn a_token_comes_with_the_address_or_with_an_announce() {
    let app = App::with(config()).await;
    let mut first = Client::asking(&app, &format!("/?v=1&token={}", token(FAR)), &[]).await.unwrap();
    assert_eq!(first.join().await.incomplete, 1);
    let mut second = app.client(Speaks::Json, 2).await;
    second.announce_with(&format!("'token':'{}'", token(FAR))).await;
    assert_eq!(second.hear_reply().await.incomplete, 2);
    // Shown once, it holds for the connection.
    assert_eq!(second.join().await.incomplete, 2);
}

#[tokio::test]
async fn a_token_that_ended_is_renewed_over_the_same_connection() {
    let app = App::with(config()).await;
    let mut client = Client::asking(&app, &format!("/?token={}", token(PAST)), &[]).await.unwrap();
    client.announce(Event::Started, Vec::new()).await;
    assert!(client.hear_failure().await.reason.contains("has ended"));
    client.announce_with(&format!("'token':'{}'", token(FAR))).await;
    client.hear_reply().await;
}

#[tokio::test]
async fn a_page_renews_its_token_beside_its_engine_whose_encoding_stays() {
    let app = App::with(config()).await;
    let mut page = Client::asking(&app, &format!("/?token={}", token(PAST)), &[]).await.unwrap();
    page = page.speaking(Speaks::MessagePack);
    page.announce(Event::Started, Vec::new()).await;
    assert!(page.hear_failure().await.reason.contains("has ended"));
    page.send(Message::text(format!(r#"{{"action":"token","token":"{}"}}"#, token(FAR)))).await;
    page.join().await;
    // What comes next, comes in binary still.
    let mut other = Client::asking(&app, &format!("/?token={}", token(FAR)), &[]).await.unwrap();
    other.peer_id = protocol::id::PeerId([2; 20]);
    page.send(Message::text(format!(r#"{{"action":"token","token":"{}"}}"#, token(FAR)))).await;
    page.join().await;
    other.announce(Event::Started, vec![offer(5, "v=0")]).await;
    assert_eq!(page.hear_offer().await.offer_id.0, [5; 20]);
    // An unsound one is refused, in the encoding of the engine.
    page.send(Message::text(r#"{"action":"token","token":"x"}"#)).await;
    assert!(page.hear_failure().await.reason.contains("malformed, or signed"));
}

#[tokio::test]
async fn tokens_of_others_are_refused_by_name() {
    let app = App::with(config()).await;
    let mut client = app.client(Speaks::Json, 1).await;
    let forged = format!("{}x", token(FAR));
    for (token, words) in [(forged.as_str(), "malformed, or signed"), ("", "malformed, or signed")] {
        client.announce_with(&format!("'token':'{token}'")).await;
        let reason = client.hear_failure().await.reason;
        assert!(reason.contains(words), "{reason}");
    }
}
