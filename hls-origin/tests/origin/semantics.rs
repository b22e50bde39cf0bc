//! Conditional requests and ranges against a model of RFC 9110 §13 and §14, and requests larger than any that is meant.

use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;

use crate::app::{App, header, seconds_of};
use crate::fixture::Encoder;
use crate::raw::exchange;

/// Requests of each property; each is a round trip on a connection that is open.
const CASES: u32 = 384;
/// Bytes and lines of headers that every server takes, and ours. Past it a request may be refused.
const HEADERS_BYTES_FINE: usize = 60_000;
const HEADERS_FINE: usize = 90;

/// What a Range header asks for, before it is text.
#[derive(Clone, Debug)]
enum Wanted {
    FromTo(usize, usize),
    From(usize),
    Last(usize),
    /// What a server must ignore: it is of no unit that we know, or no range.
    Nonsense(&'static str),
}

impl Wanted {
    fn text(&self) -> String {
        match self {
            Self::FromTo(first, last) => format!("bytes={first}-{last}"),
            Self::From(first) => format!("BYTES={first}-"),
            Self::Last(count) => format!("bytes=-{count}"),
            Self::Nonsense(text) => (*text).to_owned(),
        }
    }

    /// The bytes of an object of that length; `None` to ignore the header, an empty range where there are none.
    fn of(&self, len: usize) -> Option<core::ops::Range<usize>> {
        match *self {
            Self::FromTo(first, last) if first > last => None,
            Self::FromTo(first, last) => Some(first.min(len)..(last + 1).min(len)),
            Self::From(first) => Some(first.min(len)..len),
            Self::Last(count) => Some(len - count.min(len)..len),
            Self::Nonsense(_) => None,
        }
    }
}

/// A validator, told in terms of the object's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Absent,
    Current,
    Weak,
    Listed,
    Any,
    Other,
}

impl Tag {
    fn text(self, etag: &str) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Current => Some(etag.to_owned()),
            Self::Weak => Some(format!("W/{etag}")),
            Self::Listed => Some(format!("\"other\", {etag}")),
            Self::Any => Some("*".to_owned()),
            Self::Other => Some("\"other\"".to_owned()),
        }
    }
}

#[derive(Clone, Debug)]
struct Request {
    object: usize,
    method: Method,
    range: Option<Wanted>,
    if_range: Tag,
    if_none_match: Tag,
}

fn request() -> impl Strategy<Value = Request> {
    let at = || prop_oneof![0_usize..300, 61_400_usize..61_500, 0_usize..500_000];
    let wanted = prop_oneof![
        3 => (at(), at()).prop_map(|(first, last)| Wanted::FromTo(first, last)),
        1 => at().prop_map(Wanted::From),
        1 => at().prop_map(Wanted::Last),
        1 => select(&["bytes", "bytes=", "bytes=-", "bytes=a-b", "lines=0-5", "bytes=0-1,3-4", "0-5"][..])
            .prop_map(Wanted::Nonsense),
    ];
    let if_range = select(vec![Tag::Absent, Tag::Absent, Tag::Current, Tag::Weak, Tag::Other]);
    let none_match =
        vec![Tag::Absent, Tag::Absent, Tag::Current, Tag::Weak, Tag::Listed, Tag::Any, Tag::Other];
    let method = select(vec![Method::GET, Method::GET, Method::HEAD]);
    (0_usize..4, method, prop::option::weighted(0.8, wanted), if_range, select(none_match)).prop_map(
        |(object, method, range, if_range, if_none_match)| Request {
            object,
            method,
            range,
            if_range,
            if_none_match,
        },
    )
}

/// The status and the bytes that the RFC wants.
fn expected(request: &Request, len: usize) -> (u16, core::ops::Range<usize>) {
    if !matches!(request.if_none_match, Tag::Absent | Tag::Other) {
        return (304, 0..0);
    }
    // §14.2: a range is for GET alone. §13.1.5: If-Range compares strongly.
    let current = matches!(request.if_range, Tag::Absent | Tag::Current);
    let wanted = request.range.as_ref().filter(|_| current && request.method == Method::GET);
    match wanted.and_then(|wanted| wanted.of(len)) {
        None => (200, 0..len),
        Some(part) if part.is_empty() => (416, 0..0),
        Some(part) => (206, part),
    }
}

