//! The program around [`Tracker`].

use std::process::ExitCode;

use service::program::Launch;
use service::reload::Reloads;

use super::config::Config;
use super::{PolicyError, Tracker};

/// Why the program ends before it serves.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("the system tells of no signals: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Tracker(#[from] super::Error),
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

/// Parses, loads, runs.
pub async fn run() -> ExitCode {
    service::program::run(serve).await
}

async fn serve(launch: Launch<Config>) -> Result<(), Error> {
    let Launch { config, command_line, shutdown } = launch;
    let reloads = Reloads::listen(command_line).map_err(Error::Signals)?;
    let tracker = Tracker::load(config).await?;
    let reloader = tracker.reloader();
    // Large tables take a second or two: this thread's other tasks go on elsewhere.
    let reload = move |config| tokio::task::block_in_place(|| reloader.reload(config)).map_err(Error::Policy);
    let reloading = tokio::spawn(reloads.each(reload));
    service::program::ready();
    tracker.run(shutdown).await;
    reloading.abort();
    Ok(())
}
