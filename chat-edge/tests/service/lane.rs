//! Pushes that come one behind the other over one connection, and other requests between them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::app::{App, soon};
use super::client::{Client, Over};

const DONE: &str = "{\"code\":0,\"message\":\"\"}";

fn push(query: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /goim/push/{query} HTTP/1.1\r\nhost: chat\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
}

/// The bodies of so many responses, and the heads.
async fn responses(stream: &mut TcpStream, count: usize) -> Vec<(String, String)> {
    let (mut text, mut found) = (String::new(), Vec::new());
    while found.len() < count {
        let whole = text.split_once("\r\n\r\n").and_then(|(head, rest)| {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
            let (body, rest) = rest.split_at_checked(length.parse().ok()?)?;
            Some((head, body.to_owned(), rest.to_owned()))
        });
        if let Some((head, body, rest)) = whole {
            found.push((head, body));
            text = rest;
            continue;
        }
        let mut bytes = [0; 4_096];
        let length = soon(stream.read(&mut bytes)).await.unwrap();
        assert!(length > 0, "it ended after {} responses: {text}", found.len());
        text.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
    }
    found
}

#[tokio::test]
async fn what_comes_in_one_go_is_answered_in_its_order_and_reaches_the_room_in_it() {
    let app = App::start().await;
    let mut viewer = Client::join(&app, Over::Tcp, r#"{"room_id":"live://1"}"#).await;
    let mut stream = TcpStream::connect(app.api).await.unwrap();
    let room = "room?operation=1000&type=live&room=1";
    let requests: String = (0..50)
        .map(|number| match number {
            // Refused, and by the other way of reading requests as well.
            7 => push("room?operation=0&type=live&room=1", "", "x"),
            _ => push(room, "", &number.to_string()),
        })
        .collect();
    stream.write_all(requests.as_bytes()).await.unwrap();
    for (number, (head, body)) in responses(&mut stream, 50).await.into_iter().enumerate() {
        assert!(head.starts_with("http/1.1 200 ok") && head.contains("date: "), "{head}");
        assert_eq!(body == DONE, number != 7, "{number}: {body}");
    }
    let heard = viewer.hear_count(49).await;
    let wanted = (0..50).filter(|number| *number != 7).map(|number| number.to_string());
    assert!(heard.iter().map(|push| push.text().to_owned()).eq(wanted));
    // With another request, whole behind a push and half of the next, the connection goes on.
    let ready = "GET /ready HTTP/1.1\r\nhost: chat\r\n\r\n";
    let next = push(room, "", "last");
    let (first, second) = next.split_at(30);
    stream.write_all([push(room, "", "x").as_str(), ready, first].concat().as_bytes()).await.unwrap();
    let answered = responses(&mut stream, 2).await;
    assert_eq!((answered[0].1.as_str(), answered[1].1.as_str()), (DONE, "{\"status\":\"ready\"}\n"));
    stream.write_all(second.as_bytes()).await.unwrap();
    assert_eq!(responses(&mut stream, 1).await[0].1, DONE);
    assert_eq!(viewer.hear_count(2).await[1].text(), "last");
    assert_eq!(app.metric("pushes_total", "").await, 51);
    assert_eq!(app.metric("pushes_refused_total", "").await, 1);
}

#[tokio::test]
async fn a_request_is_answered_alike_whichever_way_it_is_read() {
    let app = App::start().await;
    let rows = [
        "room?operation=1000&type=live&room=1",
        "room?operation=1000&type=%6Cive&room=a+b%20c",
        "room?operation=x&type=live&room=1",
        "room?operation=1000&type=live&room=1&class=gold",
        "keys?operation=1000&keys=a&keys=b",
        "keys?operation=1000",
        "mids?operation=1000&mids=7&mids=x",
        "all?operation=1000",
        "all",
    ];
    for query in rows {
        let mut bodies = Vec::new();
        for headers in ["", "connection: close\r\n"] {
            let mut stream = TcpStream::connect(app.api).await.unwrap();
            stream.write_all(push(query, headers, "x").as_bytes()).await.unwrap();
            bodies.push(responses(&mut stream, 1).await.remove(0).1);
        }
        assert_eq!(bodies[0], bodies[1], "{query}");
    }
}

#[tokio::test]
async fn whoever_does_not_read_its_answers_is_not_read_from_and_others_go_on() {
    let app = App::start().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut flood = socket.connect(app.api).await.unwrap();
    let request = push("all?operation=1000", "", "x").repeat(64);
    // It is pushed back: a write waits, long before all memory is its own.
    let pushing = async {
        loop {
            flood.write_all(request.as_bytes()).await.unwrap();
        }
    };
    tokio::select! {
        () = pushing => {}
        () = soon(async {
            let mut last = 0;
            // Until nothing more of it is taken between two looks.
            loop {
                app.push_room("1", b"x").await;
                let taken = app.metric("pushes_total", "").await;
                if taken == last + 1 && taken > 100 {
                    break;
                }
                last = taken;
            }
        }) => {}
    }
}
