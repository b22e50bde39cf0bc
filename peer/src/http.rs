//! GETs: bounded bodies, a few redirects, and failures in the engine's words.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::header::{CONTENT_LENGTH, LINK, LOCATION, RETRY_AFTER};
use hyper::{Response, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use swarm::FetchFailure;
use url::Url;

use crate::limits::{CONNECT_TIME, REDIRECTS_MAX, RETRY_AFTER_MS, RETRY_AFTER_MS_MAX};

/// Connections that wait for their next request, for each host.
const IDLE_MAX: usize = 256;
/// How long they do.
const IDLE_TIME: Duration = Duration::from_secs(30);

/// A client that all viewers of a process share.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    tls: Arc<ClientConfig>,
}

/// Why a GET brought nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The server cannot be reached, or broke off.
    #[error("{0}")]
    Transport(String),
    /// Any status that is none of success.
    #[error("HTTP {status}")]
    Status {
        /// It.
        status: StatusCode,
        /// What Retry-After said, bounded.
        retry_ms: u32,
    },
    /// More bytes than there may be.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// A redirect to nowhere, or one too many.
    #[error("redirected too often, or to no URL")]
    Redirect,
}

/// A body, and what came with it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Where it was in the end.
    pub(crate) url: Url,
    /// The `Link` header.
    pub(crate) link: Option<String>,
    /// It.
    pub(crate) body: Bytes,
}

impl Http {
    /// A client that trusts what this machine trusts.
    pub(crate) fn new() -> Self {
        let tls = Arc::new(tls());
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIME));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config((*tls).clone())
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_TIME)
            .pool_max_idle_per_host(IDLE_MAX)
            .build(connector);
        Self { client, tls }
    }

    /// How TLS is spoken, for sockets too.
    pub(crate) fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.tls)
    }

    /// GETs a resource of `bytes_max` bytes at most.
    pub(crate) async fn get(&self, url: &Url, bytes_max: usize) -> Result<Answer, Failure> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let uri = url.as_str().parse().map_err(|_| Failure::Redirect)?;
            let response = self.client.get(uri).await.map_err(|cause| Failure::Transport(reason(&cause)))?;
            if !response.status().is_redirection() {
                return answer(url, response, bytes_max).await;
            }
            url = header(&response, &LOCATION).and_then(|to| url.join(&to).ok()).ok_or(Failure::Redirect)?;
        }
        Err(Failure::Redirect)
    }
}

impl From<Failure> for FetchFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Status { status: StatusCode::SERVICE_UNAVAILABLE, retry_ms } => {
                Self::NotYet { retry_ms }
            }
            Failure::Status { status: StatusCode::NOT_FOUND | StatusCode::GONE, .. } => Self::Absent,
            Failure::Status { .. } | Failure::Transport(_) | Failure::TooLong(_) | Failure::Redirect => {
                Self::Unreachable
            }
        }
    }
}

async fn answer(
    url: Url,
    response: Response<hyper::body::Incoming>,
    bytes_max: usize,
) -> Result<Answer, Failure> {
    let status = response.status();
    if !status.is_success() {
        let retry_ms = retry_after_ms(header(&response, &RETRY_AFTER).as_deref());
        return Err(Failure::Status { status, retry_ms });
    }
    let length = header(&response, &CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    if length.is_some_and(|length| length > bytes_max) {
        return Err(Failure::TooLong(bytes_max));
    }
    let link = header(&response, &LINK);
    let body = Limited::new(response.into_body(), bytes_max).collect().await.map_err(|cause| {
        if cause.is::<LengthLimitError>() {
            Failure::TooLong(bytes_max)
        } else {
            Failure::Transport(cause.to_string())
        }
    })?;
    Ok(Answer { url, link, body: body.to_bytes() })
}

fn header<T>(response: &Response<T>, name: &hyper::header::HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// Seconds (RFC 9110 §10.2.3; a date counts as unknown) as bounded milliseconds.
fn retry_after_ms(header: Option<&str>) -> u32 {
    let seconds = header.and_then(|text| text.trim().parse::<u32>().ok());
    seconds.map_or(RETRY_AFTER_MS, |seconds| seconds.saturating_mul(1_000).min(RETRY_AFTER_MS_MAX))
}

/// The innermost cause: what a person can act on.
fn reason(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

fn tls() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    // Certificates that cannot be read are trusted by nobody.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    match builder.with_safe_default_protocol_versions() {
        Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
        // The provider has the suites of both versions.
        Err(_) => {
            ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_and_bounded() {
        let rows = [
            (None, RETRY_AFTER_MS),
            (Some("0"), 0),
            (Some(" 2 "), 2_000),
            (Some("10"), RETRY_AFTER_MS_MAX),
            (Some("11"), RETRY_AFTER_MS_MAX),
            (Some("99999999999"), RETRY_AFTER_MS),
            (Some("Sat, 21 Nov 2026 21:12:00 GMT"), RETRY_AFTER_MS),
        ];
        for (header, ms) in rows {
            assert_eq!(retry_after_ms(header), ms, "{header:?}");
        }
    }
}
