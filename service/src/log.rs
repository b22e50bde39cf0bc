//! The log of a process: on stderr, filtered by `RUST_LOG` (`info` without it), for people or, line by line, as JSON.
//!
//! **Invariant:** whatever `RUST_LOG` says for everybody, a library that writes what strangers send, or what is kept of
//! them, does so only where `RUST_LOG` names the library.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Libraries that have frames, requests or parameters of statements in their finer lines.
const QUIET: [&str; 8] = [
    "async_nats",
    "h2",
    "hyper",
    "hyper_util",
    "rustls",
    "tokio_postgres",
    "tokio_tungstenite",
    "tungstenite",
];

/// Starts it; call once, before anything is worth a line.
pub fn start(json: bool) {
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter(std::env::var("RUST_LOG")))
        .with_writer(std::io::stderr);
    if json {
        lines.json().init();
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).init();
    }
}

/// What `RUST_LOG` asks for, over what libraries say at most; where it makes no sense, the usual.
fn filter<E>(asked: Result<String, E>) -> EnvFilter {
    let asked = asked.ok().filter(|words| !words.is_empty() && EnvFilter::try_new(words).is_ok());
    // A later word on the same library counts.
    let quiet = QUIET.map(|library| format!("{library}=info")).join(",");
    EnvFilter::new(format!("{quiet},{}", asked.as_deref().unwrap_or("info")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(asked: &str) -> String {
        filter(Ok::<_, ()>(asked.to_owned())).to_string()
    }

    #[test]
    fn a_library_is_quiet_unless_it_is_named() {
        assert!(words("trace").contains("tungstenite=info") && words("trace").contains("trace"));
        assert!(words("debug,tungstenite=trace").contains("tungstenite=trace"));
        assert!(!words("debug,tokio_postgres=debug").contains("tokio_postgres=info"));
    }

    #[test]
    fn what_makes_no_sense_is_the_usual() {
        let usual = filter(Err(())).to_string();
        assert_eq!([words("="), words("")], [usual.clone(), usual]);
    }
}