struct Known {
    path: String,
    etag: String,
    body: Vec<u8>,
}

/// A stream that has ended, so that nothing of it changes, and four of its objects.
async fn known(app: &App) -> Vec<Known> {
    let body = seconds_of(&mut Encoder::new(50), 5);
    assert_eq!(app.put("a", body).await.status(), 200);
    let playlist = app.text("/live/main/a/index.m3u8").await;
    let segment = playlist.lines().find(|line| line.ends_with("-100.m4s")).expect("listed");
    let paths = [
        format!("/live/main/a/{segment}"),
        String::from("/live/main/a/100/blocks/1"),
        String::from("/live/main/a/100/hashes"),
        String::from("/live/main/a/index.m3u8"),
    ];
    let mut known = Vec::new();
    for path in paths {
        let response = app.get(&path).await;
        let etag = header(&response, "etag").to_owned();
        known.push(Known { path, etag, body: response.bytes().await.expect("a body").to_vec() });
    }
    known
}

#[test]
fn conditions_and_ranges_are_answered_as_the_rfc_says() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (app, known) = runtime.block_on(async {
        let app = App::start_with(|config| config.end_ms = u64::MAX / 2).await;
        let known = known(&app).await;
        (app, known)
    });
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&request(), |request| {
        let object = &known[request.object];
        let mut sent = app.client.request(request.method.clone(), app.at(&object.path));
        let range = request.range.as_ref().map(Wanted::text);
        let headers = [
            ("range", range),
            ("if-range", request.if_range.text(&object.etag)),
            ("if-none-match", request.if_none_match.text(&object.etag)),
        ];
        for (name, value) in headers {
            if let Some(value) = value {
                sent = sent.header(name, value);
            }
        }
        let (status, part) = expected(&request, object.body.len());
        let (answered, length, body) = runtime.block_on(async {
            let response = sent.send().await.expect("it answers");
            let length = header(&response, "content-length").parse::<usize>().ok();
            (response.status().as_u16(), length, response.bytes().await.expect("a body"))
        });
        prop_assert_eq!(answered, status);
        if matches!(status, 200 | 206) {
            prop_assert_eq!(length, Some(part.len()));
            let wanted = if request.method == Method::HEAD { &[][..] } else { &object.body[part] };
            prop_assert!(body == wanted, "other bytes");
        }
        Ok(())
    });
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn large_requests_are_answered_and_monstrous_ones_refused() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let app = runtime.block_on(App::start());
    let shape = (0_usize..4_000, 0_usize..300_000, 1_usize..200);
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&prop::collection::vec(shape, 1..8), |shapes| {
        let requests = shapes.iter().map(|&(target, bytes, lines)| {
            let each = bytes / lines;
            let mut request =
                format!("GET /health?{} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n", "q".repeat(target));
            (0..lines).for_each(|line| request.push_str(&format!("x-{line}: {}\r\n", "v".repeat(each))));
            request + "\r\n"
        });
        let requests: Vec<String> = requests.collect();
        let answers =
            runtime.block_on(join_all(requests.iter().map(|request| exchange(&app, request.as_bytes()))));
        for ((request, (.., lines)), answer) in requests.iter().zip(shapes).zip(answers) {
            let fine = request.len() <= HEADERS_BYTES_FINE && lines <= HEADERS_FINE;
            match answer.map(|answer| answer.status) {
                Some(status) if fine => prop_assert_eq!(status, 200),
                // The refusal of what was not read to its end may be lost with its connection.
                refused if !fine => {
                    prop_assert!(matches!(refused, None | Some(200 | 400 | 414 | 431)), "{:?}", refused)
                }
                other => prop_assert!(false, "{:?} for {} bytes in {} lines", other, request.len(), lines),
            }
        }
        Ok(())
    });
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(runtime.block_on(app.text("/health")), "{\"status\":\"ok\"}");
}
