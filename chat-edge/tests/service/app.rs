//! A chat edge to test, and its push API.

use std::future::Future;
use std::net::SocketAddr;

use chat_edge::serve::{ChatEdge, Config, Reloader};
use serde_json::Value;
pub(crate) use service::testing::soon;
use service::testing::{Running, exchange, sum_of_samples};
use tokio::net::TcpStream;

pub(crate) struct App {
    pub(crate) address: SocketAddr,
    pub(crate) api: SocketAddr,
    pub(crate) web: SocketAddr,
    pub(crate) reloader: Reloader,
    running: Running<()>,
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        // What a test keeps is gone with it, unless it says where it goes.
        let kept = config.store != Config::default().store;
        let store = if kept { config.store.clone() } else { "memory".into() };
        let config = Config { listen: vec![any].into(), api_listen: any, web_listen: any, store, ..config };
        let edge = ChatEdge::load(config).await.unwrap();
        // A process without viewers has no address for them.
        let address = edge.addresses().first().copied().unwrap_or(any);
        let (api, web) = (edge.api_address(), edge.web_address());
        let reloader = edge.reloader();
        let running = Running::start(|shutdown| edge.run(shutdown));
        Self { address, api, web, reloader, running }
    }

    /// Asks the chat edge to stop; resolves when it has.
    pub(crate) fn stop(self) -> impl Future<Output = ()> {
        self.running.stop()
    }

    pub(crate) async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// The body of a response of the API.
    pub(crate) async fn http(&self, method: &str, path: &str, body: &[u8]) -> String {
        Self::http_at(self.api, method, path, body).await.1
    }

    /// Head and body of a response of an address.
    pub(crate) async fn http_at(at: SocketAddr, method: &str, path: &str, body: &[u8]) -> (String, String) {
        Self::http_with(at, method, path, "", body).await
    }

    /// The same with headers of one's own, each with its line's end.
    pub(crate) async fn http_with(
        at: SocketAddr,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> (String, String) {
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: chat\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
        );
        let response = exchange(at, &[head.as_bytes(), body].concat()).await;
        let response = String::from_utf8(response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").expect("a head");
        let chunked = head.contains("transfer-encoding: chunked");
        (head.to_owned(), if chunked { unchunked(body) } else { body.to_owned() })
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.http("GET", path, b"").await).unwrap()
    }

    /// Pushes, and the outcome's code.
    pub(crate) async fn push(&self, what: &str, body: &[u8]) -> i64 {
        let reply = self.http("POST", &format!("/goim/push/{what}"), body).await;
        serde_json::from_str::<Value>(&reply).unwrap()["code"].as_i64().unwrap()
    }

    /// Pushes to a room of kind `live`, and it must be taken.
    pub(crate) async fn push_room(&self, room: &str, body: &[u8]) {
        assert_eq!(self.push(&format!("room?operation=1000&type=live&room={room}"), body).await, 0);
    }

    /// The sum of the samples of a metric whose labels contain `label`.
    pub(crate) async fn metric(&self, name: &str, label: &str) -> u64 {
        let page = self.http("GET", "/metrics", b"").await;
        sum_of_samples(&page, &format!("shoal_chat_{name}"), label).unwrap_or(0)
    }

    /// What was published to members, delivered and dropped, as of one moment.
    pub(crate) async fn books(&self) -> [u64; 3] {
        let page = self.http("GET", "/metrics", b"").await;
        ["published_total", "delivered_total", "dropped_total"]
            .map(|name| sum_of_samples(&page, &format!("shoal_chat_{name}"), "").unwrap_or(0))
    }

    /// Waits until a metric has this value.
    pub(crate) async fn until(&self, name: &str, label: &str, value: u64) {
        soon(async { while self.metric(name, label).await != value {} }).await;
    }
}

/// The body of a response that came in chunks (RFC 9112 §7.1).
fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).expect("a chunk's length");
        whole.push_str(&rest[..length]);
        body = &rest[length + 2..];
    }
    whole
}
