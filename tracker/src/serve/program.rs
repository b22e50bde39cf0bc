//! The program around [`Tracker`]: its command line, log, signals and last words.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use super::config::{self, Config, layers, print};
use super::{Tracker, open_files, signals};

/// The variable that filters the log (`info`, `debug`, `tracker=trace`).
const LOG_VARIABLE: &str = "SHOAL_LOG";

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
    let filter = EnvFilter::builder().with_env_var(LOG_VARIABLE).try_from_env();
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let file = command_line.file.as_deref().map(read).transpose()?.unwrap_or_default();
    let environment = layers::environment(|name| std::env::var(name).ok())?;
    let config = Config::from_layers([file, environment, command_line.layer])?;
    open_files::raise_limit();
    let shutdown = signals::shutdown().map_err(Error::Signals)?;
    Tracker::load(config).await?.run(shutdown).await;
    Ok(())
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
