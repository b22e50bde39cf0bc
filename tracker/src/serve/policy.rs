//! What this tracker takes from whom, as the operator set it: read anew at every reload, the same for everybody.
//!
//! [`addresses`] counts the connections of each address, [`allowance`] what one connection may send, [`forwarded`] says
//! whose address it is behind proxies, [`tables`] where that is, [`token`] who may join which swarm, [`ice`] what servers
//! are lent.

pub(super) mod addresses;
pub(super) mod allowance;
pub(super) mod forwarded;
pub(super) mod ice;
pub(super) mod tables;
pub(super) mod token;

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use rustls::ServerConfig;
pub(super) use service::tls;

use super::Config;
use tables::Tables;
use token::Verifier;

/// A configuration, and what is made of it once.
#[derive(Debug)]
pub(super) struct Policy {
    /// The configuration.
    pub(super) config: Config,
    /// Who reads tokens, where tokens are asked for.
    pub(super) tokens: Option<Verifier>,
    /// The servers for ICE, where some are lent.
    pub(super) ice: Option<ice::Lent>,
    /// Where addresses are.
    pub(super) tables: Tables,
    /// The certificate, where we speak TLS.
    pub(super) tls: Option<Arc<ServerConfig>>,
}

/// A file that the configuration names cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The certificate or its key.
    #[error("TLS: {0}")]
    Tls(#[from] tls::Error),
    /// A table.
    #[error("tables: {0}")]
    Tables(#[from] tables::Error),
}

impl Policy {
    /// Reads the files that the configuration names.
    ///
    /// # Errors
    /// Where one of them cannot be used.
    pub(super) fn new(config: Config) -> Result<Self, Error> {
        let tls = tls::load(&config.tls_certificate, &config.tls_key)?;
        let tokens = Verifier::new(&config.token_keys, &config.token_issuer, &config.token_audience);
        let tables = Tables::load(&config.tables)?;
        Ok(Self { tokens, ice: ice::Lent::new(&config), tables, tls, config })
    }

    /// Whether a page of this origin may use the tracker. Where a list is set, a client without one may not: only
    /// browsers have to tell the truth here, and others can tell it too.
    pub(super) fn admits_origin(&self, origin: Option<&str>) -> bool {
        let allowed = &self.config.allowed_origins;
        let admitted = |origin: &str| allowed.iter().any(|pattern| pattern.admits(origin));
        allowed.is_empty() || origin.is_some_and(admitted)
    }

    /// Whether a proxy of ours has this address.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        contains(&self.config.trusted_proxies, address)
    }

    /// Whether somebody at this address may see the status page.
    pub(super) fn shows_status(&self, address: IpAddr) -> bool {
        contains(&self.config.status_networks, address)
    }
}

fn contains(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}
