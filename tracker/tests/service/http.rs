//! The HTTP beside the WebSocket.

use super::app::{App, Speaks};

#[tokio::test]
async fn plain_requests_by_status_and_words() {
    let app = App::start().await;
    let rows = [
        ("GET / HTTP/1.1\r\nhost: t\r\n\r\n", "200 OK", "This is a Shoal tracker"),
        ("GET /announce?info_hash=x HTTP/1.1\r\n\r\n", "200 OK", "WebSocket"),
        ("GET /health HTTP/1.1\r\n\r\n", "200 OK", "{\"status\":\"ok\"}"),
        ("GET /metrics HTTP/1.1\r\n\r\n", "200 OK", "shoal_tracker_peers 0"),
        ("GET /nowhere HTTP/1.1\r\n\r\n", "404 Not Found", "This is a Shoal tracker"),
        ("POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n", "405 Method Not Allowed", "allow: GET"),
        ("GET / HTTP/1.0\r\n\r\n", "400 Bad Request", "This is no HTTP/1.1 request"),
        ("\u{1}\u{2}\u{3}\r\n\r\n", "400 Bad Request", "This is no HTTP/1.1 request"),
        ("GET / HTTP/1.1\r\nupgrade: websocket\r\n\r\n", "400 Bad Request", "handshake is incomplete"),
        (
            "GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 8\r\n\r\n",
            "426 Upgrade Required",
            "sec-websocket-version: 13",
        ),
    ];
    for (request, status, words) in rows {
        let response = app.http(request).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{request:?}: {response}");
        assert!(response.contains(words), "{request:?}: {response}");
    }
}

#[tokio::test]
async fn a_head_of_8192_bytes_is_taken_and_one_of_8193_is_not() {
    let app = App::start().await;
    for (length, status) in [(8_192, "200"), (8_193, "431")] {
        let frame = "GET / HTTP/1.1\r\nx: \r\n\r\n";
        let padding = "x".repeat(length - frame.len());
        let response = app.http(&format!("GET / HTTP/1.1\r\nx: {padding}\r\n\r\n")).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{length}: {response}");
    }
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let app = App::start().await;
    let mut client = app.client(Speaks::Json, 1).await;
    client.join().await;
    for (name, value) in [("connections", 1), ("swarms", 1), ("peers", 1), ("announces_total", 1)] {
        assert_eq!(app.metric(name).await, value, "{name}");
    }
}
