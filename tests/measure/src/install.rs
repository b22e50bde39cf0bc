//! Fetches the servers of others, which a bench measures beside ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Failure, Outcome};

/// Runs what must succeed.
///
/// # Errors
/// Where it cannot be started, or fails.
pub fn passing(command: &mut Command, what: &str) -> Outcome {
    let status = command.status().context(what)?;
    if status.success() { Ok(()) } else { Err(Failure(format!("{what} failed: {status}"))) }
}

/// A folder of `name` among the peers with one npm package in it, as `name@version`.
///
/// # Errors
/// Where the package cannot be had.
pub fn npm(peers: &Path, package: &str) -> Outcome<PathBuf> {
    let name = package.split('@').next().unwrap_or(package);
    let folder = peers.join(name);
    if !folder.join("node_modules").join(name).is_dir() {
        fs::create_dir_all(&folder).context(format!("a folder for {name}"))?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
        passing(npm.arg(package), "npm install")?;
    }
    Ok(folder)
}
