//! The program around [`Tracker`]: what it does with its configuration, at the start and at SIGHUP.

use std::process::ExitCode;

use service::config::{self, CommandLine};
use service::program::Launch;
use service::signals;
use tokio::signal::unix::Signal;

use super::config::Config;
use super::{Reloader, TlsError, Tracker};

/// Why the program ends before it serves.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("configuration: {0}")]
    Config(#[from] config::Error),
    #[error("the system tells of no signals: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Tracker(#[from] super::Error),
    #[error("TLS: {0}")]
    Tls(#[from] TlsError),
}

/// Parses, loads, runs.
pub async fn run() -> ExitCode {
    service::program::run(serve).await
}

async fn serve(launch: Launch<Config>) -> Result<(), Error> {
    let Launch { config, command_line, shutdown } = launch;
    let reload = signals::reload().map_err(Error::Signals)?;
    let tracker = Tracker::load(config).await?;
    let reloading = tokio::spawn(reload_at(reload, tracker.reloader(), command_line));
    tracker.run(shutdown).await;
    reloading.abort();
    Ok(())
}

/// Reads the configuration again at every signal; where it cannot be used, everything stays as it was.
async fn reload_at(mut signal: Signal, reloader: Reloader, command_line: CommandLine) {
    while signal.recv().await.is_some() {
        let config = command_line.merged().map_err(Error::from);
        match config.and_then(|config| Ok(reloader.reload(config)?)) {
            Ok(fixed) if fixed.is_empty() => tracing::info!("configuration read again"),
            Ok(fixed) => tracing::warn!(?fixed, "configuration read again; a restart changes these"),
            Err(error) => tracing::error!(%error, "configuration kept as it was"),
        }
    }
}
