//! The TLS certificate: read at the start and at every reload; connections that are open keep theirs.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why a certificate cannot be used; the text names the file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read, or has nothing of what it should.
    #[error("{file}: {cause}")]
    File {
        /// Its path, as configured.
        file: String,
        /// What is wrong.
        cause: pem::Error,
    },
    /// The key does not fit the certificate, or is of no kind that we take.
    #[error("{file}: {cause}")]
    Pair {
        /// The certificate's path.
        file: String,
        /// What is wrong.
        cause: rustls::Error,
    },
}

/// What a server needs for TLS 1.2 and 1.3; nothing where no file is named.
///
/// # Errors
/// Where a file cannot be read, or the two do not fit each other.
pub fn load(certificate: &str, key: &str) -> Result<Option<Arc<ServerConfig>>, Error> {
    if certificate.is_empty() {
        return Ok(None);
    }
    let in_file = |file: &str| {
        let file = file.to_owned();
        move |cause| Error::File { file, cause }
    };
    let chain: Vec<CertificateDer<'_>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(in_file(certificate))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(in_file(key))?;
    let pair = |cause| Error::Pair { file: certificate.to_owned(), cause };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Arc::new(config)))
}
