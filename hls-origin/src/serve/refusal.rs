//! Refusals as HTTP: a status, a stable code, a sentence that says what to do. Only 4xx and 5xx can be made.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

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
        Self { retry_after_s: Some(2), ..Self::new(StatusCode::NOT_FOUND, "not_live", message.to_owned()) }
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
        Self { retry_after_s: Some(1), ..Self::new(StatusCode::NOT_FOUND, "not_due", message) }
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

    pub(super) fn faulty() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", "a fault was asked for".to_owned())
    }

    pub(super) fn internal(message: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message.to_owned())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": { "code": self.code, "message": self.message } });
        let mut response = (self.status, Json(body)).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
