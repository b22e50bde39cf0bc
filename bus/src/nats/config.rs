//! Where NATS is, and how to get in.

use std::path::PathBuf;

use async_nats::{ConnectOptions, ServerAddr};

use crate::Subject;
use crate::limits::SERVERS_MAX;

/// What an operator says of NATS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Its servers, as `nats://host:port` or `tls://host:port`, with `user:password@` or `token@` before the host where
    /// it asks for that. One is enough: it tells of the others.
    pub servers: Vec<String>,
    /// What this process is called in NATS' own lists.
    pub name: String,
    /// The first word of every subject: two deployments with different ones share a NATS and never meet.
    pub prefix: String,
    /// Certificates (PEM) that its servers' certificate is checked against; the system's where there is none.
    pub root_certificates: Option<PathBuf>,
    /// Our certificate and its key (PEM), where NATS asks for one.
    pub client_certificate: Option<(PathBuf, PathBuf)>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No server, or too many.
    #[error("name 1 to {SERVERS_MAX} servers of NATS")]
    Servers,
    /// An address that is none.
    #[error("`{0}` is no address of a NATS server; write nats://host:port")]
    Server(String),
    /// A prefix that is no subject.
    #[error("`{0}` cannot begin a subject; write letters, digits, `-` or `_`")]
    Prefix(String),
    /// The client says no.
    #[error("NATS: {0}")]
    Connect(String),
}

impl Config {
    /// These servers, and the defaults.
    #[must_use]
    pub fn new(servers: Vec<String>, name: impl Into<String>) -> Self {
        Self {
            servers,
            name: name.into(),
            prefix: "shoal".to_owned(),
            root_certificates: None,
            client_certificate: None,
        }
    }

    pub(super) fn prefix(&self) -> Result<String, Error> {
        let sound = Subject::parse(&self.prefix).is_some();
        sound.then(|| self.prefix.clone()).ok_or_else(|| Error::Prefix(self.prefix.clone()))
    }

    pub(super) fn servers(&self) -> Result<Vec<ServerAddr>, Error> {
        if !(1..=SERVERS_MAX).contains(&self.servers.len()) {
            return Err(Error::Servers);
        }
        let parse = |text: &String| text.parse().map_err(|_| Error::Server(text.clone()));
        self.servers.iter().map(parse).collect()
    }

    pub(super) fn options(&self) -> Result<ConnectOptions, Error> {
        let mut options = ConnectOptions::new().name(&self.name);
        // The client knows users in addresses, but a token only as an option of its own.
        for server in self.servers()? {
            match (server.username(), server.password()) {
                (Some(token), None) => options = options.token(token.to_owned()),
                (Some(user), Some(password)) => {
                    options = options.user_and_password(user.to_owned(), password.to_owned());
                }
                (None, _) => {}
            }
        }
        if let Some(path) = &self.root_certificates {
            options = options.add_root_certificates(path.clone());
        }
        if let Some((certificate, key)) = &self.client_certificate {
            options = options.add_client_certificate(certificate.clone(), key.clone());
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_named() {
        let address = |text: &str| Config::new(vec![text.to_owned()], "test");
        assert!(address("nats://127.0.0.1:4222").servers().is_ok());
        assert!(address("tls://user:password@nats.example.com").servers().is_ok());
        assert!(matches!(address("http://").servers(), Err(Error::Server(_))));
        assert!(matches!(Config::new(Vec::new(), "test").servers(), Err(Error::Servers)));
        let many = vec!["nats://a".to_owned(); SERVERS_MAX + 1];
        assert!(Config::new(many[1..].to_vec(), "test").servers().is_ok());
        assert!(matches!(Config::new(many, "test").servers(), Err(Error::Servers)));
        let prefix = |prefix: &str| Config { prefix: prefix.to_owned(), ..address("nats://a") };
        assert!(prefix("shoal-2").prefix().is_ok());
        assert!(matches!(prefix("a b").prefix(), Err(Error::Prefix(_))));
    }
}
