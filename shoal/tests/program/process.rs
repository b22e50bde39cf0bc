//! The program as a child.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_shoal");

/// A running program; it ends with the test.
pub(crate) struct Shoal {
    child: Child,
    log: ChildStderr,
}

impl Shoal {
    /// Later arguments win: tests that want another port than any say so.
    pub(crate) fn start(state: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        command.arg("--ready-json").arg("--state-dir").arg(state);
        for flag in
            ["--origin-listen", "--tracker-listen", "--chat-listen", "--chat-api-listen", "--chat-web-listen"]
        {
            if !arguments.contains(&flag) {
                command.args([flag, "127.0.0.1:0"]);
            }
        }
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = child.stderr.take().unwrap();
        Self { child, log }
    }

    /// The line of JSON.
    pub(crate) fn ready(&mut self) -> Value {
        let stdout = self.child.stdout.take().unwrap();
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line);
        self.child.stdout = Some(stdout.into_inner());
        ready.unwrap_or_else(|error| panic!("{error}: {line:?} {}", self.words()))
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    /// The log.
    pub(crate) fn words(&mut self) -> String {
        let mut words = String::new();
        self.log.read_to_string(&mut words).unwrap();
        words
    }

    /// Its exit code, and what it wrote to stdout beyond the line.
    pub(crate) fn ended(&mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        if let Some(stdout) = &mut self.child.stdout {
            stdout.read_to_string(&mut rest).unwrap();
        }
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Shoal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn connect(url: &str) -> TcpStream {
    let address = url.split("//").nth(1).unwrap().trim_end_matches('/');
    TcpStream::connect(address).unwrap()
}

/// The status of a GET.
pub(crate) fn get(url: &str, path: &str) -> String {
    let mut stream = connect(url);
    write!(stream, "GET {path} HTTP/1.1\r\nhost: shoal\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response.split(' ').nth(1).unwrap().to_owned()
}
