//! One object over HTTP: validators, ranges, digests and cache headers, alike for every class (RFC 9110, RFC 9530).

use std::collections::VecDeque;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use protocol::id::Digest;

use super::body::{Slices, Tally};
use super::range::{Asked, Range, asked};

/// How long an object may be kept by caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cache {
    /// It changes: so many seconds.
    Seconds(u32),
    /// It never changes, but is available only so many seconds.
    Immutable(u32),
}

/// What is served.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) slices: Vec<Bytes>,
    pub(super) media_type: &'static str,
    pub(super) cache: Cache,
    /// SHA-256 of all its bytes: the strong validator, and the digest headers.
    pub(super) digest: Digest,
    pub(super) gzip: bool,
    pub(super) tally: Tally,
    /// Further headers.
    pub(super) extra: Vec<(HeaderName, HeaderValue)>,
}

impl Object {
    /// The response to a GET or HEAD with these headers.
    pub(super) fn respond(self, request: &HeaderMap) -> Response {
        let etag = format!("\"{}\"", hex::encode(&self.digest.0[..16]));
        if matches(request, header::IF_NONE_MATCH, &etag) {
            return self.finish(StatusCode::NOT_MODIFIED, &etag, Vec::new(), 0..0);
        }
        let len = self.slices.iter().map(Bytes::len).sum::<usize>();
        let current = request.get(header::IF_RANGE).is_none_or(|tag| tag.as_bytes() == etag.as_bytes());
        let range = request.get(header::RANGE).filter(|_| current && !self.gzip);
        match range.map_or(Asked::Whole, |range| asked(range.as_bytes(), len)) {
            Asked::Whole => self.finish(StatusCode::OK, &etag, Vec::new(), 0..len),
            Asked::Part(part) => {
                let content = format!("bytes {}-{}/{len}", part.start, part.end - 1);
                self.finish(StatusCode::PARTIAL_CONTENT, &etag, vec![(header::CONTENT_RANGE, content)], part)
            }
            Asked::Unsatisfiable => {
                let content = vec![(header::CONTENT_RANGE, format!("bytes */{len}"))];
                self.finish(StatusCode::RANGE_NOT_SATISFIABLE, &etag, content, 0..0)
            }
        }
    }

    fn finish(
        self,
        status: StatusCode,
        etag: &str,
        with: Vec<(HeaderName, String)>,
        part: Range,
    ) -> Response {
        let mut headers = HeaderMap::with_capacity(12);
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(header::ETAG, etag);
        set(header::CACHE_CONTROL, &self.cache.header());
        if status != StatusCode::NOT_MODIFIED && status != StatusCode::RANGE_NOT_SATISFIABLE {
            set(header::CONTENT_TYPE, self.media_type);
            let digest = format!("sha-256=:{}:", STANDARD.encode(self.digest.0));
            set(HeaderName::from_static("repr-digest"), &digest);
            if status == StatusCode::OK {
                set(HeaderName::from_static("content-digest"), &digest);
            }
        }
        if self.gzip {
            set(header::CONTENT_ENCODING, "gzip");
        } else {
            set(header::ACCEPT_RANGES, "bytes");
        }
        for (name, value) in with {
            set(name, &value);
        }
        headers.extend(self.extra);
        self.tally.totals.add_response(self.tally.class);
        let slices = slice(self.slices, part);
        let mut response = Response::new(Body::new(Slices::new(slices, self.tally)));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

impl Cache {
    fn header(self) -> String {
        match self {
            Self::Seconds(seconds) => format!("public, max-age={seconds}"),
            Self::Immutable(seconds) => format!("public, max-age={seconds}, immutable"),
        }
    }
}

/// The slices that cover a part of them all; nothing is copied.
fn slice(slices: Vec<Bytes>, part: Range) -> VecDeque<Bytes> {
    let mut at = 0;
    let mut found = VecDeque::with_capacity(slices.len());
    for slice in slices {
        let (start, end) = (part.start.max(at), part.end.min(at + slice.len()));
        if start < end {
            found.push_back(slice.slice(start - at..end - at));
        }
        at += slice.len();
    }
    found
}

/// Whether one of a header's entity tags is this one, compared weakly (RFC 9110 §13.1.2).
fn matches(request: &HeaderMap, name: HeaderName, etag: &str) -> bool {
    let listed = request.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    listed
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_made_of_slices_across_their_borders() {
        let slices =
            || vec![Bytes::from_static(b"abcd"), Bytes::from_static(b"ef"), Bytes::from_static(b"ghi")];
        let rows = [(0..9, "abcdefghi"), (3..5, "de"), (4..6, "ef"), (8..9, "i"), (0..0, "")];
        for (part, expected) in rows {
            let found = slice(slices(), part.clone()).into_iter().collect::<Vec<Bytes>>().concat();
            assert_eq!(found, expected.as_bytes(), "{part:?}");
        }
    }

    #[test]
    fn an_entity_tag_matches_weakly_and_in_a_list() {
        let rows =
            [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false)];
        for (value, expected) in rows {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(value))]);
            assert_eq!(matches(&headers, header::IF_NONE_MATCH, "\"a\""), expected, "{value}");
        }
    }
}
