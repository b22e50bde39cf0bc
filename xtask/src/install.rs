//! Installs what a task needs and the machine lacks, or says exactly what to install ([`words`]).

mod words;

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::run::{command, exists, output, passing};
use crate::say;
use crate::stamp::Stamp;
pub(crate) use words::Program;
use words::{Manager, NODE_MAJOR_MIN, System, WASM_TARGET};

/// Encodes the test source, and other sources for the origin.
pub(crate) const FFMPEG: Program = Program {
    names: &["ffmpeg"],
    package: "ffmpeg",
    elsewhere: [Some("ffmpeg-free"), Some("ffmpeg"), Some("ffmpeg")],
};
/// What servers tell each other goes through it where they are several; their tests start it.
pub(crate) const NATS: Program = Program {
    names: &["nats-server"],
    package: "nats-server",
    elsewhere: [None, Some("nats-server"), Some("nats-server")],
};
/// The TURN server that the tracker's credentials are tried with.
pub(crate) const COTURN: Program = Program {
    names: &["turnserver"],
    package: "coturn",
    elsewhere: [Some("coturn"), Some("coturn"), Some("coturn")],
};
/// What several chat edges keep their rooms in; their tests start one of their own.
pub(crate) const POSTGRES: Program = Program {
    names: &["pg_ctlcluster", "postgres"],
    package: "postgresql",
    elsewhere: [Some("postgresql-server"), Some("postgresql"), Some("postgresql")],
};
/// The browsers of the browser tests, and what gives those tests a network of their own.
pub(crate) const BROWSERS: [Program; 3] = [
    Program {
        names: &["chromium", "chromium-browser", "google-chrome"],
        package: "chromium",
        elsewhere: [Some("chromium"), Some("chromium"), Some("chromium")],
    },
    Program {
        names: &["firefox-esr", "firefox"],
        package: "firefox-esr",
        elsewhere: [Some("firefox"), Some("firefox"), Some("firefox")],
    },
    Program { names: &["ip"], package: "iproute2", elsewhere: [Some("iproute"), Some("iproute2"), None] },
];

/// What makes a network of namespaces: limits on uplinks, and loss and NATs.
pub(crate) const LAB: [Program; 3] = [
    Program { names: &["tc"], package: "iproute2", elsewhere: [Some("iproute-tc"), Some("iproute2"), None] },
    Program { names: &["nft"], package: "nftables", elsewhere: [Some("nftables"), Some("nftables"), None] },
    Program {
        names: &["setpriv"],
        package: "util-linux",
        elsewhere: [Some("util-linux"), Some("util-linux"), None],
    },
];

/// Gives a server a core of its own in a bench.
pub(crate) const TASKSET: Program = Program {
    names: &["taskset"],
    package: "util-linux",
    elsewhere: [Some("util-linux"), Some("util-linux"), None],
};

/// What the stock clients of Bilibili's need besides: a certificate for the hosts that they have built in, and a network
/// in which these are here.
pub(crate) const OWN_HOSTS: [Program; 2] = [
    Program {
        names: &["openssl"],
        package: "openssl",
        elsewhere: [Some("openssl"), Some("openssl"), Some("openssl")],
    },
    BROWSERS[2],
];
/// Runs the stock client that is Python's.
const PYTHON: Program = Program {
    names: &["python3"],
    package: "python3-venv",
    elsewhere: [Some("python3"), Some("python"), Some("python")],
};

/// Debian packages for the programs that are not on the path.
pub(crate) fn programs(wanted: &[Program]) -> Outcome {
    let is_there = |program: &Program| program.names.iter().any(|name| exists(name));
    let missing: Vec<Program> = wanted.iter().filter(|program| !is_there(program)).copied().collect();
    packages(&missing)
}

fn packages(missing: &[Program]) -> Outcome {
    if missing.is_empty() {
        return Ok(());
    }
    let system = system();
    if !system.is_ours() {
        return Err(Failure::new(words::programs(missing, system)));
    }
    let packages: Vec<&str> = missing.iter().map(|program| program.package).collect();
    say::step(format!("installing {} (apt-get)", packages.join(" ")));
    let here = Path::new(".");
    passing(command(here, "apt-get", ["update", "-qq"]))?;
    let mut install = command(here, "apt-get", ["install", "-y", "-qq", "--no-install-recommends"]);
    install.args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    passing(install)
}

fn system() -> System {
    let manager = Manager::ALL.into_iter().find(|manager| exists(manager.program()));
    System { manager, is_root: rustix::process::geteuid().is_root() }
}

/// The wasm target of the compiler that builds this tree.
pub(crate) fn wasm_target(root: &Path) -> Outcome {
    let libdir = output(command(root, "rustc", ["--print", "target-libdir", "--target", WASM_TARGET]))?;
    if Path::new(libdir.trim()).is_dir() {
        return Ok(());
    }
    if !exists("rustup") {
        return Err(Failure::new(words::rustup()));
    }
    say::step(format!("adding the target {WASM_TARGET} (rustup)"));
    passing(command(root, "rustup", ["target", "add", WASM_TARGET]))
}

/// The Python packages that a folder's `requirements.txt` names, in `.venv` beside it; they name what they need
/// themselves.
pub(crate) fn python(root: &Path, folder: &str) -> Outcome {
    // Debian's Python can make no such folder without a package of its own.
    let can = exists("python3") && output(command(root, "python3", ["-c", "import ensurepip, venv"])).is_ok();
    packages(if can { &[] } else { &[PYTHON] })?;
    let (wanted, made) = (format!("{folder}/requirements.txt"), format!("{folder}/.venv/pyvenv.cfg"));
    let step = format!("python-{}", folder.replace('/', "-"));
    Stamp::of(root, &step, &[&wanted], &[&made])?.unless_fresh(|| {
        say::step("installing Python packages (pip)");
        let dir = root.join(folder);
        passing(command(&dir, "python3", ["-m", "venv", "--clear", ".venv"]))?;
        let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"];
        let mut install = command(&dir, ".venv/bin/python", pip);
        install.args(["-r", "requirements.txt"]);
        passing(install)
    })?;
    Ok(())
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
    if !exists("node") || !exists("npm") {
        return Err(Failure::new(words::node(None, system())));
    }
    let version = output(command(root, "node", ["--version"]))?;
    match major(&version) {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => Err(Failure::new(words::node(Some(version.trim()), system()))),
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
    fn what_is_there_under_any_name_is_not_installed() {
        let shell = Program { names: &["no-such-program", "sh"], package: "dash", elsewhere: [None; 3] };
        assert!(programs(&[shell]).is_ok());
    }
}
