//! The program around [`Stack`]: its command line, log, signals and last words.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use chat_edge::serve as chat;
use clap::Parser;
use service::config::environment;
use service::{log, open_files, program, signals};
use tracker::serve as tracker_server;

use crate::config::{self, Config, Environment, Flags};
use crate::print;
use crate::stack::{self, Died, Stack};

/// Why the program ends badly.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("configuration: cannot read {path}: {cause}")]
    File { path: String, cause: std::io::Error },
    #[error("configuration: {0}")]
    Config(#[from] config::Error),
    #[error("the system tells of no signals: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Stack(#[from] stack::Error),
    #[error(transparent)]
    Died(#[from] Died),
    #[error("cannot write: {0}")]
    Ready(std::io::Error),
}

/// Parses, loads, runs.
pub async fn run() -> ExitCode {
    let flags = Flags::parse();
    if flags.print_config {
        return program::conclude("shoal", program::say(&print::commented_default()));
    }
    if flags.check_config {
        let checked = configure(&flags).map(|_| ()).map_err(|error| error.to_string());
        return program::conclude(
            "shoal",
            checked.and_then(|()| program::say("the configuration is right\n")),
        );
    }
    program::conclude("shoal", serve(&flags).await)
}

async fn serve(flags: &Flags) -> Result<(), Error> {
    let to_a_person = std::io::stderr().is_terminal();
    log::start(flags.log_json);
    open_files::raise_limit();
    let shutdown = signals::shutdown().map_err(Error::Signals)?;
    let stack = Stack::load(configure(flags)?).await?;
    program::ready();
    stack.ready().log(to_a_person);
    if flags.ready_json {
        stack.ready().write_json(&mut std::io::stdout()).map_err(Error::Ready)?;
    }
    Ok(stack.run(shutdown).await?)
}

fn configure(flags: &Flags) -> Result<Config, Error> {
    let file = flags.config.as_deref().map(read).transpose()?.unwrap_or_default();
    let variable = |name: &str| std::env::var(name).ok();
    let environment = Environment {
        tracker: environment::<tracker_server::Config>(variable).map_err(config::Error::Tracker)?,
        chat: environment::<chat::Config>(variable).map_err(config::Error::Chat)?,
    };
    Ok(Config::merge(flags, environment, &file)?)
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|cause| Error::File { path: path.display().to_string(), cause })
}
