//! Whether the way to PostgreSQL is encrypted, and whose certificate counts, in the words of PostgreSQL's own clients
//! (libpq, "SSL Support"): `sslmode`, `sslrootcert`, `sslcert` and `sslkey` in the URL.

use std::fmt;
use std::sync::Arc;

use postgres::config::SslMode;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Why there is no way to the database as its URL says.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A mode that is none.
    #[error(
        "`sslmode={0}` is not known; it is one of disable, allow, prefer, require, verify-ca, verify-full"
    )]
    Mode(String),
    /// A file cannot be read, or has nothing of what it should.
    #[error("{0}: {1}")]
    File(String, pem::Error),
    /// The system has no certificates to trust.
    #[error("the system has no certificates to check the server's against; name a file with `sslrootcert`")]
    NoRoots,
    /// A certificate without its key, or the other way round.
    #[error("`sslcert` and `sslkey` belong together")]
    Pair,
    /// The certificates cannot be used.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The verifier cannot be made of these roots.
    #[error("TLS: {0}")]
    Roots(#[from] rustls::client::VerifierBuilderError),
}

/// What the URL says of encryption, and the URL without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// What the driver reads.
    pub(super) url: String,
    mode: Mode,
    root: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

/// PostgreSQL's modes. What `allow` asks for is `prefer` here: both encrypt where the server wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Way {
    /// Takes a connection URL apart.
    pub(super) fn parse(url: &str) -> Result<Self, Fault> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut way =
            Self { url: String::new(), mode: Mode::Prefer, root: None, certificate: None, key: None };
        let mut rest = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let value = || pair.split_once('=').map(|(_, value)| decoded(value));
            match pair.split('=').next().unwrap_or_default() {
                "sslmode" => way.mode = Mode::parse(&value().unwrap_or_default())?,
                "sslrootcert" => way.root = value(),
                "sslcert" => way.certificate = value(),
                "sslkey" => way.key = value(),
                _ => rest.push(pair),
            }
        }
        let separator = if rest.is_empty() { "" } else { "?" };
        way.url = [base, separator, &rest.join("&")].concat();
        Ok(way)
    }

    /// What the driver is told.
    pub(super) const fn ssl_mode(&self) -> SslMode {
        match self.mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        }
    }

    /// What makes connections.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, Fault> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(self.verifier(provider)?));
        let config = match (&self.certificate, &self.key) {
            (None, None) => builder.with_no_client_auth(),
            (Some(certificate), Some(key)) => {
                let fault = |cause| Fault::File(key.clone(), cause);
                let key = PrivateKeyDer::from_pem_file(key).map_err(fault)?;
                builder.with_client_auth_cert(certificates(certificate)?, key)?
            }
            (Some(_), None) | (None, Some(_)) => return Err(Fault::Pair),
        };
        Ok(MakeRustlsConnect::new(config))
    }

    /// As libpq does it: `require` looks at the certificate only where somebody said what it is checked against.
    fn verifier(&self, provider: Arc<CryptoProvider>) -> Result<Verifier, Fault> {
        let named = self.root.as_deref().filter(|root| *root != "system");
        let (chain, name) = match self.mode {
            Mode::Disable | Mode::Prefer => (false, false),
            Mode::Require => (named.is_some(), false),
            Mode::VerifyCa => (true, false),
            Mode::VerifyFull => (true, true),
        };
        if !chain {
            return Ok(Verifier { provider, chain: None, name });
        }
        let mut roots = RootCertStore::empty();
        match named {
            Some(file) => {
                for certificate in certificates(file)? {
                    roots.add(certificate)?;
                }
            }
            None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
        }
        if roots.is_empty() {
            return Err(Fault::NoRoots);
        }
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        Ok(Verifier { provider, chain: Some(chain.build()?), name })
    }
}

impl Mode {
    fn parse(text: &str) -> Result<Self, Fault> {
        Ok(match text {
            "disable" => Self::Disable,
            "allow" | "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            other => return Err(Fault::Mode(other.to_owned())),
        })
    }
}

/// A value of a connection URL: percent signs, but no plus signs, mean something.
fn decoded(value: &str) -> String {
    let value = value.replace('+', "%2B");
    form_urlencoded::parse(value.as_bytes()).next().map(|(text, _)| text.into_owned()).unwrap_or_default()
}

fn certificates(file: &str) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let found = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    found.map_err(|cause| Fault::File(file.to_owned(), cause))
}

/// Looks at as much of a certificate as the mode asks for.
struct Verifier {
    provider: Arc<CryptoProvider>,
    /// Whose word counts; anybody's where there is none.
    chain: Option<Arc<WebPkiServerVerifier>>,
    /// Whether the name must be the server's.
    name: bool,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("chain", &self.chain.is_some()).field("name", &self.name).finish()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(end, between, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.name => Ok(ServerCertVerified::assertion()),
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_by_row() {
        let rows = [
            ("postgres://a@b/c", "postgres://a@b/c", Mode::Prefer, None),
            ("postgres://a@b/c?sslmode=disable", "postgres://a@b/c", Mode::Disable, None),
            ("postgres://a@b/c?sslmode=allow", "postgres://a@b/c", Mode::Prefer, None),
            (
                "postgres://a@b/c?user=x&sslmode=verify-full&sslrootcert=%2Fca%2Bb+c.pem&port=7",
                "postgres://a@b/c?user=x&port=7",
                Mode::VerifyFull,
                Some("/ca+b+c.pem"),
            ),
        ];
        for (url, left, mode, root) in rows {
            let way = Way::parse(url).unwrap();
            assert_eq!((way.url.as_str(), way.mode, way.root.as_deref()), (left, mode, root), "{url}");
        }
        for mode in ["", "on", "Require"] {
            assert!(matches!(Way::parse(&format!("postgres://b?sslmode={mode}")), Err(Fault::Mode(_))));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let connector = |query: &str| Way::parse(&format!("postgres://b?{query}")).unwrap().connector();
        let absent = connector("sslmode=verify-ca&sslrootcert=/absent.pem").err().unwrap();
        assert!(absent.to_string().starts_with("/absent.pem: "), "{absent}");
        assert!(matches!(connector("sslcert=/absent.pem"), Err(Fault::Pair)));
        assert!(connector("sslmode=require").is_ok());
    }
}
