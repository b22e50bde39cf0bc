//! Who may publish, and what is refused with which words.

use reqwest::StatusCode;

use crate::app::{App, KEY, code, header, seconds_of};
use crate::fixture::{Encoder, plain};

#[tokio::test]
async fn only_who_knows_the_key_may_publish() {
    let app = App::start().await;
    let rows = [
        ("/publish/main/a", None, 401, "unauthorized"),
        ("/publish/main/a?key=wrong", None, 401, "unauthorized"),
        ("/publish/main/a", Some("Bearer wrong"), 401, "unauthorized"),
        ("/publish/other/a?key=the-key", None, 404, "unknown_stream"),
        ("/publish/main/a%2Fb?key=the-key", None, 400, "bad_name"),
    ];
    for (path, bearer, status, expected) in rows {
        let mut request = app.client.put(app.at(path)).body("x");
        if let Some(bearer) = bearer {
            request = request.header("authorization", bearer);
        }
        let response = request.send().await.expect("it answers");
        assert_eq!(header(&response, "www-authenticate"), if status == 401 { "Bearer" } else { "" });
        assert_eq!(code(response).await, (status, expected.to_owned()), "{path}");
    }
}

#[tokio::test]
async fn post_with_a_bearer_key_publishes_like_put_with_a_query() {
    let app = App::start().await;
    let body = seconds_of(&mut Encoder::new(50), 5);
    let request = app.client.post(app.at("/publish/main/a")).bearer_auth(KEY).body(body);
    let response = request.send().await.expect("it answers");
    assert_eq!(response.status(), StatusCode::OK);
    assert!(app.text("/live/main/a/index.m3u8").await.contains("#EXTINF"));
}

#[tokio::test]
async fn a_second_publisher_of_a_live_rendition_gets_409_and_the_first_goes_on() {
    let app = App::start().await;
    let mut first = app.publish("a").await;
    assert_eq!(code(app.put("a", Encoder::new(50).init()).await).await, (409, String::from("busy")));
    first.fragments(11).await;
    app.until("/live/main/a/index.m3u8", |status, _| status.is_success()).await;
    assert_eq!(first.end().await.status(), StatusCode::OK);
}

#[tokio::test]
async fn bad_bodies_are_refused_with_what_is_wrong() {
    let app = App::start().await;
    let mut encoder = Encoder::new(50);
    let whole = seconds_of(&mut encoder, 3);
    let rows = [
        (b"GIF89a, not MP4 at all".to_vec(), "maximum is"),
        (plain(b"mdat", b"data"), "moov"),
        ([Encoder::new(50).init(), plain(b"mdat", b"data")].concat(), "frag_keyframe"),
        (whole[..whole.len() - 1].to_vec(), "1 bytes before its end"),
    ];
    for (body, words) in rows {
        let response = app.put("bad", body).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{words}");
        let text = response.text().await.expect("text");
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn what_came_before_a_fault_is_played_on() {
    let app = App::start().await;
    let body = [seconds_of(&mut Encoder::new(50), 5), plain(b"mdat", b"stray")].concat();
    assert_eq!(app.put("a", body).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(app.text("/live/main/a/index.m3u8").await.matches("#EXTINF").count(), 3);
}
