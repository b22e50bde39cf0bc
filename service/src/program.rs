//! A server as a program: command line, configuration, log, open files, signals, and last words.

use std::fmt::Display;
use std::future::Future;
use std::io::Write;
use std::process::ExitCode;

use sd_notify::NotifyState;

use crate::config::{CommandLine, Settings};
use crate::signals::{self, Shutdown};
use crate::{log, open_files};

/// What a server is started with.
pub struct Launch<S> {
    /// What the operator set.
    pub config: S,
    /// Where it was said, to read it again.
    pub command_line: CommandLine,
    /// Resolves when the server is to drain.
    pub shutdown: Shutdown,
}

impl<S: std::fmt::Debug> std::fmt::Debug for Launch<S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Launch").field("config", &self.config).finish_non_exhaustive()
    }
}

/// The body of a server's `main`: reads what it is told, then serves. Call it inside tokio's runtime.
pub async fn run<S, E, F>(serve: impl FnOnce(Launch<S>) -> F) -> ExitCode
where
    S: Settings,
    E: Display,
    F: Future<Output = Result<(), E>>,
{
    conclude(S::PROGRAM, attempt(serve).await)
}

async fn attempt<S, E, F>(serve: impl FnOnce(Launch<S>) -> F) -> Result<(), String>
where
    S: Settings,
    E: Display,
    F: Future<Output = Result<(), E>>,
{
    let told = |error| format!("configuration: {error}");
    let command_line = CommandLine::parse::<S>(std::env::args_os()).map_err(told)?;
    if command_line.print_config {
        return say(&S::commented_default());
    }
    log::start(command_line.log_json);
    let config = command_line.merged::<S>().map_err(told)?;
    if command_line.check_config {
        return say("the configuration is right\n");
    }
    open_files::raise_limit();
    let shutdown = signals::shutdown().map_err(|cause| format!("the system tells of no signals: {cause}"))?;
    serve(Launch { config, command_line, shutdown }).await.map_err(|error| error.to_string())
}

/// Tells the system's service manager that everything listens, where one started this process (`Type=notify`).
pub fn ready() {
    tell(NotifyState::Ready);
}

/// Tells it something; where there is none this does nothing.
pub(crate) fn tell(state: NotifyState<'_>) {
    if let Err(cause) = sd_notify::notify(&[state]) {
        tracing::warn!(%cause, "the service manager cannot be told");
    }
}

/// Writes what was asked for on the command line to standard output.
///
/// # Errors
/// Where nobody can be written to.
pub fn say(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|cause| format!("cannot write: {cause}"))
}

/// The exit code of a program that ended so; a bad end is told on standard error, under the program's name.
pub fn conclude(program: &str, ended: Result<(), impl Display>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even the standard error is closed there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "{program}: {error}");
            ExitCode::FAILURE
        }
    }
}
