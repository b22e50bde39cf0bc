//! What a task starts ends with the task: the real binary as a guard, a real shell as the task, and `kill -9`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

/// A shell that starts `program` under a guard and waits for it, as a task does. Its stdout is the program's too.
fn task(program: &str) -> Command {
    let script = format!("{XTASK} guard $$ -- {program}; :");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::piped());
    shell
}

#[test]
fn a_guard_becomes_the_program() {
    let output = task("echo here").output().expect("the shell ends");
    assert_eq!(output.stdout, b"here\n");
}

#[test]
fn a_killed_task_takes_its_program_with_it() {
    let mut task = task("sh -c 'echo started; exec sleep 600'").spawn().expect("there is a shell");
    let mut stdout = BufReader::new(task.stdout.take().expect("it is piped"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("the program speaks");
    assert_eq!(line, "started\n");

    task.kill().expect("the shell runs");
    task.wait().expect("the shell ends");

    // The end of the pipe comes when its last writer is gone, and that is the program.
    let rest = stdout.read_to_string(&mut line).expect("the pipe is readable");
    assert_eq!(rest, 0);
}

#[test]
fn a_program_whose_task_is_gone_already_is_not_started() {
    let output =
        Command::new(XTASK).args(["guard", "1", "--", "echo", "here"]).output().expect("the guard runs");
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
}
