//! For operators: health, metrics, what each segment cost, and the faults that tests ask for.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use service::metrics::{CONTENT_TYPE, Kind, Page};

use super::app::{App, Faults};
use super::refusal::{Refused, worded};
use super::spend::{Class, Spent};
use crate::stream::{Counts, Phase};

/// The operator's listener.
pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/version", get(|| async { concat!(env!("CARGO_PKG_VERSION"), "\n") }))
        .route("/metrics", get(metrics))
        .route("/ops/spend", get(spend))
        .route("/ops/streams", get(streams))
        .route("/ops/faults", post(faults))
        .layer(from_fn(worded))
        .with_state(app)
}

/// `GET /health` on the public listener: 200 while requests may be sent here, and not a word more: who knows a
/// stream's name may watch it, so names are for operators.
pub(super) async fn health(State(app): State<Arc<App>>) -> Response {
    let ready = app.ready.load(Ordering::Acquire);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = serde_json::json!({ "status": if ready { "ok" } else { "stopping" } });
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// `GET /ops/streams`: the phase of each rendition, by stream.
async fn streams(State(app): State<Arc<App>>) -> Response {
    let phases = app.streams.iter().map(|(name, live)| {
        let picture = live.picture();
        let renditions =
            picture.renditions.iter().map(|(view, _)| (view.name.to_string(), phase(view.phase).into()));
        (name.clone(), serde_json::Value::Object(renditions.collect()))
    });
    let body = Json(serde_json::Value::Object(phases.collect()));
    ([(header::CACHE_CONTROL, "no-store")], body).into_response()
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.ready.load(Ordering::Acquire) {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response()
    }
}

async fn spend(State(app): State<Arc<App>>) -> Json<Vec<Spent>> {
    Json(app.streams.values().flat_map(|live| live.accounts.spent(&live.name)).collect())
}

async fn faults(State(app): State<Arc<App>>, Json(faults): Json<Faults>) -> Result<StatusCode, Refused> {
    if !app.config.faults {
        return Err(Refused::not_found("faults are off; set faults = true in a test's configuration"));
    }
    tracing::warn!(?faults, "faults asked for");
    app.faults.store(Arc::new(faults));
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /metrics`.
async fn metrics(State(app): State<Arc<App>>) -> Response {
    let mut page = Page::new("shoal_origin");
    let version = [([("version", env!("CARGO_PKG_VERSION"))], 1)];
    page.samples(Kind::Gauge, "build_info", "What runs here.", version);
    let class = |value: fn((u64, u64)) -> u64| {
        Class::ALL.map(|class| ([("class", class.name())], value(app.totals.read(class))))
    };
    let sent = class(|(bytes, _)| bytes);
    page.samples(Kind::Counter, "sent_body_bytes_total", "Body bytes taken by connections.", sent);
    let responses = class(|(_, responses)| responses);
    page.samples(Kind::Counter, "responses_total", "Responses with a body.", responses);
    let door = &app.door;
    page.gauge("waiting_requests", "GETs that wait for a block or a hash list.", door.waiting.count());
    page.gauge("connections", "Open connections of the public listener.", door.connections.count());
    let counters = [
        (
            "slow_readers_total",
            "Connections closed because their readers took next to nothing.",
            &door.slow_readers,
        ),
        (
            "addresses_refused_total",
            "Connections refused because their address had too many.",
            &door.addresses_refused,
        ),
        ("full_total", "Requests refused because every connection was taken.", &door.full),
    ];
    for (name, help, counter) in counters {
        page.counter(name, help, counter.value());
    }
    by_stream(&mut page, &app);
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], page.into_text()).into_response()
}

/// A counter's name, its help, and where its value is.
type Counter = (&'static str, &'static str, fn(&Counts) -> u64);

const COUNTERS: [Counter; 6] = [
    ("ingest_bytes_total", "Bytes of fragments taken.", |counts| counts.bytes),
    ("segments_total", "Whole segments.", |counts| counts.segments),
    ("cuts_without_keyframe_total", "Segments cut before their keyframe came.", |counts| counts.keyless_cuts),
    ("fragments_skipped_total", "Fragments before the first keyframe or cut.", |counts| counts.skipped),
    ("timestamp_jumps_total", "Jumps of the encoder's clock.", |counts| counts.resyncs),
    ("gap_segments_total", "Segments that only other renditions have.", |counts| counts.gaps),
];

fn by_stream(page: &mut Page, app: &App) {
    let mut counts = Vec::new();
    for live in app.streams.values() {
        for (rendition, of_it) in live.core().counts() {
            counts.push((live.name.as_str(), rendition.to_string(), of_it));
        }
    }
    for (name, help, value) in COUNTERS {
        let rows = counts.iter().map(|(stream, rendition, counts)| {
            ([("stream", *stream), ("rendition", rendition.as_str())], value(counts))
        });
        page.samples(Kind::Counter, name, help, rows);
    }
    let publishers = app.streams.values().map(|live| {
        let picture = live.picture();
        let publishers = picture.renditions.iter().filter(|(view, _)| view.phase == Phase::Live).count();
        ([("stream", live.name.as_str())], publishers)
    });
    page.samples(Kind::Gauge, "publishers", "Renditions that are being published.", publishers);
}

const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Absent => "absent",
        Phase::Live => "live",
        Phase::Interrupted { .. } => "interrupted",
        Phase::Ended { .. } => "ended",
    }
}
