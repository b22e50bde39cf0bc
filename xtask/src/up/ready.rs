//! What the server says when it is ready: one line of JSON, by which people and programs find the stack.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::clock;
use crate::failure::{Context, Failure, Outcome};

/// How long the servers may take to listen.
pub(super) const WITHIN: Duration = Duration::from_secs(60);
/// How often whoever waits looks whether it is to end.
const POLL: Duration = Duration::from_millis(100);

/// The complete URLs of a running stack; more of them may be in the line, and are passed on.
#[derive(Debug, Deserialize)]
pub(super) struct Ready {
    pub(super) page: String,
    #[expect(dead_code, reason = "asked for here so that a line without it is refused")]
    origin: String,
    pub(super) playlist: String,
    pub(super) tracker: String,
    /// With its key.
    pub(super) publish: String,
    pub(super) chat: Chat,
    #[serde(skip)]
    line: String,
}

/// Where comments come and go.
#[derive(Debug, Deserialize)]
pub(super) struct Chat {
    pub(super) ws: String,
    #[expect(dead_code, reason = "asked for here so that a line without it is refused")]
    tcp: String,
    pub(super) push: String,
    #[expect(dead_code, reason = "asked for here so that a line without it is refused")]
    web: String,
}

impl Ready {
    /// Waits for the line, at most so long; `None` once asked to end.
    pub(super) fn wait(
        stdout: impl Read + Send + 'static,
        within: Duration,
        asked_to_end: impl Fn() -> bool,
    ) -> Outcome<Option<Self>> {
        let deadline = clock::now() + within;
        // A thread, because a pipe cannot be asked whether it has a line. It ends with the server at the latest.
        let (said, hear) = sync_channel(1);
        std::thread::spawn(move || {
            // Where nobody waits any more there is nobody to tell.
            let _ = said.send(Self::read(stdout));
        });
        while !asked_to_end() {
            match hear.recv_timeout(POLL) {
                Ok(ready) => return ready.map(Some),
                Err(RecvTimeoutError::Timeout) if clock::now() < deadline => {}
                Err(RecvTimeoutError::Timeout) => {
                    return Err(Failure::new(format!("shoal was not ready within {} s", within.as_secs())));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::new("what shoal says could not be read"));
                }
            }
        }
        Ok(None)
    }

    /// The line; a server that ends before has said why on stderr.
    fn read(stdout: impl Read) -> Outcome<Self> {
        let mut reader = BufReader::new(stdout);
        let mut line = String::new();
        while reader.read_line(&mut line).context("shoal")? > 0 {
            if line.starts_with('{') {
                return Self::parse(&line);
            }
            line.clear();
        }
        Err(Failure::new("shoal ended before it was ready"))
    }

    fn parse(line: &str) -> Outcome<Self> {
        let value: Value = serde_json::from_str(line).context("what shoal says when it is ready")?;
        let ready: Self =
            serde_json::from_value(value.clone()).context("what shoal says when it is ready")?;
        Ok(Self { line: value.to_string(), ..ready })
    }

    /// The line itself.
    pub(super) fn line(&self) -> &str {
        &self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"page":"p","origin":"o","playlist":"l","tracker":"t","publish":"u","ops":"x","chat":{"ws":"w","tcp":"c","push":"s","web":"e"}}"#;

    #[test]
    fn the_first_line_of_json_is_read_and_passed_on_whole() {
        let ready = Ready::read(format!("starting\n{LINE}\nmore\n").as_bytes()).expect("it is ready");
        assert_eq!((ready.page.as_str(), ready.publish.as_str()), ("p", "u"));
        assert_eq!(
            serde_json::from_str::<Value>(ready.line()).ok(),
            serde_json::from_str::<Value>(LINE).ok()
        );
    }

    #[test]
    fn a_server_that_says_nothing_is_not_waited_for_once_asked_to_end_nor_for_ever() {
        let (silent, _speaker) = std::io::pipe().expect("a pipe");
        let again = silent.try_clone().expect("a second handle");
        assert!(Ready::wait(silent, WITHIN, || true).expect("no failure").is_none());
        let failure = Ready::wait(again, Duration::ZERO, || false).expect_err("too late").to_string();
        assert!(failure.contains("within 0 s"), "{failure}");
        let ready = Ready::wait(LINE.as_bytes(), WITHIN, || false).expect("it is ready");
        assert!(ready.is_some());
    }

    #[test]
    fn a_server_that_ends_or_says_too_little_is_a_failure() {
        for text in ["", "starting\n", "{}\n", "{\"page\":\"p\"}\n", "{\n"] {
            assert!(Ready::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
