//! Runs other programs: their output is passed on to stderr while they work, and their failure names them.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Context, Failure, Outcome};

/// A program with its arguments, in a folder of the tree.
pub(crate) fn command<S: AsRef<OsStr>>(
    dir: &Path,
    program: &str,
    args: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).stdin(Stdio::null());
    command
}

/// `cargo` as this very process was called by it.
pub(crate) fn cargo<S: AsRef<OsStr>>(dir: &Path, args: impl IntoIterator<Item = S>) -> Command {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = command(dir, &program, args);
    // Set for xtask by `cargo run`; a nested cargo of another package must not inherit them.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command
}

/// Runs to the end; what it prints goes to stderr.
pub(crate) fn passing(mut command: Command) -> Outcome {
    let status = command.stdout(std::io::stderr()).status().context(name(&command))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{}` failed: {status}", line(&command))))
    }
}

/// Runs to the end and returns what it printed on stdout; its stderr is shown.
pub(crate) fn output(mut command: Command) -> Outcome<String> {
    let output = command.stderr(Stdio::inherit()).output().context(name(&command))?;
    if !output.status.success() {
        return Err(Failure::new(format!("`{}` failed: {}", line(&command), output.status)));
    }
    String::from_utf8(output.stdout).context(name(&command))
}

/// Where Debian keeps programs that only root's path names.
const SYSTEM_DIRS: [&str; 2] = ["/usr/sbin", "/sbin"];

/// Whether a program of that name is on the path, or where the system keeps its own.
pub(crate) fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut dirs = std::env::split_paths(&path).chain(SYSTEM_DIRS.map(Into::into));
    dirs.any(|dir| dir.join(program).is_file())
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

fn line(command: &Command) -> String {
    let mut words = vec![name(command)];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_program_and_its_arguments() {
        let failure = passing(command(Path::new("."), "sh", ["-c", "exit 3"])).expect_err("it exits 3");
        assert!(failure.to_string().starts_with("`sh -c exit 3` failed"), "{failure}");
    }

    #[test]
    fn what_a_program_prints_is_returned() {
        assert_eq!(output(command(Path::new("."), "echo", ["shoal"])).expect("echo works"), "shoal\n");
    }

    #[test]
    fn a_program_that_is_not_there_is_said_to_be_missing() {
        assert!(exists("sh"));
        assert!(!exists("no-such-program-anywhere"));
    }
}
