//! `cargo xtask bench`: builds what is measured, optimised, and hands over to the bench that measures it.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{Args, Subcommand};

use crate::build::{self, Profile};
use crate::failure::Outcome;
use crate::run::{cargo, command, passing};
use crate::stamp::Stamp;
use crate::{install, test, tree};

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Viewers in real browsers on a real stack, against the same run without P2P
    Player(Passed),
    /// Readers at our origin beside a bare responder of the same bytes, and at others' where asked: CPU, delays
    Origin(Passed),
    /// A crowd of viewers at our tracker, and at others' where asked: memory, CPU, latencies, losses
    Tracker(Passed),
    /// A real swarm of native viewers at our tracker and origin, against the same without P2P
    Peers(Passed),
    /// The market in the simulator: large worlds beside their controls, as a table, JSON and plots; minutes with
    /// `-- --viewers 100 --seconds 20`
    Swarm(Passed),
    /// A crowd of viewers at our chat edge beside a bare send loop, and at others' where asked; `-- million` holds one
    Chat(Passed),
    /// 500 comments over a picture, beside another renderer of them: the main thread's time a frame
    Danmaku(Passed),
    /// The filter of comments, with ten thousand words: comments a second of one CPU
    Filter,
}

/// Arguments that the bench itself reads.
#[derive(Args)]
pub(crate) struct Passed {
    /// Arguments of the bench; `cargo xtask bench player -- --help` names them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<OsString>,
}

pub(crate) fn run(bench: &Bench) -> Outcome {
    let root = tree::root();
    match bench {
        Bench::Player(passed) => player(&root, passed),
        Bench::Origin(passed) => origin(&root, passed),
        Bench::Tracker(passed) => tracker(&root, passed),
        Bench::Peers(passed) => peers(&root, passed),
        Bench::Swarm(passed) => swarm(&root, passed),
        Bench::Chat(passed) => chat(&root, passed),
        Bench::Danmaku(passed) => danmaku(&root, passed),
        Bench::Filter => filter(&root),
    }
}

fn player(root: &Path, passed: &Passed) -> Outcome {
    install::programs(&[install::FFMPEG])?;
    install::programs(&install::BROWSERS)?;
    let shoal = build::stack(root, Profile::Release)?;
    let mut player = command(root, "node", ["tests/browser/bench/player.mjs"]);
    player.args(&passed.arguments);
    test::tell(&mut player, &shoal);
    if passed.arguments.iter().any(|argument| argument == "--peer") {
        rival(root)?;
    }
    if passed.arguments.iter().any(|argument| APART.iter().any(|name| starts_with(argument, name))) {
        install::programs(&install::LAB)?;
        player.env("SHOAL_WIRE", build::wire(root)?);
    }
    passing(player)
}

/// The player that ours is measured beside, in a folder of its own: only who asks for it has it. Its bundles for browsers are
/// whole; what its packages would build is for Node.
fn rival(root: &Path) -> Outcome {
    let dir = root.join("tests/browser/rival");
    let [lock, installed] = ["package-lock.json", "node_modules/.package-lock.json"]
        .map(|file| format!("tests/browser/rival/{file}"));
    Stamp::of(root, "player-rival", &[&lock], &[&installed])?.unless_fresh(|| {
        let words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        passing(command(&dir, "npm", words))
    })?;
    Ok(())
}

/// Options of the player's bench that give each viewer a network of its own.
const APART: [&str; 3] = ["--uplink", "--loss", "--rtt"];

fn starts_with(argument: &OsStr, name: &str) -> bool {
    argument.as_encoded_bytes().starts_with(name.as_bytes())
}

fn danmaku(root: &Path, passed: &Passed) -> Outcome {
    install::programs(&install::BROWSERS)?;
    build::page(root)?;
    passing(cargo(root, ["build", "--release", "--package", "chat-edge"]))?;
    let mut danmaku = command(root, "node", ["tests/browser/bench/danmaku.mjs"]);
    test::tell(&mut danmaku, &build::target(root).join("release/shoal"));
    danmaku.args(&passed.arguments);
    passing(danmaku)
}

fn origin(root: &Path, passed: &Passed) -> Outcome {
    passing(cargo(root, ["build", "--release", "--package", "hls-origin", "--package", "origin-load"]))?;
    let programs = build::target(root).join("release");
    let mut load = command(root, &programs.join("origin-load").to_string_lossy(), ["run", "--origin"]);
    load.arg(programs.join("hls-origin")).args(&passed.arguments);
    passing(load)
}

fn tracker(root: &Path, passed: &Passed) -> Outcome {
    let build = cargo(root, ["build", "--release", "--package", "tracker", "--package", "tracker-load"]);
    passing(build)?;
    let programs = build::target(root).join("release");
    let mut load = command(root, &programs.join("tracker-load").to_string_lossy(), ["run", "--tracker"]);
    load.arg(programs.join("tracker")).args(&passed.arguments);
    passing(load)
}

fn peers(root: &Path, passed: &Passed) -> Outcome {
    let packages = ["hls-origin", "tracker", "peer", "peer-load"];
    let mut build = cargo(root, ["build", "--release"]);
    packages.iter().for_each(|package| {
        build.args(["--package", package]);
    });
    passing(build)?;
    let programs = build::target(root).join("release");
    let mut load = command(root, &programs.join("peer-load").to_string_lossy(), ["--origin"]);
    load.arg(programs.join("hls-origin")).arg("--tracker").arg(programs.join("tracker"));
    load.arg("--peer").arg(programs.join("shoal-peer")).args(&passed.arguments);
    passing(load)
}

fn swarm(root: &Path, passed: &Passed) -> Outcome {
    passing(cargo(root, ["build", "--release", "--package", "sim"]))?;
    let built = build::target(root);
    let mut sim = command(root, &built.join("release/sim").to_string_lossy(), ["--bench"]);
    sim.arg(built.join("swarm")).args(&passed.arguments);
    passing(sim)
}

/// `million` is a task of its own; everything else belongs to the comparison.
fn chat(root: &Path, passed: &Passed) -> Outcome {
    install::programs(&[install::TASKSET, install::NATS])?;
    passing(cargo(root, ["build", "--release", "--package", "chat-edge", "--package", "chat-load"]))?;
    let programs = build::target(root).join("release");
    let million = passed.arguments.first().is_some_and(|first| first == "million");
    let task = if million { "million" } else { "run" };
    let mut load = command(root, &programs.join("chat-load").to_string_lossy(), [task, "--chat-edge"]);
    load.arg(programs.join("chat-edge")).args(passed.arguments.iter().skip(usize::from(million)));
    passing(load)
}

fn filter(root: &Path) -> Outcome {
    let core = ["run", "--release", "--package", "chat-edge", "--no-default-features", "--example", "filter"];
    passing(cargo(root, core))
}
