//! The command line: each task is one variant; `cargo xtask --help` is its table of contents.

use clap::{Args, Parser, Subcommand};

use crate::failure::Outcome;
use crate::{bench, comments, deny, fuzz, source, test, tidy, tree, up, wasm};

/// Tasks of the Shoal tree.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_version_flag = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Install what is missing, build, and run the whole stack with a live test source until Ctrl-C
    Up(up::Options),
    /// Install what is missing and run every gate and every test
    Test(test::Options),
    /// What the project's CI runs: `test`, all of it
    Ci,
    /// Check walls, sizes, docs and words of the tree
    Tidy(Tidy),
    /// Build the browser module and measure it against its budget
    Wasm,
    /// Measure the running system
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Look for bytes that break one of the doors through which bytes come from outside (`tests/fuzz`)
    Fuzz(fuzz::Options),
    /// Publish the test picture and its tone to a stream
    Source(source::Options),
    /// Speak in the test room, as people would
    Comments(comments::Options),
    /// Check bans, licences and sources of every dependency
    Deny,
    /// Run a program that ends when this one does (used by other tasks)
    #[command(hide = true)]
    Guard(crate::child::Guarded),
}

#[derive(Args)]
pub(crate) struct Tidy {
    /// Write down that specs and vectors agree with the codecs as they are now
    #[arg(long)]
    record: bool,
}

impl Task {
    pub(crate) fn run(self) -> Outcome {
        match self {
            Self::Up(options) => up::run(&options),
            Self::Test(options) => test::run(&options),
            Self::Ci => test::run(&test::Options::default()),
            Self::Tidy(options) => tidy::run(options.record),
            Self::Wasm => wasm::run(),
            Self::Bench(bench) => bench::run(&bench),
            Self::Fuzz(options) => fuzz::run(&options),
            Self::Source(options) => source::run(&options),
            Self::Comments(options) => comments::run(&options),
            Self::Deny => deny::run(&tree::root()),
            Self::Guard(guarded) => crate::child::guard(&guarded),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_bench_is_handed_its_arguments_as_they_are() {
        let words = ["xtask", "bench", "player", "--viewers", "8", "--no-control"];
        let cli = Cli::try_parse_from(words).expect("it parses");
        let Task::Bench(bench::Bench::Player(passed)) = cli.task else { panic!("another task") };
        assert_eq!(passed.arguments, words[3..]);
    }
}
