//! What the operator set, and what is made of it once; read anew at every reload.

use std::sync::Arc;

use rustls::ServerConfig;
use service::tls;

use super::Config;

/// How TLS begins: a record of its handshake (RFC 8446 section 5.1).
pub(super) const HANDSHAKE: u8 = 22;

/// A configuration, and what is made of it.
#[derive(Debug)]
pub(super) struct Policy {
    /// The configuration.
    pub(super) config: Config,
    /// The certificate, where we speak TLS.
    pub(super) tls: Option<Arc<ServerConfig>>,
}

impl Policy {
    /// Reads the files that the configuration names.
    pub(super) fn new(config: Config) -> Result<Self, tls::Error> {
        let tls = tls::load(&config.tls_certificate, &config.tls_key)?;
        Ok(Self { config, tls })
    }
}
