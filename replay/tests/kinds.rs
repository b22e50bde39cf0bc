//! The numbers of inputs and outputs are those of the module's bindings.

#![cfg(test)]

use std::fs;

/// Names and numbers of the constants of this file that are of 8 bits.
fn constants(path: &str) -> Vec<(String, u8)> {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("pub const "));
    let pairs = lines.filter_map(|line| line.trim_end_matches(';').split_once(": u8 = "));
    pairs.map(|(name, number)| (name.to_owned(), number.parse().unwrap())).collect()
}

#[test]
fn the_kinds_are_the_bindings_own() {
    let [inputs, outputs] = ["input", "output"].map(|file| constants(&format!("client-wasm/src/{file}.rs")));
    assert!(!inputs.is_empty() && !outputs.is_empty());
    assert_eq!(constants("replay/src/kind.rs"), [inputs, outputs].concat());
}
