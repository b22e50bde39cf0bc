//! Overload leaves lines out, fairly; nobody misses their own, nor those of people whom they named.

use chat_edge::serve::Config;
use serde_json::json;

use super::app::App;
use super::client::{Client, Got, Over};

fn comment(author: u64, number: u64) -> String {
    json!({"cmd": "DANMU_MSG", "info": [[], format!("{author}:{number}"), [author, "somebody"]]}).to_string()
}

fn by(author: u64, pushes: &[Got]) -> usize {
    pushes.iter().filter(|push| push.text().contains(&format!("[{author},"))).count()
}

#[tokio::test]
async fn a_flooded_room_shows_everybody_some_and_its_authors_and_followers_theirs() {
    let config = Config { chat_per_s: 3, tick_min_ms: 300, tick_max_ms: 300, ..Config::default() };
    let app = App::with(config).await;
    let shoal = |follows: &str| format!(r#""room_id":"live://1","shoal":{{"version":1{follows}}}"#);
    let mut author = Client::join(&app, Over::WebSocket, &format!("{{\"mid\":7,{}}}", shoal(""))).await;
    let mut follower = Client::join(&app, Over::Tcp, &format!("{{{}}}", shoal(r#","follows":[7,8]"#))).await;
    let mut stranger = Client::join(&app, Over::Tcp, &format!("{{{}}}", shoal(""))).await;
    for number in 0..20 {
        for speaker in [7, 8, 9] {
            app.push_room("1", comment(speaker, number).as_bytes()).await;
        }
    }
    assert_eq!(app.push("room?operation=1000&type=live&room=1&class=control", b"{\"cmd\":\"END\"}").await, 0);
    let mut heard = Vec::new();
    for client in [&mut author, &mut follower, &mut stranger] {
        let mut pushes = Vec::new();
        while pushes.last().is_none_or(|push: &Got| push.text() != "{\"cmd\":\"END\"}") {
            pushes.extend(client.hear_pushes().await);
        }
        let sequences: Vec<u64> = pushes.iter().map(|push| push.extension.unwrap().sequence).collect();
        assert!(sequences.is_sorted() && sequences.last() == Some(&61));
        heard.push(pushes);
    }
    assert_eq!((by(7, &heard[0]), by(7, &heard[1]), by(8, &heard[1])), (20, 20, 20));
    assert!(heard[2].len() < 30 && by(9, &heard[0]) < 20 && by(8, &heard[0]) < 20);
    let delivered = heard.iter().map(Vec::len).sum::<usize>() as u64;
    app.until("delivered_total", "", delivered).await;
    assert_eq!(app.metric("dropped_total", "reason=\"quota\"").await, 61 * 3 - delivered);
}

#[tokio::test]
async fn the_list_of_those_to_see_is_bounded() {
    let app = App::start().await;
    for (count, reply) in [(64, "{\"code\":0}"), (65, "{\"code\":-400}")] {
        let follows: Vec<u64> = (1..=count).collect();
        let auth = json!({"room_id": "live://1", "shoal": {"version": 1, "follows": follows}});
        let mut client = Client::connect(&app, Over::Tcp).await;
        client.say(7, auth.to_string().as_bytes()).await;
        assert_eq!(client.hear().await.text(), reply);
    }
}
