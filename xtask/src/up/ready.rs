//! What the server says when it is ready: one line of JSON, by which people and programs find the stack.

use std::io::{BufRead, BufReader, Read};

use serde::Deserialize;
use serde_json::Value;

use crate::failure::{Context, Failure, Outcome};

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
    #[serde(skip)]
    line: String,
}

impl Ready {
    /// Waits for the line; a server that ends before has said why on stderr.
    pub(super) fn read(stdout: impl Read) -> Outcome<Self> {
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

    const LINE: &str = r#"{"page":"p","origin":"o","playlist":"l","tracker":"t","publish":"u","ops":"x"}"#;

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
    fn a_server_that_ends_or_says_too_little_is_a_failure() {
        for text in ["", "starting\n", "{}\n", "{\"page\":\"p\"}\n", "{\n"] {
            assert!(Ready::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
