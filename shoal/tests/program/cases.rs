//! What it does.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use super::process::{PROGRAM, Shoal, connect, get};

const HANDSHAKE: &[u8] = b"GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

#[test]
fn the_ready_line_names_everything_and_a_signal_ends_the_program_well() {
    for signal in [Signal::TERM, Signal::INT] {
        let state = tempfile::tempdir().unwrap();
        let page = tempfile::tempdir().unwrap();
        let mut shoal = Shoal::start(state.path(), &["--page-dir", page.path().to_str().unwrap()]);
        let ready = shoal.ready();
        let origin = ready["origin"].as_str().unwrap();
        assert!(origin.starts_with("http://127.0.0.1:"), "{ready}");
        assert_eq!(ready["playlist"], format!("{origin}/live/main/master.m3u8"));
        assert_eq!(ready["page"], format!("{origin}/"));
        assert_eq!(ready["ops"], Value::Null);
        let publish = ready["publish"].as_str().unwrap();
        assert!(publish.starts_with(&format!("{origin}/publish/main/360p?key=")), "{ready}");
        assert_eq!(get(ready["tracker"].as_str().unwrap(), "/health"), "200");
        let chat = &ready["chat"];
        assert_eq!(chat["ws"], format!("ws://{}/sub", chat["tcp"].as_str().unwrap()));
        assert_eq!(get(chat["push"].as_str().unwrap().trim_end_matches("goim/push"), "/health"), "200");
        shoal.signal(signal);
        assert_eq!(shoal.ended(), (Some(0), String::new()), "{signal:?}");
    }
}

#[test]
fn the_operators_listener_is_named_where_it_is_on() {
    let state = tempfile::tempdir().unwrap();
    let mut shoal = Shoal::start(state.path(), &["--ops-listen", "127.0.0.1:0"]);
    assert!(shoal.ready()["ops"].as_str().unwrap().starts_with("http://127.0.0.1:"));
}

#[test]
fn a_second_signal_ends_the_program_at_once() {
    let state = tempfile::tempdir().unwrap();
    let mut shoal = Shoal::start(state.path(), &[]);
    let ready = shoal.ready();
    // A client that never hears the goodbye keeps the drain going.
    let mut deaf = connect(ready["tracker"].as_str().unwrap());
    deaf.write_all(HANDSHAKE).unwrap();
    let mut answer = [0; 12];
    deaf.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
    // Both wait for the program while it is stopped, so that no pause of ours lies between them.
    for signal in [Signal::STOP, Signal::TERM, Signal::INT, Signal::CONT] {
        shoal.signal(signal);
    }
    assert_eq!(shoal.ended().0, Some(130));
}

#[test]
fn a_port_in_use_is_named_with_advice() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for flag in ["--origin-listen", "--tracker-listen", "--chat-listen"] {
        let state = tempfile::tempdir().unwrap();
        let mut shoal = Shoal::start(state.path(), &[flag, &address]);
        let (code, _) = shoal.ended();
        let words = shoal.words();
        assert_eq!(code, Some(1), "{flag}");
        assert!(words.contains(&address) && words.contains("choose another port"), "{flag}: {words}");
    }
}

#[test]
fn an_unknown_key_of_the_file_is_refused() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("shoal.toml");
    std::fs::write(&file, "[tracker]\npeer_max = 1\n").unwrap();
    let mut shoal = Shoal::start(state.path(), &["--config", file.to_str().unwrap()]);
    assert_eq!(shoal.ended().0, Some(1));
    let words = shoal.words();
    assert!(words.contains("peer_max"), "{words}");
}

#[test]
fn the_printed_configuration_is_one_that_the_program_takes() {
    let printed = Command::new(PROGRAM).arg("--print-config").output().unwrap();
    assert!(printed.status.success());
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("shoal.toml");
    std::fs::write(&file, printed.stdout).unwrap();
    let check = || Command::new(PROGRAM).arg("--check-config").arg("--config").arg(&file).output().unwrap();
    assert_eq!(check().stdout, b"the configuration is right\n");
    let mut shoal = Shoal::start(state.path(), &["--config", file.to_str().unwrap()]);
    assert!(shoal.ready()["origin"].is_string());
    std::fs::write(&file, "[origin]\ntarget_duration_ms = 1\n").unwrap();
    let wrong = check();
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("500 to 10000"));
}
