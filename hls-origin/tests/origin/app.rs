//! An origin of its own for each test: port and directory by the system, numbers from 100.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use hls_origin::serve::{Config, Origin, StreamConfig, StreamKey};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::fixture::Encoder;

/// The key that every test publishes with.
pub(crate) const KEY: &str = "the-key";
/// Times that something is asked for before it counts as never coming; each is a round trip.
const TRIES: usize = 20_000;

/// A running origin.
pub(crate) struct App {
    pub(crate) client: Client,
    pub(crate) url: String,
    pub(crate) ops: String,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
    directory: Option<TempDir>,
}

/// An encoder whose body stays open.
pub(crate) struct Publisher {
    pub(crate) encoder: Encoder,
    body: mpsc::Sender<Bytes>,
    pub(crate) response: JoinHandle<Response>,
}

/// A configuration for a test, with its state in that directory.
pub(crate) fn config(state_dir: &Path) -> Config {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let key = Some(StreamKey(KEY.to_owned()));
    Config {
        listen: any,
        ops_listen: Some(any),
        state_dir: state_dir.to_owned(),
        streams: [(String::from("main"), StreamConfig { key })].into(),
        trackers: vec![String::from("ws://127.0.0.1:8000/")],
        ..Config::default()
    }
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let saved = json!({ "id": "i", "key": null, "next_msn": 100, "dsn": 0, "target_s": null,
                            "continued": false, "renditions": [] });
        let state = json!({ "signing_key": "07".repeat(32), "streams": { "main": saved } });
        std::fs::write(directory.path().join("origin.json"), state.to_string()).expect("written");
        let mut config = config(directory.path());
        change(&mut config);
        let mut app = Self::run(config).await;
        app.directory = Some(directory);
        app
    }

    pub(crate) async fn run(config: Config) -> Self {
        let origin = Origin::load(config).await.expect("it loads");
        let url = origin.public_url();
        let ops = format!("http://{}", origin.ops_addr().expect("it is on"));
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let stopped = async move {
                let _ = stopped.await;
            };
            origin.run(stopped).await.expect("it runs");
        });
        Self { client: Client::new(), url, ops, stop: Some(stop), running, directory: None }
    }

    /// Stops it in order; what it kept is in the directory returned.
    pub(crate) async fn stop(mut self) -> Option<TempDir> {
        drop(self.stop.take());
        self.running.await.expect("it ends");
        self.directory
    }

    /// Stops it as a crash would, with nothing written.
    pub(crate) async fn crash(self) -> Option<TempDir> {
        self.running.abort();
        assert!(self.running.await.is_err());
        self.directory
    }

    /// Asks it to stop, and does not wait.
    pub(crate) fn begin_stop(&mut self) {
        drop(self.stop.take());
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(self.at(path)).send().await.expect("it answers")
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.client.get(self.at(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("it answers")
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        self.get(path).await.text().await.expect("text")
    }

    /// Asks until the answer suits.
    pub(crate) async fn until(&self, path: &str, suits: impl Fn(StatusCode, &[u8]) -> bool) -> Bytes {
        for _ in 0..TRIES {
            let response = self.get(path).await;
            let status = response.status();
            let body = response.bytes().await.expect("a body");
            if suits(status, &body) {
                return body;
            }
        }
        panic!("{path} never became so");
    }

    /// Publishes this whole body and waits until it has been taken.
    pub(crate) async fn put(&self, rendition: &str, body: Vec<u8>) -> Response {
        let url = self.at(&format!("/publish/main/{rendition}?key={KEY}"));
        self.client.put(url).body(body).send().await.expect("it answers")
    }

    /// Publishes so many seconds in 2 s groups, and waits until they have been taken.
    pub(crate) async fn put_seconds(&self, rendition: &str, seconds: u32) {
        let response = self.put(rendition, seconds_of(&mut Encoder::new(50), seconds)).await;
        assert_eq!(response.status(), StatusCode::OK);
    }

    /// Begins to publish, and stays.
    pub(crate) async fn publish(&self, rendition: &str) -> Publisher {
        let (body, chunks) = mpsc::channel::<Bytes>(64);
        let stream = futures_util::stream::unfold(chunks, |mut chunks| async {
            let chunk = chunks.recv().await?;
            Some((Ok::<_, std::convert::Infallible>(chunk), chunks))
        });
        let url = self.at(&format!("/publish/main/{rendition}?key={KEY}"));
        let request = self.client.put(url).body(reqwest::Body::wrap_stream(stream));
        let response = tokio::spawn(async move { request.send().await.expect("it answers") });
        let publisher = Publisher { encoder: Encoder::new(50), body, response };
        publisher.send(publisher.encoder.init()).await;
        self.until("/ops/streams", |_, body| {
            let streams: Value = serde_json::from_slice(body).expect("JSON");
            streams["main"][rendition] == "live"
        })
        .await;
        publisher
    }

    /// The address of a path on the listener that has it.
    pub(crate) fn at(&self, path: &str) -> String {
        let is_for_operators = path.starts_with("/ops/") || path == "/metrics";
        format!("{}{path}", if is_for_operators { &self.ops } else { &self.url })
    }

    /// Where the state is kept.
    pub(crate) fn state_dir(&self) -> PathBuf {
        self.directory.as_ref().expect("it has one").path().to_owned()
    }
}

impl Publisher {
    pub(crate) async fn send(&self, bytes: Vec<u8>) {
        self.body.send(Bytes::from(bytes)).await.expect("the origin still reads");
    }

    /// Sends so many fragments of five frames.
    pub(crate) async fn fragments(&mut self, count: usize) {
        for _ in 0..count {
            let bytes = self.encoder.fragment(5);
            self.send(bytes).await;
        }
    }

    /// Ends the body in order.
    pub(crate) async fn end(self) -> Response {
        drop(self.body);
        self.response.await.expect("it answers")
    }
}

/// A body of so many seconds.
pub(crate) fn seconds_of(encoder: &mut Encoder, seconds: u32) -> Vec<u8> {
    let mut body = encoder.init();
    (0..seconds * 5).for_each(|_| body.extend(encoder.fragment(5)));
    body
}

/// The code of a JSON error.
pub(crate) async fn code(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.expect("errors are JSON");
    assert!(body["error"]["message"].as_str().is_some_and(|message| message.len() > 20), "{body}");
    (status, body["error"]["code"].as_str().expect("a code").to_owned())
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}
