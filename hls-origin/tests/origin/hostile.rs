//! The HTTP door against anything: every answer is one that the documents know, and the origin serves on.

use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestError, TestRunner};
use serde_json::Value;

use crate::app::{App, KEY, seconds_of};
use crate::fixture::Encoder;
use crate::raw::{Answer, exchange};

/// Rounds, and requests at once in each. A round may wait one target duration, which is 1 s here.
const ROUNDS: u32 = 24;
const AT_ONCE: usize = 32;

/// A request that HTTP allows, whatever it means.
#[derive(Clone, Debug)]
struct Request {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

impl Request {
    fn bytes(&self) -> Vec<u8> {
        let Self { method, target, headers, body } = self;
        let mut bytes =
            format!("{method} {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n").into_bytes();
        for (name, value) in headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if !body.is_empty() {
            bytes.extend(format!("content-length: {}\r\n", body.len()).into_bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(body);
        bytes
    }
}

/// Parts of paths that mean something somewhere, or are nasty everywhere.
const PARTS: [&str; 34] = [
    "live",
    "main",
    "publish",
    "a",
    "a",
    "main",
    "100",
    "101",
    "102",
    "105",
    "blocks",
    "hashes",
    "0",
    "1",
    "master.m3u8",
    "index.m3u8",
    "shoal.json",
    "health",
    "metrics",
    "ops",
    "",
    ".",
    "..",
    "%2e%2e",
    "%2f",
    "%00",
    "%ff",
    "%",
    "%zz",
    "-1",
    "18446744073709551615",
    "99999999999999999999",
    "x-100.m4s",
    "{stream}",
];

fn target() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        6 => select(&PARTS[..]).prop_map(str::to_owned),
        1 => "[!-\"$->@-~]{1,12}",
        1 => (1_usize..400).prop_map(|count| "n".repeat(count)),
    ];
    let number = || prop_oneof![99_u64..106, any::<u64>(), Just(1_000_000)];
    let path = prop_oneof![
        4 => vec(part, 0..7).prop_map(|parts| format!("/{}", parts.join("/"))),
        2 => (number(), number()).prop_map(|(msn, block)| format!("/live/main/a/{msn}/blocks/{block}")),
        1 => number().prop_map(|msn| format!("/live/main/a/{msn}/hashes")),
        1 => select(&["/live/main/a/index.m3u8", "/live/main/master.m3u8", "/live/main/shoal.json", "*"][..])
            .prop_map(str::to_owned),
        1 => "[!-~&&[^#]]{1,20}",
    ];
    let query = prop_oneof![
        4 => Just(String::new()),
        1 => select(&[
            "?", "?key=the-key", "?key=wrong", "?key=a&key=b", "?key", "?blocks=0", "?blocks=-1", "?blocks=1&blocks=2",
            "?blocks=18446744073709551615", "?blocks=18446744073709551616", "?%ff=%ff", "?key=%zz", "?_HLS_msn=9",
        ][..]).prop_map(str::to_owned),
        1 => "\\?[!-\"$-~]{0,30}",
    ];
    (path, query).prop_map(|(path, query)| path + &query)
}

fn header() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let names = [
        "range",
        "range",
        "range",
        "if-range",
        "if-none-match",
        "accept-encoding",
        "authorization",
        "origin",
        "access-control-request-headers",
        "access-control-request-method",
        "content-type",
        "content-encoding",
        "if-modified-since",
        "accept",
        "x-forwarded-for",
    ];
    let number = || prop_oneof![0_u64..200_000, any::<u64>()].prop_map(|number| number.to_string());
    let value = prop_oneof![
        2 => (number(), number()).prop_map(|(first, last)| format!("bytes={first}-{last}").into_bytes()),
        1 => number().prop_map(|number| format!("bytes=-{number}").into_bytes()),
        1 => number().prop_map(|number| format!("bytes={number}-").into_bytes()),
        2 => select(&[
            "bytes=", "bytes=-", "bytes=0-0,2-3", "Bytes=0-1", "bytes=1--2", "*", "\"x\"", "W/\"x\", *", "gzip;q=",
            "gzip", "gzip;q=0", "Bearer ", "Bearer the-key", "Basic eDp5", "x-a, x-b", "x\"", "",
        ][..]).prop_map(|value| value.as_bytes().to_vec()),
        1 => vec(prop_oneof![0x21_u8..0x7f, 0x80_u8..=0xff], 0..40),
    ];
    (select(names.to_vec()), value)
}

