//! A certificate for a test, and a client that trusts it.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::soon;

/// What servers are called in tests.
pub const HOST: &str = "server.test";

/// The file of the certificate, and that of its key.
pub const FILES: [&str; 2] = ["chain.pem", "key.pem"];

/// Writes a new self-signed certificate for [`HOST`] and its key into a folder as [`FILES`]; returns the certificate.
///
/// # Panics
/// Where the folder cannot be written to.
#[expect(clippy::expect_used, reason = "a test ends here")]
#[must_use]
pub fn certify(folder: &Path) -> CertificateDer<'static> {
    let certified = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).expect("a certificate");
    let texts = [certified.cert.pem(), certified.signing_key.serialize_pem()];
    for (name, text) in FILES.iter().zip(texts) {
        fs::write(folder.join(name), text).expect("a folder to write to");
    }
    certified.cert.der().clone()
}

/// Where [`certify`] writes: the certificate and its key, as configurations name them.
///
/// # Panics
/// Where the folder's name is no UTF-8.
#[expect(clippy::expect_used, reason = "a test ends here")]
#[must_use]
pub fn paths(folder: &Path) -> [String; 2] {
    FILES.map(|name| folder.join(name).to_str().expect("a name in UTF-8").to_owned())
}

/// Opens TLS over a connection, as a client that trusts this certificate alone.
///
/// # Errors
/// Where the server shows another, or speaks no TLS.
///
/// # Panics
/// Where the certificate is none.
#[expect(clippy::expect_used, reason = "a test ends here")]
pub async fn connect(
    stream: TcpStream,
    trusted: CertificateDer<'static>,
) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).expect("a certificate");
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions that this build has")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(HOST).expect("a host's name");
    soon(TlsConnector::from(Arc::new(client)).connect(name, stream)).await
}
