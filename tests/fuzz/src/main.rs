//! The fuzzer's program: the door that the environment names, open to LLVM's libFuzzer.
#![no_main]

use std::sync::LazyLock;

use fuzz::Door;
use libfuzzer_sys::fuzz_target;

/// Names the door.
const VARIABLE: &str = "FUZZ_DOOR";

static DOOR: LazyLock<Option<&'static Door>> =
    LazyLock::new(|| std::env::var(VARIABLE).ok().as_deref().and_then(fuzz::door));

fuzz_target!(|bytes: &[u8]| {
    match *DOOR {
        Some(door) => (door.enter)(bytes),
        // Nothing is tried where nothing was named, and nobody shall take that for a pass.
        None => std::process::abort(),
    }
});
