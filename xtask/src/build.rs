//! Builds what `up`, `bench` and the browser tests run: the `shoal` binary, the browser module, the npm package, the page.

use std::path::{Path, PathBuf};

use crate::failure::Outcome;
use crate::run::{cargo, command, passing};
use crate::stamp::Stamp;
use crate::{clock, install, say, wasm};

/// What the npm package is built from, next to the module.
const PACKAGE_INPUTS: [&str; 3] = ["client-wasm/npm", "client-wasm/npm/wasm", "package-lock.json"];
/// What the page is built from.
const PAGE_INPUTS: [&str; 3] = ["web-demo", "client-wasm/npm/dist", "package-lock.json"];

/// How the servers are compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quickest to compile, and quick enough to run: the crates that sign and hash are optimised all the same.
    Dev,
    /// As the tests are, in one build with them: what `cargo test` has compiled is not compiled again.
    Test,
    /// What is measured.
    Release,
}

/// Everything that a running stack needs. Returns the `shoal` binary.
pub(crate) fn stack(root: &Path, profile: Profile) -> Outcome<PathBuf> {
    page(root)?;
    Ok(servers(root, profile)?.join("shoal"))
}

/// The servers. Returns the folder of their binaries.
pub(crate) fn servers(root: &Path, profile: Profile) -> Outcome<PathBuf> {
    let start = clock::now();
    say::step("building the servers (the first time takes some minutes)");
    let (arguments, folder): (&[&str], _) = match profile {
        Profile::Dev => (&["--package", "shoal"], "debug"),
        Profile::Test => (&["--workspace", "--all-targets"], "debug"),
        Profile::Release => (&["--package", "shoal", "--release"], "release"),
    };
    let mut build = cargo(root, ["build"]);
    build.args(arguments);
    passing(build)?;
    say::done(format!("servers built ({})", clock::elapsed(start)));
    Ok(target(root).join(folder))
}

/// The wires of a network of namespaces. Returns the program.
pub(crate) fn wire(root: &Path) -> Outcome<PathBuf> {
    passing(cargo(root, ["build", "--release", "--package", "network", "--no-default-features"]))?;
    Ok(target(root).join("release/wire"))
}

/// Where cargo leaves what it builds.
pub(crate) fn target(root: &Path) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    root.join(target)
}

/// The page, over the npm package.
pub(crate) fn page(root: &Path) -> Outcome {
    package(root)?;
    Stamp::of(root, "page", &PAGE_INPUTS, &["web-demo/dist/index.html"])?
        .unless_fresh(|| npm_build(root, "web-demo"))?;
    Ok(())
}

/// The npm package, over the module.
pub(crate) fn package(root: &Path) -> Outcome {
    install::npm(root)?;
    wasm::fresh(root)?;
    Stamp::of(root, "package", &PACKAGE_INPUTS, &["client-wasm/npm/dist"])?
        .unless_fresh(|| npm_build(root, "client-wasm/npm"))?;
    Ok(())
}

fn npm_build(root: &Path, package: &str) -> Outcome {
    say::step(format!("building {package} (npm)"));
    passing(command(root, "npm", ["run", "build", "--silent", "--workspace", package]))
}
