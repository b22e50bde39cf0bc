//! A listener with bounds: connections, by address too, time to ask and to take, and an end that lets open responses
//! finish.
//!
//! `axum::serve` has none of these, hence hyper's builder. hyper has one clock for a header that arrives and for a
//! connection that rests between requests. It is set to the longer time, the idle one; the shorter, for the first
//! request of a connection, runs beside it. Whoever has asked once could rest that long anyway.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::config::Limits;
use super::door::{Door, Place};
use super::pace::Paced;

/// Bytes of a connection's buffers: room for headers, and for two blocks on their way out.
const BUFFER_BYTES: usize = 131_072;
/// How long to wait where the system has no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What a connection too many of one address is told, before anything of it is read.
const CROWDED: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\nretry-after: 10\r\n\
    cache-control: no-store\r\naccess-control-allow-origin: *\r\nconnection: close\r\n\r\n\
    {\"error\":{\"code\":\"crowded\",\"message\":\"too many connections from this address; close some, or raise \
    limits.connections_per_address\"}}";

/// A connection that was let in; its places are given back when it is dropped.
struct Guest {
    stream: TcpStream,
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

/// Accepts until `stop`, then waits for open responses, at most as long as the limits say.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    door: Arc<Door>,
    stop: CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.idle_timeout_ms.max(limits.header_read_timeout_ms)))
        .max_buf_size(BUFFER_BYTES);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &permits, &door, limits.connections_per_address) => accepted,
            () = stop.cancelled() => break,
        };
        let Some(guest) = accepted else { continue };
        let (builder, router, watcher) = (builder.clone(), router.clone(), graceful.watcher());
        tokio::spawn(attend(guest, builder, router, limits.clone(), Arc::clone(&door), watcher));
    }
    drop(listener);
    let drained = timeout(Duration::from_millis(limits.drain_timeout_ms), graceful.shutdown()).await;
    if drained.is_err() {
        tracing::warn!("responses were still open at the end of the drain time");
    }
}

/// Serves one connection to its end.
async fn attend(
    guest: Guest,
    builder: http1::Builder,
    router: Router,
    limits: Limits,
    door: Arc<Door>,
    watcher: Watcher,
) {
    let Guest { stream, _permit, _place } = guest;
    let has_asked = AtomicBool::new(false);
    let service = TowerToHyperService::new(router);
    let service = service_fn(|request| {
        has_asked.store(true, Ordering::Relaxed);
        service.call(request)
    });
    let paced = Paced::new(stream, Duration::from_millis(limits.slow_reader_timeout_ms), door);
    let connection = watcher.watch(builder.serve_connection(TokioIo::new(paced), service));
    let says_nothing = async {
        sleep(Duration::from_millis(limits.header_read_timeout_ms)).await;
        if has_asked.load(Ordering::Relaxed) {
            core::future::pending::<()>().await;
        }
    };
    tokio::select! {
        ended = connection => {
            if let Err(error) = ended {
                tracing::trace!(%error, "connection ended");
            }
        }
        () = says_nothing => tracing::trace!("a connection asked for nothing"),
    }
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
    door: &Arc<Door>,
    most: usize,
) -> Option<Guest> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    let (stream, from) = match listener.accept().await {
        Ok(accepted) => accepted,
        Err(error) => {
            tracing::warn!(%error, "cannot accept; too many open files? (ulimit -n)");
            sleep(ACCEPT_PAUSE).await;
            return None;
        }
    };
    let Some(place) = door.enter(from.ip(), most) else {
        // It fits the empty buffer of a fresh socket: nothing is waited for.
        if let Err(error) = stream.into_std().and_then(|mut stream| stream.write_all(CROWDED)) {
            tracing::trace!(%error, "a refused connection was gone");
        }
        return None;
    };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::trace!(%error, "no TCP_NODELAY");
    }
    Some(Guest { stream, _permit: permit, _place: place })
}
