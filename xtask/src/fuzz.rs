//! `cargo xtask fuzz`: builds the doors of `tests/fuzz` with LLVM's libFuzzer, and looks for bytes that break one.
//!
//! The compiler's own coverage instrumentation is enough, so the stable toolchain does it; our code has no `unsafe` that
//! a sanitizer could find fault with.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::build;
use crate::failure::{Context, Failure, Outcome};
use crate::run::{cargo, command, output, passing};
use crate::{say, tree};

/// What cargo-fuzz passes, but for the sanitizer, which would want a nightly toolchain.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks --cfg fuzzing";
/// An input that takes longer is a finding.
const INPUT_SECONDS_MAX: u32 = 10;
/// More memory than this is a finding, in MB.
const MEMORY_MAX: u32 = 2_048;

#[derive(Args)]
pub(crate) struct Options {
    /// The door; without one, their names
    door: Option<String>,
    /// How long
    #[arg(long, default_value_t = 60, value_name = "N")]
    seconds: u32,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let root = tree::root();
    let doors = doors(&root)?;
    let Some(door) = &options.door else {
        doors.iter().for_each(say::data);
        return Ok(());
    };
    if !doors.contains(door) {
        return Err(Failure::new(format!("there is no door `{door}`; there are: {}", doors.join(", "))));
    }
    let work = build::target(&root).join("fuzz");
    let (learned, found) = (work.join("corpus").join(door), work.join("found").join(door));
    for folder in [&learned, &found] {
        fs::create_dir_all(folder).context("a folder for the fuzzer")?;
    }
    let program = built(&root, &work)?;
    say::step(format!("{door}: {} s; what is found goes to {}", options.seconds, found.display()));
    let mut fuzzer = command(&root, &program.to_string_lossy(), [&learned, &samples(&root).join(door)]);
    fuzzer.env("FUZZ_DOOR", door).arg(format!("-max_total_time={}", options.seconds));
    fuzzer.arg(format!("-timeout={INPUT_SECONDS_MAX}")).arg(format!("-rss_limit_mb={MEMORY_MAX}"));
    fuzzer.arg(format!("-artifact_prefix={}/", found.display())).arg("-print_final_stats=1");
    passing(fuzzer)
}

fn samples(root: &Path) -> PathBuf {
    root.join("tests/fuzz/corpus")
}

/// Every door has a folder of samples; a test of `tests/fuzz` holds the two together.
fn doors(root: &Path) -> Outcome<Vec<String>> {
    let entries = fs::read_dir(samples(root)).context("the doors' samples")?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// The fuzzer's program, in a target folder of its own: its flags are nobody else's. Naming the target keeps them from
/// build scripts and macros.
fn built(root: &Path, work: &Path) -> Outcome<PathBuf> {
    let about = output(command(root, "rustc", ["--version", "--verbose"]))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let mut build = cargo(root, ["build", "--release", "--package", "fuzz", "--features", "libfuzzer"]);
    build.args(["--bin", "fuzz", "--target", host, "--target-dir"]).arg(work);
    build.env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", FLAGS);
    passing(build)?;
    Ok(work.join(host).join("release/fuzz"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_are_named_by_their_samples() {
        let doors = doors(&tree::root()).expect("samples");
        assert!(doors.contains(&"tracker-text".to_owned()), "{doors:?}");
    }
}
