//! The program around [`ChatEdge`].

use std::process::ExitCode;

use service::program::Launch;

use super::{ChatEdge, Config, Error};

/// Parses, loads, runs.
pub async fn run() -> ExitCode {
    service::program::run(serve).await
}

async fn serve(launch: Launch<Config>) -> Result<(), Error> {
    ChatEdge::load(launch.config).await?.run(launch.shutdown).await;
    Ok(())
}
