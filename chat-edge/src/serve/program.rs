//! The program around [`ChatEdge`].

use std::process::ExitCode;

use service::config::CommandLine;
use service::program::Launch;
use service::signals;
use tokio::signal::unix::Signal;

use super::{ChatEdge, Config, Error, Reloader};

/// Parses, loads, runs.
pub async fn run() -> ExitCode {
    service::program::run(serve).await
}

async fn serve(launch: Launch<Config>) -> Result<(), Error> {
    let Launch { config, command_line, shutdown } = launch;
    let reload = signals::reload().map_err(Error::System)?;
    let edge = ChatEdge::load(config).await?;
    let reloading = tokio::spawn(reload_at(reload, edge.reloader(), command_line));
    edge.run(shutdown).await;
    reloading.abort();
    Ok(())
}

/// Reads the configuration again at every signal; where it cannot be used, everything stays as it was.
async fn reload_at(mut signal: Signal, reloader: Reloader, command_line: CommandLine) {
    while signal.recv().await.is_some() {
        let config = command_line.merged().map_err(|error| error.to_string());
        match config.and_then(|config| reloader.reload(config).map_err(|error| error.to_string())) {
            Ok(fixed) if fixed.is_empty() => tracing::info!("configuration read again"),
            Ok(fixed) => tracing::warn!(?fixed, "configuration read again; a restart changes these"),
            Err(error) => tracing::error!(%error, "configuration kept as it was"),
        }
    }
}
