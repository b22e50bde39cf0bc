//! The program around [`Stack`]: its command line, log, signals and last words.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use tracker::serve::config::layers;
use tracker::serve::{log, open_files, signals};

use crate::config::{self, Config, Flags};
use crate::print;
use crate::stack::{self, Died, Stack};

/// Why the program ends badly.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("cannot read {path}: {cause}")]
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
    Print(std::io::Error),
}

/// Parses, loads, runs.
pub async fn run() -> ExitCode {
    let flags = Flags::parse();
    let ended = if flags.print_config { print_config() } else { serve(&flags).await };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even the standard error is closed there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "shoal: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print_config() -> Result<(), Error> {
    std::io::stdout().write_all(print::commented_default().as_bytes()).map_err(Error::Print)
}

async fn serve(flags: &Flags) -> Result<(), Error> {
    let to_a_person = std::io::stderr().is_terminal();
    log::start(flags.log_json);
    let shutdown = signals::shutdown().map_err(Error::Signals)?;
    let stack = Stack::load(configure(flags)?).await?;
    stack.ready().log(to_a_person);
    if flags.ready_json {
        stack.ready().write_json(&mut std::io::stdout()).map_err(Error::Print)?;
    }
    Ok(stack.run(shutdown).await?)
}

fn configure(flags: &Flags) -> Result<Config, Error> {
    open_files::raise_limit();
    let file = match &flags.config {
        None => String::new(),
        Some(path) => std::fs::read_to_string(path)
            .map_err(|cause| Error::File { path: path.display().to_string(), cause })?,
    };
    let environment = layers::environment(|name| std::env::var(name).ok()).map_err(config::Error::from)?;
    Ok(Config::merge(flags, environment, &file)?)
}
