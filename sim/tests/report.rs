//! What `sim --json` tells: every figure that a run has to report, the control's beside it, and how to run it again.

#![cfg(test)]

use std::process::Command;

use serde_json::Value;
use sim::scenario::{NAMES, named};

/// Figures of a run, and of its control.
const FIGURES: [&str; 32] = [
    "/viewers",
    "/seed",
    "/seconds",
    "/offload",
    "/ceiling",
    "/offload_over_ceiling",
    "/copies/mean",
    "/copies/p50",
    "/copies/p99",
    "/copies/max",
    "/stalled_share",
    "/stall_s_per_hour",
    "/first_frame_ms/p50",
    "/first_frame_ms/p95",
    "/first_frame_ms/p99",
    "/first_frame_ms/max",
    "/behind_s/p50",
    "/behind_s/p95",
    "/behind_s/p99",
    "/behind_s/max",
    "/upload_over_download/max",
    "/wasted",
    "/wasted_bytes/twice",
    "/wasted_bytes/late",
    "/wasted_bytes/bad",
    "/links",
    "/messages_per_block",
    "/super_peer_share",
    "/dials_in_vain",
    "/pieces",
    "/bad_blocks_played",
    "/violations",
];

fn sim(arguments: &[&str]) -> String {
    let ended = Command::new(env!("CARGO_BIN_EXE_sim")).args(arguments).output().unwrap();
    let text = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{text}{}", String::from_utf8_lossy(&ended.stderr));
    text
}

fn report(arguments: &[&str]) -> Value {
    serde_json::from_str(&sim(&[arguments, &["--json"]].concat())).unwrap()
}

#[test]
fn a_run_tells_all_its_figures_with_the_controls_beside_them_and_how_to_run_it_again() {
    let told = report(&["--scenario", "hostile", "--viewers", "10", "--seconds", "10", "--seed", "3"]);
    for key in FIGURES {
        for of in ["", "/control"] {
            let figure = told.pointer(&format!("{of}{key}"));
            assert!(figure.is_some_and(Value::is_number), "{of}{key}: {figure:?}");
        }
    }
    assert_eq!(told["seconds"], 10);
    let again = told["replay"].as_str().and_then(|line| line.split_once(" -- ")).unwrap().1;
    let again = report(&again.split(' ').collect::<Vec<_>>());
    assert_eq!(again["state"], told["state"], "one seed gives one result");
}

#[test]
fn every_world_says_its_name_size_length_and_what_happens_as_the_readme_does() {
    let list = sim(&["scenarios"]);
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let number = |text: &str| text.trim().replace(',', "").parse::<u64>().unwrap();
    for name in NAMES {
        let scenario = named(name, None, None, 7).unwrap();
        let line = list.lines().find(|line| line.split(' ').next() == Some(name)).unwrap();
        assert!(line.ends_with(scenario.about), "{line}");
        // `one`, `two` | 1,000, 90 and 600 | …
        let row = readme.lines().find(|row| row.starts_with("| `") && row.contains(&format!("`{name}`")));
        let cells: Vec<&str> = row.unwrap_or_else(|| panic!("{name} has no row")).split('|').collect();
        let place = cells[1].split(", ").position(|cell| cell.trim() == format!("`{name}`")).unwrap();
        let (viewers, seconds) = cells[2].rsplit_once(", ").unwrap();
        let seconds: Vec<u64> = seconds.split(" and ").map(number).collect();
        let seconds = seconds.get(place).or(seconds.last()).copied();
        assert_eq!((number(viewers), seconds), (scenario.viewers.into(), Some(scenario.seconds())), "{name}");
    }
}