fn request() -> impl Strategy<Value = Request> {
    let methods = vec![
        "GET", "GET", "GET", "GET", "HEAD", "PUT", "POST", "OPTIONS", "DELETE", "PATCH", "TRACE", "BREW",
    ];
    (select(methods), target(), vec(header(), 0..4), vec(any::<u8>(), 0..40)).prop_map(
        |(method, target, headers, body)| {
            let body = if matches!(method, "PUT" | "POST" | "PATCH") { body } else { Vec::new() };
            Request { method, target, headers, body }
        },
    )
}

/// What an encoder might have sent, cut off, overwritten, with a piece of it twice.
fn broken_media() -> impl Strategy<Value = Vec<u8>> {
    let shape = (select(vec![5_u32, 12, 50]), 1_usize..14, any::<bool>());
    let changes = vec((any::<prop::sample::Index>(), any::<u8>()), 0..12);
    let cut = prop::option::of(any::<prop::sample::Index>());
    let twice = prop::option::of((any::<prop::sample::Index>(), 1_usize..3_000));
    (shape, changes, cut, twice).prop_map(|((gop, fragments, audio), changes, cut, twice)| {
        let mut encoder = Encoder { frame_bytes: 60, audio, ..Encoder::new(gop) };
        let mut body = encoder.init();
        (0..fragments).for_each(|_| body.extend(encoder.fragment(5)));
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Some((at, len)) = twice {
            let at = at.index(body.len());
            let piece = body[at..body.len().min(at + len)].to_vec();
            body.splice(at..at, piece);
        }
        body.truncate(cut.map_or(body.len(), |cut| cut.index(body.len())));
        body
    })
}

fn publish() -> impl Strategy<Value = Request> {
    let query = select(vec!["?key=the-key", "?key=the-key", "?key=the-key", "?key=wrong", ""]);
    let rendition = select(vec!["a", "b", "c", "d", "e", "f%2f", "..", "q"]);
    (select(vec!["PUT", "POST"]), rendition, query, broken_media()).prop_map(
        |(method, rendition, query, body)| {
            let target = format!("/publish/main/{rendition}{query}");
            Request { method, target, headers: Vec::new(), body }
        },
    )
}

/// An origin with a page, a stream that plays, and one that nobody touches.
fn origin(runtime: &tokio::runtime::Runtime, page: &tempfile::TempDir) -> App {
    std::fs::write(page.path().join("index.html"), "<!doctype html>").expect("written");
    let directory = page.path().to_owned();
    runtime.block_on(async {
        let app = App::start_with(|config| {
            config.page_dir = Some(directory);
            config.streams.insert(String::from("steady"), config.streams["main"].clone());
            config.target_duration_ms = 500;
            config.limits.ingest_first_ms = 300;
            config.limits.ingest_idle_ms = 300;
        })
        .await;
        let body = seconds_of(&mut Encoder::new(12), 3);
        assert_eq!(app.put("a", body).await.status(), reqwest::StatusCode::OK);
        app
    })
}

/// Says what is wrong with an answer.
fn fault(request: &Request, answer: Option<&Answer>) -> Option<String> {
    let Some(answer) = answer else { return Some(String::from("no answer: did it panic?")) };
    if answer.status >= 500 && (answer.status != 503 || answer.header("retry-after").is_none()) {
        return Some(format!("an answer that no document knows: {answer:?}"));
    }
    if answer.status == 404 && answer.header("retry-after").is_some() {
        return Some(format!("a time for what is not there: {answer:?}"));
    }
    // What is no HTTP is refused before any of our code sees it, without CORS and without words.
    let is_ours = answer.header("access-control-allow-origin").is_some();
    let is_no_http = !is_ours && [400, 414, 431].contains(&answer.status) && answer.body.is_empty();
    if answer.status < 400 || request.method == "HEAD" || is_no_http {
        return None;
    }
    let error = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    let says =
        |name: &str, least: usize| error["error"][name].as_str().is_some_and(|text| text.len() >= least);
    let is_json = answer.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    (!is_json || !says("code", 3) || !says("message", 15)).then(|| format!("no words: {answer:?}"))
}

