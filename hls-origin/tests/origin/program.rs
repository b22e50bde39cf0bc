//! The program: what it says where, and what it keeps to itself.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// The lines that it logs until it listens; nobody's terminal.
fn first_lines(state_dir: &Path, config: Option<&Path>) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hls-origin"));
    command.args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", "--log-json", "--state-dir"]);
    command.arg(state_dir).stderr(Stdio::piped()).env_remove("RUST_LOG");
    if let Some(config) = config {
        command.arg("--config").arg(config);
    }
    let mut child = command.spawn().expect("it starts");
    let mut lines = Vec::new();
    for line in BufReader::new(child.stderr.take().expect("piped")).lines() {
        lines.push(line.expect("text"));
        if lines.last().is_some_and(|line| line.contains("\"listening\"")) {
            break;
        }
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    lines
}

#[test]
fn a_made_key_is_logged_when_it_is_made_and_never_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = first_lines(directory.path(), None).join("\n");
    let state = std::fs::read_to_string(directory.path().join("origin.json")).expect("written");
    let state: serde_json::Value = serde_json::from_str(&state).expect("JSON");
    let key = state["streams"]["main"]["key"].as_str().expect("one was made");
    assert!(first.contains(&format!("/publish/main/RENDITION?key={key}")), "{first}");
    let second = first_lines(directory.path(), None).join("\n");
    assert!(second.contains("/publish/main/RENDITION?key=…") && !second.contains(key), "{second}");
}

#[test]
fn a_configured_key_is_not_logged() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = directory.path().join("origin.toml");
    std::fs::write(&config, "[streams.main]\nkey = \"the-secret\"\n").expect("written");
    let lines = first_lines(directory.path(), Some(&config)).join("\n");
    assert!(lines.contains("/publish/main/") && !lines.contains("the-secret"), "{lines}");
}
