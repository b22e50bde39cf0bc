//! Bans, licences and sources of every dependency, by `cargo-deny` with `deny.toml`.

use std::path::Path;

use crate::failure::Outcome;
use crate::run::{cargo, exists, passing};
use crate::say;

/// The release that `deny.toml` is written for.
const VERSION: &str = "0.20.2";

/// Checks the lock file. Advisories need a database that a closed network does not have, and are left to others.
pub(crate) fn run(root: &Path) -> Outcome {
    if !exists("cargo-deny") {
        say::step("installing cargo-deny (some minutes, once)");
        // Unoptimised, it compiles in half the time, and still checks in seconds.
        let install = ["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", "--quiet"];
        passing(cargo(root, install))?;
    }
    passing(cargo(root, ["deny", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))
}