/// Runs rounds of requests, then asks whether the origin still takes and serves a stream.
fn withstands(requests: impl Strategy<Value = Request>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let page = tempfile::tempdir().expect("a directory");
    let app = origin(&runtime, &page);
    let config =
        Config { cases: ROUNDS, max_shrink_iters: 100, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&vec(requests, 1..AT_ONCE), |requests| {
        let sent = requests.iter().map(|request| {
            let (app, bytes) = (&app, request.bytes());
            async move { exchange(app, &bytes).await }
        });
        let answers = runtime.block_on(join_all(sent));
        for (request, answer) in requests.iter().zip(&answers) {
            let fault = fault(request, answer.as_ref());
            prop_assert!(fault.is_none(), "{request:?}: {}", fault.unwrap_or_default());
        }
        Ok(())
    });
    match outcome {
        Ok(()) => runtime.block_on(serves(&app)),
        Err(TestError::Fail(reason, _) | TestError::Abort(reason)) => panic!("{reason}"),
    }
}

/// The origin takes a publisher and serves what it sent.
async fn serves(app: &App) {
    let body = seconds_of(&mut Encoder::new(50), 5);
    let url = app.at(&format!("/publish/steady/a?key={KEY}"));
    let taken = app.client.put(url).body(body).send().await.expect("it answers");
    assert_eq!(taken.status(), reqwest::StatusCode::OK);
    let playlist = app.text("/live/steady/a/index.m3u8").await;
    assert_eq!(playlist.matches("#EXTINF").count(), 3, "{playlist}");
    let segment = playlist.lines().find(|line| line.ends_with(".m4s")).expect("listed");
    assert_eq!(app.get(&format!("/live/steady/a/{segment}")).await.status(), reqwest::StatusCode::OK);
    assert_eq!(app.text("/health").await, "{\"status\":\"ok\"}");
}

#[test]
fn any_request_gets_an_answer_in_words_and_the_origin_serves_on() {
    withstands(request());
}

#[test]
fn any_body_at_the_publishers_door_gets_an_answer_in_words_and_the_origin_serves_on() {
    withstands(prop_oneof![4 => publish(), 1 => request()]);
}

#[test]
fn noise_in_place_of_http_is_survived() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let page = tempfile::tempdir().expect("a directory");
    let app = origin(&runtime, &page);
    let lines = select(vec![
        "GET / HTTP/1.1\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "PUT /publish/main/a?key=the-key HTTP/1.1\r\nhost: a\r\n",
        "transfer-encoding: chunked\r\n",
        "content-length: 9\r\n",
        "\r\n",
        "ffffffffffffffff\r\n",
        "5\r\nab",
    ]);
    let piece = prop_oneof![lines.prop_map(|line| line.as_bytes().to_vec()), vec(any::<u8>(), 0..60)];
    let config = Config { cases: ROUNDS, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&vec(vec(piece, 0..8), 1..AT_ONCE), |noises| {
        let sent = noises.iter().map(|noise| {
            let (app, bytes) = (&app, noise.concat());
            async move { half(app, &bytes).await }
        });
        for answer in runtime.block_on(join_all(sent)).into_iter().flatten() {
            prop_assert!(answer.status < 500 || answer.status == 503, "{answer:?}");
        }
        Ok(())
    });
    assert!(outcome.is_ok(), "{outcome:?}");
    runtime.block_on(serves(&app));
}

/// Sends bytes, then nothing for ever; the answer, if there is one.
async fn half(app: &App, bytes: &[u8]) -> Option<Answer> {
    use tokio::io::AsyncWriteExt as _;
    let mut stream = crate::raw::connect(app).await;
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    Answer::parse(&crate::raw::rest(&mut stream).await)
}
