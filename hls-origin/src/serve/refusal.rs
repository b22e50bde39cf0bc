//! Refusals as HTTP: a status, a stable code, a sentence that says what to do. Only 4xx and 5xx can be made.

use axum::Json;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Bytes of a framework's own words that are passed on.
const WORDS_BYTES_MAX: usize = 1_024;

/// A refused request.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after_s: Option<u32>,
}

impl Refused {
    const fn new(status: StatusCode, code: &'static str, message: String) -> Self {
        Self { status, code, message, retry_after_s: None }
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn bad_media(message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_media", message)
    }

    pub(super) fn bad_name() -> Self {
        let message = "a stream's or rendition's name is 1 to 64 letters, digits and -._~".to_owned();
        Self::new(StatusCode::BAD_REQUEST, "bad_name", message)
    }

    pub(super) fn bad_target() -> Self {
        let message = "the request's target must be a path that begins with a slash".to_owned();
        Self::new(StatusCode::BAD_REQUEST, "bad_target", message)
    }

    pub(super) fn bad_number() -> Self {
        let message = "segments, blocks and numbers of blocks are decimal integers".to_owned();
        Self::new(StatusCode::BAD_REQUEST, "bad_number", message)
    }

    pub(super) fn unauthorized() -> Self {
        let message =
            "the key is absent or wrong; append ?key=KEY or send Authorization: Bearer KEY".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub(super) fn unknown_stream() -> Self {
        let message = "there is no stream of this name; configure it under [streams]".to_owned();
        Self::new(StatusCode::NOT_FOUND, "unknown_stream", message)
    }

    pub(super) fn not_live() -> Self {
        let message =
            "nothing of this stream can be played now; it appears once its encoder has sent a segment";
        Self::new(StatusCode::NOT_FOUND, "not_live", message.to_owned())
    }

    pub(super) fn ended() -> Self {
        let message = "the stream has ended; it appears again when its encoder returns".to_owned();
        Self::new(StatusCode::NOT_FOUND, "ended", message)
    }

    pub(super) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message.to_owned())
    }

    pub(super) fn not_due() -> Self {
        let message = "the segment is further ahead than the next one; ask when it is due".to_owned();
        Self::new(StatusCode::NOT_FOUND, "not_due", message)
    }

    pub(super) fn gone() -> Self {
        let message = "the segment is no longer available, or was given up".to_owned();
        Self::new(StatusCode::GONE, "gone", message)
    }

    pub(super) fn busy(message: String) -> Self {
        Self::new(StatusCode::CONFLICT, "busy", message)
    }

    pub(super) fn idle() -> Self {
        let message = "no bytes came for too long; the encoder counts as gone".to_owned();
        Self::new(StatusCode::REQUEST_TIMEOUT, "idle", message)
    }

    pub(super) fn later(message: &str) -> Self {
        let new = Self::new(StatusCode::SERVICE_UNAVAILABLE, "later", message.to_owned());
        Self { retry_after_s: Some(1), ..new }
    }

    /// Every place is taken, and those kept for publishers are for publishers.
    pub(super) fn full() -> Self {
        let message = "every connection is taken; ask again, or raise limits.connections".to_owned();
        Self { retry_after_s: Some(10), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "full", message) }
    }

    pub(super) fn faulty() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", "a fault was asked for".to_owned())
    }

    pub(super) fn internal(message: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message.to_owned())
    }
}

/// Puts the refusals of the framework (methods, paths, queries, files of the page) into the shape of ours.
pub(super) async fn worded(request: Request, next: Next) -> Response {
    in_words(next.run(request).await).await
}

/// The same for a response that is there.
pub(super) async fn in_words(response: Response) -> Response {
    let status = response.status();
    if is_json(response.headers()) || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    // Boxed, so that what is rare takes no room in every request.
    Box::pin(reword(response)).await
}

async fn reword(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let words = to_bytes(body, WORDS_BYTES_MAX).await.unwrap_or_default();
    let mut response =
        foreign(parts.status, &parts.headers, &String::from_utf8_lossy(&words)).into_response();
    for (name, value) in &parts.headers {
        response.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    for name in [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::TRANSFER_ENCODING] {
        response.headers_mut().remove(name);
    }
    response
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

fn foreign(status: StatusCode, headers: &HeaderMap, words: &str) -> Refused {
    let named = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("something else");
    let (code, message) = match status {
        StatusCode::NOT_FOUND => ("not_found", String::from("there is no such file")),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("bad_method", format!("this address takes {}, and no other method", named(header::ALLOW)))
        }
        StatusCode::RANGE_NOT_SATISFIABLE => {
            ("bad_range", format!("the object has no such bytes: it is {}", named(header::CONTENT_RANGE)))
        }
        _ if words.is_empty() => ("bad_request", format!("the request was refused: {status}")),
        _ => ("bad_request", words.to_owned()),
    };
    Refused::new(status, code, message)
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": { "code": self.code, "message": self.message } });
        let mut response = (self.status, Json(body)).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
