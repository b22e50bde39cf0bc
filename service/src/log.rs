//! The log of a process: on stderr, filtered by `RUST_LOG` (`info` without it), for people or, line by line, as JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts it; call once, before anything is worth a line.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        lines.json().init();
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).init();
    }
}
