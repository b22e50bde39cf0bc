//! A room's past over HTTP: a page before a place, what lies between two places, what was said between two moments; from
//! memory, and from the store where memory has forgotten.

use chat_edge::serve::Config;
use serde_json::{Value, json};

use super::app::App;
use super::people::ROOM;

/// More than a room remembers.
const MANY: u64 = 300;

fn texts(page: &Value) -> Vec<String> {
    let comments = page["comments"].as_array().unwrap();
    comments.iter().map(|comment| comment["text"].as_str().unwrap().to_owned()).collect()
}

fn spoken(text: u64) -> Vec<u8> {
    let event = json!({"cmd": "DANMU_MSG", "info": [[0, 1, 25, 255, 0], text.to_string(), [7, "seven", 0]]});
    event.to_string().into_bytes()
}

/// A room with so many lines, their epoch, and its moment.
async fn room(app: &App, lines: u64) -> (u64, u64) {
    for text in 1..=lines {
        app.push_room("1", &spoken(text)).await;
    }
    let last = app.must("", "GET", &format!("{ROOM}/comments"), json!(null), 200).await;
    let last = last["comments"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["sequence"], lines);
    (last["epoch"].as_u64().unwrap(), last["at_ms"].as_u64().unwrap())
}

async fn page(app: &App, query: &str) -> Value {
    app.must("", "GET", &format!("{ROOM}/comments?{query}"), json!(null), 200).await
}

fn numbered(range: std::ops::RangeInclusive<u64>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn pages_go_back_to_the_first_line_whether_memory_or_the_store_has_them() {
    let app = App::start().await;
    let (epoch, _) = room(&app, MANY).await;
    let rows = [
        (format!("before={epoch}.{}&limit=3", MANY + 1), numbered(MANY - 2..=MANY), true),
        (format!("before={epoch}.41&limit=40"), numbered(1..=40), true),
        (format!("before={epoch}.40&limit=40"), numbered(1..=39), false),
        (format!("before={epoch}.1"), vec![], false),
    ];
    for (query, wanted, more) in rows {
        let page = page(&app, &query).await;
        assert_eq!((texts(&page), &page["more"]), (wanted, &json!(more)), "{query}");
    }
}

#[tokio::test]
async fn what_lies_between_two_places_comes_whole_with_what_was_taken_back_there() {
    let app = App::with(Config { user_comments_per_10s: 1_000, ..Config::default() }).await;
    let (epoch, _) = room(&app, 2).await;
    let (viewer, moderator) = (app.token_of(7, "viewer").await, app.token_of(8, "moderator").await);
    let gone = app.say(&viewer, "gone").await;
    app.say(&viewer, "stays").await;
    app.must(&moderator, "DELETE", &format!("{ROOM}/comments/{gone}"), json!(null), 204).await;
    // 1 and 2, "gone", "stays", the recall; then as many as make memory forget them.
    for text in 6..=MANY {
        app.push_room("1", &spoken(text)).await;
    }
    for (after, before) in [(1, 7), (MANY - 3, MANY)] {
        let page = page(&app, &format!("after={epoch}.{after}&before={epoch}.{before}&limit=200")).await;
        assert_eq!(page["whole"], json!(true), "{page}");
        let early = after == 1;
        let wanted: Vec<String> = if early {
            ["2", "stays", "6"].map(str::to_owned).to_vec()
        } else {
            numbered(MANY - 2..=MANY - 1)
        };
        let taken_back = if early { json!([gone]) } else { json!([]) };
        assert_eq!((texts(&page), &page["recalled"]), (wanted, &taken_back), "{after} {before}");
    }
    let beyond = page(&app, &format!("after={epoch}.1&before={epoch}.{}&limit=5", MANY * 2)).await;
    assert_eq!((&beyond["whole"], &beyond["more"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn a_moment_brings_what_was_said_then_and_too_wide_a_one_is_refused() {
    let app = App::start().await;
    let (_, at) = room(&app, MANY).await;
    let page = page(&app, &format!("from={}&until={}&limit=200", at - 500_000, at + 1)).await;
    assert_eq!((texts(&page), &page["more"]), (numbered(1..=200), &json!(true)));
    let early = format!("{ROOM}/comments?from=1&until=2");
    assert_eq!(texts(&app.must("", "GET", &early, json!(null), 200).await), Vec::<String>::new());
    for query in ["from=1&until=600002", "from=1", "before=x", "limit=201", "nonsense=1"] {
        app.refused("", "GET", &format!("{ROOM}/comments?{query}"), json!(null), 400, "query").await;
    }
}
