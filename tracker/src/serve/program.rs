//! The program around [`Tracker`]: its command line, log, signals and last words.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use tokio::signal::unix::Signal;

use super::config::{self, Config, layers, print};
use super::{Reloader, Tracker, log, open_files, signals};

/// Why the program ends before it serves.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("cannot read {path}: {cause}")]
    File { path: String, cause: std::io::Error },
    #[error("configuration: {0}")]
    Config(#[from] config::Error),
    #[error("the system tells of no signals: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Tracker(#[from] super::Error),
    #[error("TLS: {0}")]
    Tls(#[from] super::TlsError),
    #[error("cannot write: {0}")]
    Print(std::io::Error),
}

/// Parses, loads, runs.
pub async fn run() -> ExitCode {
    let command_line = match layers::command_line(&layers::command().get_matches()) {
        Ok(command_line) => command_line,
        Err(error) => return fail(&error.into()),
    };
    let ended = if command_line.print_config { print_config() } else { serve(command_line).await };
    ended.map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS)
}

fn print_config() -> Result<(), Error> {
    std::io::stdout().write_all(print::commented_default().as_bytes()).map_err(Error::Print)
}

async fn serve(command_line: layers::CommandLine) -> Result<(), Error> {
    log::start(command_line.log_json);
    let config = merged(&command_line)?;
    open_files::raise_limit();
    let shutdown = signals::shutdown().map_err(Error::Signals)?;
    let reload = signals::reload().map_err(Error::Signals)?;
    let tracker = Tracker::load(config).await?;
    let reloading = tokio::spawn(reload_at(reload, tracker.reloader(), command_line));
    tracker.run(shutdown).await;
    reloading.abort();
    Ok(())
}

/// All layers, read now.
fn merged(command_line: &layers::CommandLine) -> Result<Config, Error> {
    let file = command_line.file.as_deref().map(read).transpose()?.unwrap_or_default();
    let environment = layers::environment(|name| std::env::var(name).ok())?;
    Ok(Config::from_layers([file, environment, command_line.layer.clone()])?)
}

/// Reads the configuration again at every signal; where it cannot be used, everything stays as it was.
async fn reload_at(mut signal: Signal, reloader: Reloader, command_line: layers::CommandLine) {
    while signal.recv().await.is_some() {
        let reloaded = merged(&command_line).and_then(|config| Ok(reloader.reload(config)?));
        match reloaded {
            Ok(fixed) if fixed.is_empty() => tracing::info!("configuration read again"),
            Ok(fixed) => tracing::warn!(?fixed, "configuration read again; a restart changes these"),
            Err(error) => tracing::error!(%error, "configuration kept as it was"),
        }
    }
}

fn read(path: &Path) -> Result<toml::Table, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| Error::File { path: path.display().to_string(), cause })?;
    Ok(layers::file(&text)?)
}

fn fail(error: &Error) -> ExitCode {
    // Where even the standard error is closed there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "tracker: {error}");
    ExitCode::FAILURE
}
