//! Servers for ICE, as the operator lends them to pages.

use protocol::tracker::Event;
use protocol::tracker::page::Ice;
use service::config::Settings;
use tracker::serve::Config;

use super::app::{App, Speaks};

fn lending(more: &str) -> Config {
    let text = format!(
        "ice_servers = ['stun:t.example:3478', 'turn:t.example:3478']\nturn_secret = 'north'\n{more}"
    );
    Config::from_layers([service::config::file(&text).unwrap()]).unwrap()
}

#[tokio::test]
async fn a_page_is_lent_servers_once_before_the_reply_to_its_first_announce() {
    let app = App::with(lending("")).await;
    let mut page = app.client(Speaks::MessagePack, 1).await;
    page.announce(Event::Started, Vec::new()).await;
    let ice = Ice::decode(&page.hear_text().await).unwrap();
    assert_eq!((ice.ice_servers.len(), ice.ttl), (2, 7_200));
    let user = ice.ice_servers[1].username.as_deref().unwrap();
    let (ends, word) = user.split_once(':').unwrap();
    assert!(ends.parse::<u64>().unwrap() > 1_700_000_000 && word.len() == 16, "{user}");
    page.hear_reply().await;
    page.join().await;
    assert_eq!(app.metric("ice_lent_total").await, 1);
}

#[tokio::test]
async fn two_pages_get_users_of_their_own() {
    let app = App::with(lending("")).await;
    let mut users = Vec::new();
    for name in 1..=2 {
        let mut page = app.client(Speaks::MessagePack, name).await;
        page.announce(Event::Started, Vec::new()).await;
        users.push(Ice::decode(&page.hear_text().await).unwrap().ice_servers[1].username.clone());
    }
    assert_ne!(users[0], users[1]);
}

#[tokio::test]
async fn who_speaks_text_or_may_not_join_is_lent_nothing() {
    let app = App::with(lending("")).await;
    app.client(Speaks::Json, 1).await.join().await;
    let keys = "token_keys = ['hs256:YW4gb3BlcmF0b3IncyBzZWNyZXQsIDMyIGJ5dGVzOiA']";
    let closed = App::with(lending(keys)).await;
    let mut stranger = closed.client(Speaks::MessagePack, 1).await;
    stranger.announce(Event::Started, Vec::new()).await;
    stranger.hear_failure().await;
    assert_eq!((app.metric("ice_lent_total").await, closed.metric("ice_lent_total").await), (0, 0));
}
