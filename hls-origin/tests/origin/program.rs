//! The program: what it says where, and what it keeps to itself.

use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixDatagram;
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

#[test]
fn the_service_manager_is_told_when_it_listens_and_when_it_stops() {
    let directory = tempfile::tempdir().expect("a directory");
    let told = directory.path().join("notify");
    let manager = UnixDatagram::bind(&told).expect("a socket");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hls-origin"));
    command.args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", "--state-dir"]);
    command.arg(directory.path()).env("NOTIFY_SOCKET", &told).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let hear = || {
        let mut bytes = [0; 256];
        let count = manager.recv(&mut bytes).expect("it speaks");
        String::from_utf8_lossy(&bytes[..count]).trim().to_owned()
    };
    assert_eq!(hear(), "READY=1");
    let stopped = Command::new("kill").arg(child.id().to_string()).status().expect("there is kill");
    assert!(stopped.success());
    assert_eq!(hear(), "STOPPING=1");
    assert!(child.wait().expect("it ends").success());
}
