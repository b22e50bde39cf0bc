//! A listener with bounds: connections, by address too, time to ask and to take, and an end that lets open responses
//! finish. Some places are kept for publishers; as who comes is known only once it has asked, such a place is lent for
//! a moment, and whoever asks for something else is told that the house is full (`routes::shared`).
//!
//! `axum::serve` has none of these, hence hyper's builder. hyper has one clock for a header that arrives and for a
//! connection that rests between requests. It is set to the longer time, the idle one; the shorter, for the first
//! request of a connection, runs beside it. Whoever has asked once could rest that long anyway.

use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
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

/// How long who took a publisher's place may take to ask.
const RESERVE_HEAD: Duration = Duration::from_secs(2);
/// Publishers' places that one address may have: the renditions of one encoder.
const RESERVE_PER_ADDRESS: usize = 8;

/// Who asks, as every handler may know it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    /// The other end of the connection.
    pub(super) address: IpAddr,
    /// It has a place that is kept for publishers.
    pub(super) in_reserve: bool,
}

/// A connection that was let in; its places are given back when it is dropped.
struct Guest {
    stream: TcpStream,
    caller: Caller,
    _permit: OwnedSemaphorePermit,
    _places: (Place, Option<Place>),
}

/// Room for connections.
struct House {
    open: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    per_address: usize,
    door: Arc<Door>,
}

/// Accepts until `stop`, then waits for open responses, at most as long as the limits say.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    door: Arc<Door>,
    stop: CancellationToken,
) {
    let house = House {
        open: Arc::new(Semaphore::new(limits.connections)),
        reserve: Arc::new(Semaphore::new(limits.connections_for_publishers)),
        per_address: limits.connections_per_address,
        door: Arc::clone(&door),
    };
    let graceful = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.idle_timeout_ms.max(limits.header_read_timeout_ms)))
        .max_buf_size(BUFFER_BYTES);
    loop {
        let accepted = tokio::select! {
            accepted = house.accept(&listener) => accepted,
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
    let Guest { stream, caller, _permit, _places } = guest;
    let has_asked = AtomicBool::new(false);
    let service = TowerToHyperService::new(router);
    let service = service_fn(|mut request: Request<Incoming>| {
        has_asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(caller);
        service.call(request)
    });
    let paced = Paced::new(stream, Duration::from_millis(limits.slow_reader_timeout_ms), door);
    let connection = watcher.watch(builder.serve_connection(TokioIo::new(paced), service));
    let head = Duration::from_millis(limits.header_read_timeout_ms);
    let says_nothing = async {
        sleep(if caller.in_reserve { head.min(RESERVE_HEAD) } else { head }).await;
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

impl House {
    async fn accept(&self, listener: &TcpListener) -> Option<Guest> {
        let (mut permit, mut in_reserve) = self.room().await?;
        let (stream, from) = match listener.accept().await {
            Ok((stream, from)) => (stream, from.ip()),
            Err(error) => {
                tracing::warn!(%error, "cannot accept; too many open files? (ulimit -n)");
                sleep(ACCEPT_PAUSE).await;
                return None;
            }
        };
        if let (true, Ok(better)) = (in_reserve, Arc::clone(&self.open).try_acquire_owned()) {
            (permit, in_reserve) = (better, false);
        }
        let Some(places) = self.places(from, in_reserve) else {
            self.door.addresses_refused.add(1);
            // It fits the empty buffer of a fresh socket: nothing is waited for.
            if let Err(error) = stream.into_std().and_then(|mut stream| stream.write_all(CROWDED)) {
                tracing::trace!(%error, "a refused connection was gone");
            }
            return None;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::trace!(%error, "no TCP_NODELAY");
        }
        Some(Guest { stream, caller: Caller { address: from, in_reserve }, _permit: permit, _places: places })
    }

    /// Room for one more; whether it is a publisher's.
    async fn room(&self) -> Option<(OwnedSemaphorePermit, bool)> {
        let (open, reserve) = (Arc::clone(&self.open), Arc::clone(&self.reserve));
        tokio::select! {
            biased;
            permit = open.acquire_owned() => Some((permit.ok()?, false)),
            permit = reserve.acquire_owned() => Some((permit.ok()?, true)),
        }
    }

    fn places(&self, from: IpAddr, in_reserve: bool) -> Option<(Place, Option<Place>)> {
        let reserve =
            if in_reserve { Some(self.door.in_reserve.enter(from, RESERVE_PER_ADDRESS)?) } else { None };
        Some((self.door.connections.enter(from, self.per_address)?, reserve))
    }
}
