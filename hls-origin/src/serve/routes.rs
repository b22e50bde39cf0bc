//! The public listener's routes, and what all of its responses have in common.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use axum::{Extension, Router};
use tower_http::services::ServeDir;

use super::app::App;
use super::listen::Caller;
use super::refusal::{Refused, in_words};
use super::{blocks, media, ops, publish};

/// Headers that a page of another origin may read.
const EXPOSED: &str = "Content-Length, Content-Range, Accept-Ranges, ETag, Date, Age, Link, Retry-After, \
                       Repr-Digest, Content-Digest";

/// Headers that a page of another origin may send where its browser does not say which it wants to.
const ALLOWED: &str = "Range, If-Range, If-None-Match, Authorization, Content-Type, Priority";
/// Bytes of the list of headers that a preflight may ask for.
const ASKED_BYTES_MAX: usize = 1_024;

/// Bytes of a file's name and of its path in the page's directory, as they are in the URL. Longer ones are no files
/// (Linux: `NAME_MAX` 255, `PATH_MAX` 4,096 with the directory's own), and to ask for them is no fault of ours.
const FILE_NAME_BYTES_MAX: usize = 255;
const PATH_BYTES_MAX: usize = 2_048;

/// The public listener.
pub(super) fn router(app: Arc<App>) -> Router {
    let live = Router::new()
        .route("/live/{stream}/{file}", get(media::stream_file))
        .route("/live/{stream}/{rendition}/{file}", get(media::rendition_file))
        .route("/live/{stream}/{rendition}/{msn}/blocks", get(blocks::status))
        .route("/live/{stream}/{rendition}/{msn}/blocks/{block}", get(blocks::block))
        .route("/live/{stream}/{rendition}/{msn}/hashes", get(blocks::list));
    let live =
        if app.config.faults { live.layer(from_fn_with_state(Arc::clone(&app), faults)) } else { live };
    let all = Router::new()
        .merge(live)
        .route("/publish/{stream}/{rendition}", put(publish::publish).post(publish::publish))
        .route("/health", get(ops::health))
        .with_state(Arc::clone(&app));
    let all = match &app.config.page_facts {
        Some(facts) => {
            let facts = facts.clone();
            let answer =
                ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], facts);
            all.route("/page.json", get(async || answer))
        }
        None => all,
    };
    let all = match &app.config.page_dir {
        Some(page) => all
            .fallback_service(Router::new().fallback_service(ServeDir::new(page)).layer(from_fn(revalidate))),
        None => all.fallback(nothing),
    };
    all.layer(from_fn_with_state(app, shared))
}

async fn nothing() -> Refused {
    Refused::not_found("there is nothing here; a stream is at /live/{stream}/master.m3u8")
}

/// The page's files are asked for anew each time: a deployed page must not run with an older module.
async fn revalidate(request: Request, next: Next) -> Response {
    if !can_be_file(request.uri().path()) {
        return Refused::not_found("no file of the page can have such a name").into_response();
    }
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}

/// Whether a path may name a file at all: for others the system has errors that would look like ours.
fn can_be_file(path: &str) -> bool {
    let fits = path.len() <= PATH_BYTES_MAX && path.split('/').all(|name| name.len() <= FILE_NAME_BYTES_MAX);
    fits && !path.contains("%00")
}

/// What every request meets: one layer, because each costs every request an allocation or two. Where every place is
/// taken, who came in by one that is kept for publishers must be one, and goes when it has been. Every response has CORS
/// and timing.
async fn shared(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        preflight_response(request.headers())
    } else if !request.uri().path().starts_with('/') {
        // The forms of proxies (RFC 9112 §3.2.3) are not for us, and the page's files would answer them with 500.
        Refused::bad_target().into_response()
    } else if caller.in_reserve && !request.uri().path().starts_with("/publish/") {
        app.door.full.add(1);
        Refused::full().into_response()
    } else {
        if request.method() == Method::HEAD {
            // Ranges are for GET alone (RFC 9110 §14.2).
            request.headers_mut().remove(header::RANGE);
        }
        in_words(next.run(request).await).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.insert(HeaderName::from_static("timing-allow-origin"), HeaderValue::from_static("*"));
    if caller.in_reserve {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn preflight_response(request: &HeaderMap) -> Response {
    let fixed = |value| HeaderValue::from_static(value);
    let asked =
        request.get(header::ACCESS_CONTROL_REQUEST_HEADERS).filter(|names| are_names(names.as_bytes()));
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, fixed("GET, HEAD, PUT, POST")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, asked.cloned().unwrap_or_else(|| fixed(ALLOWED))),
        (header::ACCESS_CONTROL_MAX_AGE, fixed("86400")),
        (header::VARY, fixed("Access-Control-Request-Headers")),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Whether this is a list of header names that can be given back: a page's own headers (a token, a trace id) are
/// its business, and no cookie is ever sent here, since the allowed origin is `*`.
fn are_names(names: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_, ".contains(byte);
    names.len() <= ASKED_BYTES_MAX && !names.is_empty() && names.iter().all(fits)
}

/// What tests asked for, where the configuration allows it.
async fn faults(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let faults = app.faults.load_full();
    if faults.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(faults.delay_ms)).await;
    }
    if faults.fail {
        return Refused::faulty().into_response();
    }
    next.run(request).await
}
