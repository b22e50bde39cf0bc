//! The public listener's routes, and what all of its responses have in common.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use tower_http::services::ServeDir;

use super::app::App;
use super::refusal::Refused;
use super::{blocks, media, ops, publish};

/// Headers that a page of another origin may read.
const EXPOSED: &str = "Content-Length, Content-Range, Accept-Ranges, ETag, Date, Age, Link, Retry-After, \
                       Repr-Digest, Content-Digest";

/// The public listener.
pub(super) fn router(app: Arc<App>) -> Router {
    let live = Router::new()
        .route("/live/{stream}/{file}", get(media::stream_file))
        .route("/live/{stream}/{rendition}/{file}", get(media::rendition_file))
        .route("/live/{stream}/{rendition}/{msn}/blocks", get(blocks::status))
        .route("/live/{stream}/{rendition}/{msn}/blocks/{block}", get(blocks::block))
        .route("/live/{stream}/{rendition}/{msn}/hashes", get(blocks::list))
        .layer(from_fn_with_state(Arc::clone(&app), faults));
    let all = Router::new()
        .merge(live)
        .route("/publish/{stream}/{rendition}", put(publish::publish).post(publish::publish))
        .route("/health", get(ops::health))
        .route("/metrics", get(ops::metrics))
        .with_state(Arc::clone(&app));
    let all = match &app.config.page_dir {
        Some(page) => all
            .fallback_service(Router::new().fallback_service(ServeDir::new(page)).layer(from_fn(revalidate))),
        None => all.fallback(nothing),
    };
    all.layer(from_fn(shared))
}

async fn nothing() -> Refused {
    Refused::not_found("there is nothing here; a stream is at /live/{stream}/master.m3u8")
}

/// The page's files are asked for anew each time: a deployed page must not run with an older module.
async fn revalidate(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}

/// CORS and timing for every response, and the answer to every preflight.
async fn shared(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response = if preflight { preflight_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.insert(HeaderName::from_static("timing-allow-origin"), HeaderValue::from_static("*"));
    response
}

fn preflight_response() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, PUT, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Range, If-Range, If-None-Match, Authorization, Content-Type, Priority",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// What tests asked for, where the configuration allows it.
async fn faults(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if app.config.faults {
        let faults = app.faults.load_full();
        if faults.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(faults.delay_ms)).await;
        }
        if faults.fail {
            return Refused::faulty().into_response();
        }
    }
    next.run(request).await
}
