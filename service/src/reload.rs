//! SIGHUP: the configuration is read again, where a server can change while it runs.

use std::fmt::Display;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{CommandLine, Settings};

/// SIGHUPs from now on, and where the configuration was said.
#[derive(Debug)]
pub struct Reloads {
    signal: Signal,
    command_line: CommandLine,
}

impl Reloads {
    /// Listens; until then a SIGHUP ends the process, as is usual.
    ///
    /// # Errors
    /// Where the system refuses to tell of signals.
    pub fn listen(command_line: CommandLine) -> std::io::Result<Self> {
        Ok(Self { signal: signal(SignalKind::hangup())?, command_line })
    }

    /// Reads the configuration at every signal and hands it to `reload`, which names the keys that only a restart
    /// changes. Where it cannot be used, everything stays as it was.
    pub async fn each<S: Settings, E: Display>(mut self, reload: impl Fn(S) -> Result<Vec<&'static str>, E>) {
        while self.signal.recv().await.is_some() {
            let config = self.command_line.merged().map_err(|error| error.to_string());
            match config.and_then(|config| reload(config).map_err(|error| error.to_string())) {
                Ok(fixed) if fixed.is_empty() => tracing::info!("configuration read again"),
                Ok(fixed) => tracing::warn!(?fixed, "configuration read again; a restart changes these"),
                Err(error) => tracing::error!(%error, "configuration kept as it was"),
            }
        }
    }
}
