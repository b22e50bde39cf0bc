//! A client that does not read loses the oldest, is told by the books, and is cut; nobody else waits for it.

use chat_edge::serve::Config;

use super::app::{App, soon};
use super::client::{Client, Over};

#[tokio::test]
async fn a_client_that_never_reads_is_cut_and_the_books_balance_while_the_other_gets_everything() {
    let config = Config {
        tick_min_ms: 1,
        tick_max_ms: 1,
        paid_per_s: 1_000_000,
        send_buffer_bytes: 4_096,
        ..Config::default()
    };
    let app = App::with(config).await;
    let deaf = Client::join(&app, Over::Tcp, r#"{"room_id":"live://1"}"#).await;
    let mut reader = Client::join(&app, Over::Tcp, r#"{"room_id":"live://1"}"#).await;
    let body = vec![b'x'; 16_000];
    let mut pushed = 0;
    while app.metric("slow_readers_total", "").await == 0 {
        for _ in 0..32 {
            assert_eq!(app.push("room?operation=1000&type=live&room=1&class=paid", &body).await, 0);
            pushed += 1;
            assert_eq!(reader.hear_count(1).await[0].body.len(), body.len());
        }
    }
    app.until("connections_live", "", 1).await;
    // The figures come a moment later, all of one moment together. The deaf one is cut with one of the last messages,
    // perhaps with the very last.
    soon(async {
        loop {
            let [published, delivered, dropped] = app.books().await;
            assert_eq!(delivered + dropped, published);
            if dropped > 0 && delivered >= pushed && (pushed..=2 * pushed).contains(&published) {
                break;
            }
        }
    })
    .await;
    assert_eq!(app.metric("dropped_total", "reason=\"quota\"").await, 0);
    drop(deaf);
}
