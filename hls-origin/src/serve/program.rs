//! The program around [`Origin`]: what it tells a person at its start.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use service::program::Launch;

use super::{Config, Error, Origin};

/// Parses, loads, runs.
pub async fn run() -> ExitCode {
    service::program::run(serve).await
}

async fn serve(launch: Launch<Config>) -> Result<(), Error> {
    let origin = Origin::load(launch.config).await?;
    for stream in origin.streams() {
        tell(&origin, stream);
    }
    tracing::info!(url = origin.public_url(), listen = %origin.local_addr(), ops = ?origin.ops_addr(), "listening");
    service::program::ready();
    origin.run(launch.shutdown).await
}

/// Says where to publish. Logs travel, so the key is in it only for a person at a terminal, and once, when it is made.
fn tell(origin: &Origin, stream: &str) {
    if origin.has_new_key(stream) || std::io::stderr().is_terminal() {
        let publish = origin.publish_url(stream, "RENDITION").unwrap_or_default();
        tracing::info!(stream, publish, "publish here; keep the key to yourself");
    } else {
        let publish = format!("{}/publish/{stream}/RENDITION?key=…", origin.public_url());
        tracing::info!(
            stream,
            publish,
            "publish here; the key is in the configuration or in state_dir/origin.json"
        );
    }
}
