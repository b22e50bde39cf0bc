//! What the tests of every server share: a server under way, a request as bytes, and a hang that ends.

pub mod program;
pub mod settings;
pub mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A test that waits this long waits for something that will not come.
const HANG: Duration = Duration::from_secs(30);

/// Waits for what must come.
///
/// # Panics
/// Where it does not come.
#[expect(clippy::expect_used, reason = "a test ends here")]
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANG, what).await.expect("this should have come long ago")
}

/// A server under way in a task of its own.
#[derive(Debug)]
pub struct Running<T> {
    stop: oneshot::Sender<()>,
    served: JoinHandle<T>,
}

impl<T: Send + 'static> Running<T> {
    /// Starts a server; it is given what resolves when it is to drain.
    pub fn start<F>(serve: impl FnOnce(crate::signals::Shutdown) -> F) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let shutdown = Box::pin(async {
            let _ = stopped.await;
        });
        Self { stop, served: tokio::spawn(serve(shutdown)) }
    }

    /// Asks the server to stop, at once; resolves when it has.
    ///
    /// # Panics
    /// Where it does not end, or panics.
    #[expect(clippy::expect_used, reason = "a test ends here")]
    pub fn stop(self) -> impl Future<Output = T> {
        let _ = self.stop.send(());
        async { soon(self.served).await.expect("the server ends well") }
    }
}

/// Whatever comes back for these bytes until the other end closes.
///
/// # Panics
/// Where nobody listens, or the connection breaks.
#[expect(clippy::expect_used, reason = "a test ends here")]
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("somebody listens");
    stream.write_all(request).await.expect("it is read");
    let mut response = Vec::new();
    soon(stream.read_to_end(&mut response)).await.expect("it is answered");
    response
}

/// The sum of the samples of a metric whose labels contain `label`; `None` where the page has no such sample.
///
/// # Panics
/// Where a sample is no whole number.
#[expect(clippy::expect_used, reason = "a test ends here")]
#[must_use]
pub fn sum_of_samples(page: &str, name: &str, label: &str) -> Option<u64> {
    let samples = page.lines().filter_map(|line| line.rsplit_once(' ')).filter(|(sample, _)| {
        let labels = sample.strip_prefix(name);
        labels.is_some_and(|labels| labels.is_empty() || labels.starts_with('{')) && sample.contains(label)
    });
    samples.map(|(_, value)| value.parse::<u64>().expect("a whole number")).reduce(|sum, value| sum + value)
}
