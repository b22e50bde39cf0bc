//! The HTTP of the chat edge. For the operator's own servers: GOIM's push API (`goim`), health, readiness, metrics. For
//! everybody: what clients ask before they connect (`web`).

pub(super) mod chat;
mod goim;
pub(super) mod lane;
mod query;
pub(super) mod way;
pub(super) mod web;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use protocol::limits::CHAT_BODY_BYTES_MAX;

use super::hub::Hub;
use super::metrics;

/// Every route.
pub(super) fn routes(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/goim/push/{what}", post(goim::push))
        .route("/goim/online/top", get(goim::online_top))
        .route("/goim/online/room", get(goim::online_room))
        .route("/goim/online/total", get(goim::online_total))
        .route("/goim/nodes/weighted", get(goim::nodes_weighted))
        .route("/goim/nodes/instances", get(goim::nodes_instances))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(figures))
        .layer(DefaultBodyLimit::max(CHAT_BODY_BYTES_MAX))
        .with_state(Arc::clone(&hub))
        .merge(chat::operator_routes(hub))
}

async fn health() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], "{\"status\":\"ok\"}\n").into_response()
}

async fn ready(State(hub): State<Arc<Hub>>) -> Response {
    let (status, text) = if hub.draining() {
        (StatusCode::SERVICE_UNAVAILABLE, "{\"status\":\"draining\"}\n")
    } else if hub.desk.keeper.failing() {
        (StatusCode::SERVICE_UNAVAILABLE, "{\"status\":\"the store does not write\"}\n")
    } else {
        (StatusCode::OK, "{\"status\":\"ready\"}\n")
    };
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

async fn figures(State(hub): State<Arc<Hub>>) -> Response {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    (
        [(header::CONTENT_TYPE, content_type)],
        metrics::render(&hub.census(), &hub.counters, hub.desk.keeper.figures()),
    )
        .into_response()
}
