//! SIGINT and SIGTERM: the first asks for a drain, the second ends the process at once.

use std::future::Future;
use std::pin::Pin;

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::program::tell;

/// What a shell reports for a process that was ended by SIGINT: 128 + 2.
const EXIT_INTERRUPTED: i32 = 130;

/// Resolves when a server is to drain.
pub type Shutdown = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Resolves at the first signal; a second one from then on exits the process.
///
/// # Errors
/// Where the system refuses to tell of signals.
pub fn shutdown() -> std::io::Result<Shutdown> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(Box::pin(async move {
        either(&mut interrupt, &mut terminate).await;
        tracing::info!("draining; a second signal ends at once");
        tell(NotifyState::Stopping);
        tokio::spawn(async move {
            either(&mut interrupt, &mut terminate).await;
            std::process::exit(EXIT_INTERRUPTED);
        });
    }))
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
