//! `cargo xtask bench`: builds what is measured, optimised, and hands over to the bench that measures it.

use std::ffi::OsString;

use clap::{Args, Subcommand};

use crate::build::{self, Profile};
use crate::failure::Outcome;
use crate::run::{command, passing};
use crate::{install, test, tree};

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Viewers in real browsers on a real stack, against the same run without P2P
    Player(Passed),
}

/// Arguments that the bench itself reads.
#[derive(Args)]
pub(crate) struct Passed {
    /// Arguments of the bench; `cargo xtask bench player -- --help` names them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<OsString>,
}

pub(crate) fn run(bench: &Bench) -> Outcome {
    let Bench::Player(passed) = bench;
    let root = tree::root();
    install::programs(&[install::FFMPEG])?;
    install::programs(&install::BROWSERS)?;
    let shoal = build::stack(&root, Profile::Release)?;
    let mut player = command(&root, "node", ["tests/browser/bench/player.mjs"]);
    player.args(&passed.arguments);
    test::tell(&mut player, &shoal);
    passing(player)
}
