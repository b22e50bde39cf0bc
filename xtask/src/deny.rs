//! Bans, licences and sources of every dependency, by `cargo-deny` with `deny.toml`.

use crate::failure::Outcome;
use crate::run::{cargo, exists, passing};
use crate::{say, tree};

/// Checks the lock file; its advisories need a database that a closed network does not have, and are left to others.
pub(crate) fn run() -> Outcome {
    let root = tree::root();
    if !exists("cargo-deny") {
        say::step("installing cargo-deny (some minutes, once)");
        passing(cargo(&root, ["install", "cargo-deny", "--locked", "--quiet"]))?;
    }
    passing(cargo(&root, ["deny", "--offline", "check", "bans", "licenses", "sources"]))?;
    say::done("deny");
    Ok(())
}
