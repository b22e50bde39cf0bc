//! `cargo xtask`: the two commands of a newcomer, `up` and `test`, and every other task of the tree.
//!
//! Tasks are written in the project's own language, so that they need nothing that the project does not. Progress goes
//! to stderr; stdout carries only what was asked for. What a task starts, it stops, however it ends ([`child`]).

#[cfg(not(unix))]
compile_error!("`cargo xtask` needs Unix: on Windows run it inside WSL (wsl --install -d Debian)");

mod bench;
mod build;
mod child;
mod cli;
mod clock;
mod comments;
mod deny;
mod failure;
mod fuzz;
mod install;
mod run;
mod say;
mod source;
mod stamp;
mod test;
mod tidy;
mod tree;
mod up;
mod wasm;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::Cli::parse().task.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::failure(&failure);
            ExitCode::FAILURE
        }
    }
}
