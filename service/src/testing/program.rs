//! A server's program in a process of its own, and everything that it logs.

use std::net::SocketAddr;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::task::JoinHandle;

use super::soon;

/// A program under way; it is killed where it is dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// What it had logged when it listened.
    pub started: String,
    rest: JoinHandle<String>,
}

impl Program {
    /// Starts it, and waits for a line of its log with these words.
    ///
    /// # Panics
    /// Where it cannot be started, or says no such thing.
    #[expect(clippy::expect_used, reason = "a test ends here")]
    pub async fn start(mut command: Command, words: &str) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut started = String::new();
        while !started.contains(words) {
            let line = soon(lines.next_line()).await.expect("text").expect("it listens before it ends");
            started.push_str(&line);
            started.push('\n');
        }
        Self { child, started, rest: tokio::spawn(whole(lines)) }
    }

    /// The address that its log names so (`name=127.0.0.1:80`, or in a list `name=[127.0.0.1:80]`).
    ///
    /// # Panics
    /// Where it names none.
    #[expect(clippy::expect_used, reason = "a test ends here")]
    #[must_use]
    pub fn address(&self, name: &str) -> SocketAddr {
        let value =
            self.started.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        value.expect("it is named").trim_matches(['[', ']']).parse().expect("an address")
    }

    /// Asks it to stop, and waits until it has; everything that it ever logged.
    ///
    /// # Panics
    /// Where it does not end, or ends badly.
    #[expect(clippy::expect_used, reason = "a test ends here")]
    pub async fn stop(mut self) -> String {
        let id = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed())).expect("it runs");
        kill_process(id, Signal::TERM).expect("it can be told");
        let status = soon(self.child.wait()).await.expect("it ends");
        assert!(status.success(), "{status}");
        self.started + &soon(self.rest).await.expect("it was read")
    }
}

async fn whole(mut lines: Lines<BufReader<ChildStderr>>) -> String {
    let mut text = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        text.push_str(&line);
        text.push('\n');
    }
    text
}
