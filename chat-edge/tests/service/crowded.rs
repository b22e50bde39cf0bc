//! Small rooms are written to in passing, larger ones by the thread of their viewers: both get everything, in order.

use super::app::App;
use super::client::{Client, Over};

/// One more than are written to in passing.
const MANY: usize = 65;
const MESSAGES: usize = 20;

#[tokio::test]
async fn a_small_room_and_a_large_one_beside_it_get_everything_in_order() {
    let app = App::start().await;
    let mut members = Vec::new();
    for _ in 0..MANY {
        members.push(Client::join(&app, Over::Tcp, "{\"room_id\":\"live://1\"}").await);
    }
    let mut alone = Client::join(&app, Over::WebSocket, "{\"room_id\":\"live://2\"}").await;
    for number in 0..MESSAGES {
        app.push_room("1", format!("large {number}").as_bytes()).await;
        app.push_room("2", format!("small {number}").as_bytes()).await;
    }
    let texts = |room: &str| (0..MESSAGES).map(|number| format!("{room} {number}")).collect::<Vec<_>>();
    let heard = async |member: &mut Client| {
        let pushes = member.hear_count(MESSAGES).await;
        pushes.iter().map(|push| push.text().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(heard(&mut alone).await, texts("small"));
    for member in &mut members {
        assert_eq!(heard(member).await, texts("large"));
    }
    let delivered = (MESSAGES * (MANY + 1)) as u64;
    app.until("delivered_total", "", delivered).await;
    assert_eq!(app.books().await, [delivered, delivered, 0]);
}
