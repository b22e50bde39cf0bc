//! Programs that run while a task runs, and end when it ends: by Ctrl-C, by a failure, or by the task being killed.
//!
//! A child is started through a guard, this very binary, which asks the kernel to be told of its parent's death
//! (`PR_SET_PDEATHSIG`) and then becomes the program. That needs no cooperation of the program and survives `kill -9`
//! of the task.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clap::Args;
use rustix::process::{Pid, Signal, getppid, kill_process};

use crate::clock;
use crate::failure::{Context, Failure, Outcome};

/// How long a program may take to end by itself once it was told to.
const GRACE: Duration = Duration::from_secs(5);
/// How often an ending program is looked at.
const POLL: Duration = Duration::from_millis(50);

/// What Linux writes behind the path of a running binary that is no longer there.
const REPLACED: &str = " (deleted)";

#[derive(Args)]
pub(crate) struct Guarded {
    /// The process whose death ends the program
    parent: i32,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// Becomes the program; returns only if that fails.
pub(crate) fn guard(guarded: &Guarded) -> Outcome {
    watch_parent()?;
    // The parent may have died before the kernel was asked.
    if getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(guarded.parent) {
        return Err(Failure::new("the task that wanted this program is gone"));
    }
    let (program, args) = guarded.command.split_first().context("no program was named")?;
    Err(Failure::new(format!("{}: {}", program.to_string_lossy(), Command::new(program).args(args).exec())))
}

#[cfg(target_os = "linux")]
fn watch_parent() -> Outcome {
    use rustix::process::set_parent_process_death_signal;
    set_parent_process_death_signal(Some(Signal::TERM)).context("the parent cannot be watched")
}

/// Other systems tell nobody of a parent's death: there a program ends with its task, and only `kill -9` of the task
/// leaves it behind.
#[cfg(not(target_os = "linux"))]
fn watch_parent() -> Outcome {
    Ok(())
}

/// This binary, or the one that a build has put in its place since this process began.
pub(crate) fn own_binary() -> Outcome<PathBuf> {
    let path = std::env::current_exe().context("this binary cannot be found")?;
    let replaced = path.to_str().and_then(|path| path.strip_suffix(REPLACED)).map(PathBuf::from);
    Ok(replaced.unwrap_or(path))
}

/// A program that ends when this value is dropped.
pub(crate) struct Running {
    pub(crate) name: &'static str,
    pub(crate) child: Child,
}

impl Running {
    /// Starts `command` under a guard; stdin and stdout are piped where asked, stderr is shared.
    pub(crate) fn start(name: &'static str, command: &Command, stdin: Stdio, stdout: Stdio) -> Outcome<Self> {
        let mut guarded = Command::new(own_binary()?);
        guarded.arg("guard").arg(std::process::id().to_string()).arg("--");
        guarded.arg(command.get_program()).args(command.get_args());
        if let Some(dir) = command.get_current_dir() {
            guarded.current_dir(dir);
        }
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => guarded.env(key, value),
                None => guarded.env_remove(key),
            };
        }
        let child = guarded.stdin(stdin).stdout(stdout).spawn().context(name)?;
        Ok(Self { name, child })
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok().flatten()?;
        Some(format!("{} ended: {status}", self.name))
    }

    fn stop(&mut self) {
        let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else { return };
        let _gone = kill_process(pid, Signal::TERM);
        let deadline = clock::now() + GRACE;
        while clock::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            clock::wait(POLL);
        }
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.stop();
        }
    }
}
