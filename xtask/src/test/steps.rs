//! The gates and tests, in the order in which they run: what fails fast comes first, what needs a browser last.

use std::path::Path;
use std::process::Command;

use crate::build::{self, Profile};
use crate::child::own_binary;
use crate::failure::Outcome;
use crate::run::{cargo, command, passing};
use crate::stamp::Stamp;
use crate::{deny, install, tidy, wasm};

/// One gate or suite.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) run: fn(&Path) -> Outcome,
    /// It starts real servers and their clients, which a machine that stands still for seconds can fail: tried twice. The
    /// browser suite does so by itself, case by case.
    pub(super) twice: bool,
}

impl Step {
    pub(super) const fn new(name: &'static str, about: &'static str, run: fn(&Path) -> Outcome) -> Self {
        Self { name, about, run, twice: false }
    }

    pub(super) const fn twice(self) -> Self {
        Self { twice: true, ..self }
    }
}

pub(super) const STEPS: [Step; 13] = [
    Step::new("install", "what the steps below need and the machine lacks", install_all),
    Step::new("format", "rustfmt changes nothing", format),
    Step::new("tidy", "walls, sizes, docs and words", |_| tidy::run(false)),
    Step::new("lint", "clippy, warnings denied", lint),
    Step::new("walls", "pure packages and the module compile for wasm32", walls),
    Step::new("docs", "rustdoc, warnings denied", docs),
    Step::new("rust", "every Rust test of the workspace", rust).twice(),
    Step::new("interop", "tracker and chat edge with the stock clients", interop).twice(),
    Step::new("module", "the browser module, its imports and its size budget", |_| wasm::run()),
    Step::new("npm", "types, lints and unit tests of the npm packages", npm),
    Step::new("page", "the page builds", build::page),
    Step::new("browser", "the shipped bundle in real browsers", browser),
    Step::new("deny", "bans, licences and sources of the dependencies", deny::run),
];

/// What takes long, needs root, or both: run when it is named, and only then.
pub(super) const NAMED: [Step; 1] = [Step::new(
    "network",
    "viewers behind NATs on slow, lossy, long lines meet and share as the simulator says (by name only)",
    network,
)];

/// Packages, or pure cores of packages, that name no runtime: the compiler for wasm32 is the wall.
const PURE: [&[&str]; 7] = [
    &["--package", "protocol", "--all-features"],
    &["--package", "swarm"],
    &["--package", "replay"],
    &["--package", "danmaku"],
    &["--package", "tracker", "--no-default-features"],
    &["--package", "hls-origin", "--no-default-features"],
    &["--package", "chat-edge", "--no-default-features"],
];
/// The stock clients' own folders, and what they find their server by.
const INTEROP: [(&str, &str, &str); 2] = [
    ("tracker", "tracker/tests/interop", "TRACKER_BIN"),
    ("chat-edge", "chat-edge/tests/interop", "CHAT_EDGE_BIN"),
];
const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];

fn install_all(root: &Path) -> Outcome {
    let mut programs = vec![install::FFMPEG, install::NATS, install::COTURN, install::POSTGRES];
    programs.extend(install::BROWSERS);
    install::programs(&programs)?;
    install::wasm_target(root)?;
    install::npm(root)
}

fn format(root: &Path) -> Outcome {
    passing(cargo(root, ["fmt", "--all", "--check"]))
}

fn lint(root: &Path) -> Outcome {
    passing(cargo(root, ["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"]))
}

fn walls(root: &Path) -> Outcome {
    for package in PURE {
        let mut check = cargo(root, ["check", "--quiet"]);
        check.args(WASM).args(package);
        passing(check)?;
    }
    let mut lint = cargo(root, ["clippy", "--quiet", "--package", "client-wasm"]);
    lint.args(WASM).args(["--", "--deny", "warnings"]);
    passing(lint)
}

/// The bindings are there on wasm32 only, and so are their docs.
fn docs(root: &Path) -> Outcome {
    let host: &[&str] = &["--workspace", "--exclude", "client-wasm"];
    let module: &[&str] = &["--package", "client-wasm", WASM[0], WASM[1]];
    for packages in [host, module] {
        let mut docs = cargo(root, ["doc", "--no-deps", "--quiet"]);
        docs.args(packages).env("RUSTDOCFLAGS", "--deny warnings");
        passing(docs)?;
    }
    Ok(())
}

fn rust(root: &Path) -> Outcome {
    passing(cargo(root, ["test", "--workspace", "--no-fail-fast"]))
}

/// The scripts `check`, `lint` and `test` of every npm package that has them; the browser tests are a step of their own.
fn npm(root: &Path) -> Outcome {
    build::package(root)?;
    for script in ["check", "lint"] {
        passing(command(root, "npm", ["run", script, "--workspaces", "--if-present", "--silent"]))?;
    }
    for package in ["client-wasm/npm", "web-demo"] {
        passing(command(root, "npm", ["run", "test", "--workspace", package, "--if-present", "--silent"]))?;
    }
    Ok(())
}

/// Their packages are no part of the workspace: one of them stands in for another, and only there.
fn interop(root: &Path) -> Outcome {
    install::programs(&install::OWN_HOSTS)?;
    install::python(root, "chat-edge/tests/interop/python")?;
    let servers = build::servers(root, Profile::Test)?;
    for (server, folder, variable) in INTEROP {
        let dir = root.join(folder);
        let lock = format!("{folder}/package-lock.json");
        let installed = format!("{folder}/node_modules/.package-lock.json");
        Stamp::of(root, &format!("interop-{server}"), &[&lock], &[&installed])?.unless_fresh(|| {
            passing(command(&dir, "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
        })?;
        let mut test = command(&dir, "npm", ["test", "--silent"]);
        test.env(variable, servers.join(server));
        passing(test)?;
    }
    Ok(())
}

fn browser(root: &Path) -> Outcome {
    let shoal = build::stack(root, Profile::Test)?;
    let mut test = command(root, "npm", ["run", "test", "--workspace", "tests/browser", "--silent"]);
    tell(&mut test, &shoal);
    passing(test)
}

fn network(root: &Path) -> Outcome {
    install::programs(&[install::FFMPEG])?;
    install::programs(&install::BROWSERS)?;
    install::programs(&install::LAB)?;
    let shoal = build::stack(root, Profile::Test)?;
    let mut test = command(root, "node", ["tests/network/run.mjs"]);
    tell(&mut test, &shoal);
    for (name, program) in [("SHOAL_WIRE", "wire"), ("SHOAL_PREDICT", "predict")] {
        test.env(name, shoal.with_file_name(program));
    }
    // Native peers stand beside browsers where the workspace has them.
    let peer = shoal.with_file_name("shoal-peer");
    if peer.is_file() {
        test.env("SHOAL_PEER", peer);
    }
    passing(test)
}

/// How the scripts of `tests/browser` find what was built.
pub(crate) fn tell(command: &mut Command, shoal: &Path) {
    command.env("SHOAL_BIN", shoal);
    if let Ok(xtask) = own_binary() {
        command.env("SHOAL_XTASK", xtask);
    }
}
