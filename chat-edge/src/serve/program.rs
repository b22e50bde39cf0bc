//! The program around [`ChatEdge`].

use std::process::ExitCode;

use service::program::Launch;
use service::reload::Reloads;

use super::{ChatEdge, Config, Error};

/// Parses, loads, runs.
pub async fn run() -> ExitCode {
    service::program::run(serve).await
}

async fn serve(launch: Launch<Config>) -> Result<(), Error> {
    let Launch { config, command_line, shutdown } = launch;
    let reloads = Reloads::listen(command_line).map_err(Error::System)?;
    let edge = ChatEdge::load(config).await?;
    let reloader = edge.reloader();
    let reloading = tokio::spawn(reloads.each(move |config| reloader.reload(config)));
    service::program::ready();
    edge.run(shutdown).await;
    reloading.abort();
    Ok(())
}
