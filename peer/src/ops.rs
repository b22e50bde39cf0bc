//! For operators: health and metrics.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use service::metrics::{self, Kind, Page};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::program::Crowd;

/// Serves them until the handle is aborted; answers where.
pub(crate) async fn serve(
    listen: SocketAddr,
    crowd: Arc<Crowd>,
) -> std::io::Result<(SocketAddr, JoinHandle<()>)> {
    let router = Router::new()
        .route("/health", get(|| async { "ok\n" }))
        .route("/metrics", get(page))
        .with_state(crowd);
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let serving = async move {
        if let Err(cause) = axum::serve(listener, router).await {
            tracing::error!(%cause, "metrics are served no more");
        }
    };
    Ok((address, tokio::spawn(serving)))
}

async fn page(State(crowd): State<Arc<Crowd>>) -> impl IntoResponse {
    let report = crowd.report();
    let mut page = Page::new("shoal_peer");
    page.gauge("viewers", "Viewers that came.", report.viewers);
    page.gauge("playing", "Viewers whose picture moves.", report.playing);
    page.gauge("links_mean", "Links of a viewer, mean.", report.links_mean);
    page.gauge("swarm_size", "Viewers of the swarm, as the tracker last said.", report.swarm_size);
    let received = [
        ([("from", "origin")], report.origin_bytes),
        ([("from", "viewers")], report.peer_bytes),
        ([("from", "super-peers")], report.super_peer_bytes),
        ([("from", "plain")], report.plain_bytes),
    ];
    page.samples(
        Kind::Counter,
        "received_bytes_total",
        "Verified bytes of video, by where they came from.",
        received,
    );
    let sent = [([("as", if report.super_peer { "super-peer" } else { "viewer" })], report.upload_bytes)];
    page.samples(Kind::Counter, "sent_bytes_total", "Bytes of video sent to viewers.", sent);
    let wasted = [
        ([("why", "duplicate")], report.duplicate_bytes),
        ([("why", "late")], report.late_bytes),
        ([("why", "bad")], report.bad_bytes),
    ];
    page.samples(Kind::Counter, "wasted_bytes_total", "Bytes that came for nothing.", wasted);
    page.counter("stalls_total", "How often a viewer ran dry.", report.stalls);
    page.counter("segments_given_up_total", "Segments left to plain HLS.", report.segments_given_up);
    page.counter("peers_banned_total", "Neighbours cut.", report.peers_banned);
    page.gauge("behind_live_ms_p50", "Milliseconds behind the live edge, median.", report.behind_ms_p50);
    page.gauge(
        "behind_live_ms_p95",
        "Milliseconds behind the live edge, 95th percentile.",
        report.behind_ms_p95,
    );
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], page.into_text())
}
