//! For operators: health, metrics, what each segment cost, and the faults that tests ask for.

use core::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use super::app::{App, Faults};
use super::door::Door;
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

/// `GET /metrics`: the Prometheus text format, version 0.0.4.
async fn metrics(State(app): State<Arc<App>>) -> Response {
    let mut text = String::with_capacity(4_096);
    let _ = writeln!(text, "# TYPE shoal_origin_build_info gauge");
    let _ = writeln!(text, "shoal_origin_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
    classes(&mut text, &app);
    let waiting = app.config.limits.waiters.saturating_sub(app.waiters.available_permits());
    let _ =
        writeln!(text, "# TYPE shoal_origin_waiting_requests gauge\nshoal_origin_waiting_requests {waiting}");
    listener(&mut text, &app.door);
    by_stream(&mut text, &app);
    let mut response = text.into_response();
    let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, format);
    response
}

fn classes(text: &mut String, app: &App) {
    let _ = writeln!(text, "# HELP shoal_origin_sent_body_bytes_total Body bytes taken by connections.");
    let _ = writeln!(text, "# TYPE shoal_origin_sent_body_bytes_total counter");
    for class in Class::ALL {
        let (bytes, _) = app.totals.read(class);
        let _ = writeln!(text, "shoal_origin_sent_body_bytes_total{{class=\"{}\"}} {bytes}", class.name());
    }
    let _ = writeln!(text, "# TYPE shoal_origin_responses_total counter");
    for class in Class::ALL {
        let (_, responses) = app.totals.read(class);
        let _ = writeln!(text, "shoal_origin_responses_total{{class=\"{}\"}} {responses}", class.name());
    }
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

fn listener(text: &mut String, door: &Door) {
    let connections = door.connections();
    let _ = writeln!(text, "# TYPE shoal_origin_connections gauge\nshoal_origin_connections {connections}");
    let counters =
        [("slow_readers_total", door.slow_readers()), ("addresses_refused_total", door.addresses_refused())];
    for (name, value) in counters {
        let _ = writeln!(text, "# TYPE shoal_origin_{name} counter\nshoal_origin_{name} {value}");
    }
}

fn by_stream(text: &mut String, app: &App) {
    for (name, help, value) in COUNTERS {
        let _ = writeln!(text, "# HELP shoal_origin_{name} {help}\n# TYPE shoal_origin_{name} counter");
        for live in app.streams.values() {
            for (rendition, counts) in live.core().counts() {
                let labels = format!("stream=\"{}\",rendition=\"{rendition}\"", live.name);
                let _ = writeln!(text, "shoal_origin_{name}{{{labels}}} {}", value(&counts));
            }
        }
    }
    let _ = writeln!(text, "# TYPE shoal_origin_publishers gauge");
    for live in app.streams.values() {
        let picture = live.picture();
        let publishers = picture.renditions.iter().filter(|(view, _)| view.phase == Phase::Live).count();
        let _ = writeln!(text, "shoal_origin_publishers{{stream=\"{}\"}} {publishers}", live.name);
    }
}

const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Absent => "absent",
        Phase::Live => "live",
        Phase::Interrupted { .. } => "interrupted",
        Phase::Ended { .. } => "ended",
    }
}
