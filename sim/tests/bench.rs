//! `sim --bench DIRECTORY`: the table on stdout, and beside the plots the same figures for programs.

#![cfg(test)]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sim::bench::Plan;

#[test]
fn a_bench_of_chosen_worlds_writes_a_table_figures_and_plots() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    let asked = ["--viewers", "4", "--seconds", "4", "--rival", "--only", "broadband", "--only", "clean"];
    let mut sim = Command::new(env!("CARGO_BIN_EXE_sim"));
    let ended = sim.arg("--bench").arg(&directory).args(asked).output().unwrap();
    let table = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{table}{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(table.lines().filter(|line| line.contains("| 4 | 7 |")).count(), 4, "{table}");
    assert_eq!(std::fs::read_to_string(directory.join("swarm.md")).unwrap(), table);
    let figures: Value =
        serde_json::from_slice(&std::fs::read(directory.join("swarm.json")).unwrap()).unwrap();
    let keys = [
        "/offload",
        "/ceiling",
        "/offload_over_ceiling",
        "/copies/mean",
        "/copies/p99",
        "/bad_blocks_played",
    ];
    for (world, of) in [(0, ""), (0, "/control"), (1, ""), (1, "/rival")] {
        for key in keys {
            let figure = figures.pointer(&format!("/{world}{of}{key}"));
            assert!(figure.is_some_and(Value::is_number), "{world}{of}{key}: {figure:?}");
        }
    }
    for plot in ["offload", "copies", "start", "stall", "behind", "upload"] {
        let svg = std::fs::read_to_string(directory.join(format!("broadband-4-{plot}.svg"))).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("polyline"), "{plot}");
    }
}

#[test]
fn worlds_shrink_to_what_was_asked_and_none_runs_twice() {
    let plan = |viewers, only: &[&str]| {
        let only = only.iter().map(|name| (*name).to_owned()).collect();
        let plan = Plan { directory: "".into(), seed: 7, viewers, seconds: None, only, rival: false };
        let row = |scenario: &sim::scenario::Scenario| (scenario.name, scenario.viewers);
        plan.scenarios().iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(plan(Some(100), &["broadband"]), [("broadband", 24), ("broadband", 100)]);
    assert_eq!(plan(Some(100), &["capped", "exodus"]), [("capped", 8), ("exodus", 100)]);
    assert_eq!(plan(None, &[]).len(), 13);
}
