//! Installs what a task needs and the machine lacks, or says exactly what to install.

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::run::{command, exists, output, passing};
use crate::say;
use crate::stamp::Stamp;

/// The oldest Node that the npm packages are built and tested with.
const NODE_MAJOR_MIN: u32 = 20;
/// The target of the browser module.
const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program, and the Debian package that has it.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) package: &'static str,
}

/// Encodes the test source, and other sources for the origin.
pub(crate) const FFMPEG: Program = Program { name: "ffmpeg", package: "ffmpeg" };
/// What servers tell each other goes through it where they are several; their tests start it.
pub(crate) const NATS: Program = Program { name: "nats-server", package: "nats-server" };
/// The browsers of the browser tests, and what gives those tests a network of their own.
pub(crate) const BROWSERS: [Program; 3] = [
    Program { name: "chromium", package: "chromium" },
    Program { name: "firefox-esr", package: "firefox-esr" },
    Program { name: "ip", package: "iproute2" },
];

/// Gives a server a core of its own in the chat bench.
pub(crate) const TASKSET: Program = Program { name: "taskset", package: "util-linux" };

/// Debian packages for the programs that are not on the path.
pub(crate) fn programs(wanted: &[Program]) -> Outcome {
    let missing: Vec<&str> = wanted.iter().filter(|p| !exists(p.name)).map(|p| p.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !exists("apt-get") || !rustix::process::geteuid().is_root() {
        let how = if exists("apt-get") {
            "sudo apt-get install -y "
        } else {
            "install with your system's packages: "
        };
        return Err(Failure::new(format!(
            "missing on this machine: {list}. Install, then try again:\n    {how}{list}"
        )));
    }
    say::step(format!("installing {list} (apt-get)"));
    let here = Path::new(".");
    passing(command(here, "apt-get", ["update", "-qq"]))?;
    let mut install = command(here, "apt-get", ["install", "-y", "-qq", "--no-install-recommends"]);
    install.args(missing).env("DEBIAN_FRONTEND", "noninteractive");
    passing(install)
}

/// The wasm target of the compiler that builds this tree.
pub(crate) fn wasm_target(root: &Path) -> Outcome {
    let libdir = output(command(root, "rustc", ["--print", "target-libdir", "--target", WASM_TARGET]))?;
    if Path::new(libdir.trim()).is_dir() {
        return Ok(());
    }
    if !exists("rustup") {
        return Err(Failure::new(format!(
            "the compiler lacks the target {WASM_TARGET}, and there is no rustup to add it"
        )));
    }
    say::step(format!("adding the target {WASM_TARGET} (rustup)"));
    passing(command(root, "rustup", ["target", "add", WASM_TARGET]))
}

/// The npm packages that `package-lock.json` names.
pub(crate) fn npm(root: &Path) -> Outcome {
    node(root)?;
    let inputs = ["package.json", "package-lock.json"];
    Stamp::of(root, "npm", &inputs, &["node_modules/.package-lock.json"])?.unless_fresh(|| {
        say::step("installing npm packages (npm ci)");
        passing(command(root, "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
    })?;
    Ok(())
}

fn node(root: &Path) -> Outcome {
    let wanted = format!("Node {NODE_MAJOR_MIN} or newer with npm is needed");
    if !exists("node") || !exists("npm") {
        return Err(Failure::new(format!("{wanted}, and `node` or `npm` is not on the path")));
    }
    let version = output(command(root, "node", ["--version"]))?;
    match major(&version) {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => Err(Failure::new(format!("{wanted}; `node --version` says {}", version.trim()))),
    }
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node_is_read() {
        let rows = [("v20.20.2\n", Some(20)), ("v8.0.0", Some(8)), ("20", None), ("", None), ("vx.1", None)];
        for (text, wanted) in rows {
            assert_eq!(major(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_there_is_not_installed() {
        assert!(programs(&[Program { name: "sh", package: "dash" }]).is_ok());
    }
}
