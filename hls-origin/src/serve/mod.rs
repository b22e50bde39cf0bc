//! The origin as a process: listeners, publishers, files and the clock around the pure core.
//!
//! Start-up order, and why: [`Origin::load`] reads or makes the state first (a port must not open before the numbers
//! that it will hand out are known), then binds the listeners (so that a taken port fails at once and addresses are
//! known), and only [`Origin::run`] accepts, so that nothing is served half made. The end is the reverse: readiness
//! falls, waiting requests and publishers are sent away, open responses finish, the exact numbers are written.

mod app;
mod blocks;
mod body;
mod config;
mod door;
mod entropy;
mod listen;
mod live;
mod media;
mod object;
mod ops;
mod pace;
pub mod program;
mod publish;
mod range;
mod refusal;
mod routes;
mod source;
mod spend;
mod start;
mod state;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use self::app::App;
pub use self::config::{Config, Limits, SourceConfig, StreamConfig, StreamKey};

/// How often abandoned things are looked for: well within the second by which their deadlines are meant.
const TICK: Duration = Duration::from_millis(500);

/// A loaded origin: state read, ports bound, nothing accepted yet.
#[derive(Debug)]
pub struct Origin {
    app: Arc<App>,
    listener: TcpListener,
    local_addr: SocketAddr,
    ops_listener: Option<TcpListener>,
}

/// Why an origin could not start or go on; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A port could not be bound.
    #[error("cannot listen on {address}: {cause}; choose another port, or stop the program that holds it")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The state directory cannot be used.
    #[error("cannot use the state at {path}: {cause}; make it writable, or choose another with state_dir", path = path.display())]
    State {
        /// What could not be read or written.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The state file is not ours.
    #[error("the state in {path} is damaged; move it away to start anew, with new keys and numbers", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The configuration has a value that cannot be meant.
    #[error("the configuration cannot be meant: {0}")]
    Config(#[from] service::config::Error),
    /// A name in the configuration cannot be part of a URL.
    #[error("{0:?} is no name of a stream or rendition: use 1 to 64 letters, digits and -._~")]
    Name(String),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Entropy(String),
    /// A task of ours was stopped from outside.
    #[error("the origin was stopped while it wrote its state: {0}")]
    Stopped(String),
}

impl Origin {
    /// Reads or makes the state, and binds the listeners (port 0: the kernel chooses, see [`Origin::local_addr`]).
    ///
    /// # Errors
    /// Where the state directory cannot be used or a port is taken.
    pub async fn load(config: Config) -> Result<Self, Error> {
        let app = start::app(config)?;
        let listener = bind(app.config.listen).await?;
        let local_addr =
            listener.local_addr().map_err(|cause| Error::Bind { address: app.config.listen, cause })?;
        let ops_listener = match app.config.ops_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        Ok(Self { app: Arc::new(app), listener, local_addr, ops_listener })
    }

    /// Where the public listener is bound.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Where the operator's listener is bound, if it is on.
    #[must_use]
    pub fn ops_addr(&self) -> Option<SocketAddr> {
        self.ops_listener.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// The origin as others address it: `public_url` of the configuration, else `http://` and the bound address.
    #[must_use]
    pub fn public_url(&self) -> String {
        match &self.app.config.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.local_addr),
        }
    }

    /// The address, with its key, to which an encoder publishes; `None` for a stream that is not configured.
    #[must_use]
    pub fn publish_url(&self, stream: &str, rendition: &str) -> Option<String> {
        let key = &self.app.streams.get(stream)?.key().0;
        Some(format!("{}/publish/{stream}/{rendition}?key={key}", self.public_url()))
    }

    /// Whether the stream's key was made in this start, so that nobody has been told it yet.
    #[must_use]
    pub fn has_new_key(&self, stream: &str) -> bool {
        self.app.streams.get(stream).is_some_and(|live| live.has_new_key)
    }

    /// The streams that may be published.
    pub fn streams(&self) -> impl Iterator<Item = &str> {
        self.app.streams.keys().map(String::as_str)
    }

    /// Serves until `shutdown` resolves, then drains.
    ///
    /// # Errors
    /// Where the state can no longer be written.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), Error> {
        let Self { app, listener, ops_listener, .. } = self;
        let limits = app.config.limits.clone();
        let (stop, ops_stop) = (CancellationToken::new(), CancellationToken::new());
        let ops = ops_listener.map(|listener| {
            tokio::spawn(listen::serve(
                listener,
                ops::router(Arc::clone(&app)),
                Limits { connections_for_publishers: 0, ..limits.clone() },
                Arc::default(),
                ops_stop.clone(),
            ))
        });
        let public = tokio::spawn(listen::serve(
            listener,
            routes::router(Arc::clone(&app)),
            limits.clone(),
            Arc::clone(&app.door),
            stop.clone(),
        ));
        let ticking = tokio::spawn(tick(Arc::clone(&app)));
        let sources = start::sources(&app);
        app.ready.store(true, Ordering::Release);

        shutdown.await;
        app.ready.store(false, Ordering::Release);
        sleep(Duration::from_millis(limits.drain_delay_ms)).await;
        app.stopping.cancel();
        for source in sources {
            joined(source).await;
        }
        stop.cancel();
        joined(public).await;
        ops_stop.cancel();
        if let Some(ops) = ops {
            joined(ops).await;
        }
        joined(ticking).await;
        for live in app.streams.values() {
            app.save(live, false).await?;
        }
        Ok(())
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|cause| Error::Bind { address, cause })
}

async fn tick(app: Arc<App>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = app.stopping.cancelled() => return,
        }
        let now = app.now();
        for live in app.streams.values() {
            live.act(now, |core| ((), core.on_tick(now)));
        }
    }
}

async fn joined(task: tokio::task::JoinHandle<()>) {
    if let Err(error) = task.await {
        tracing::error!(%error, "a task of the origin broke");
    }
}
