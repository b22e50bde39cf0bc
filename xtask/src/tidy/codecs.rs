//! A codec changes together with its text and its golden vectors, or tidy fails.
//!
//! Every file of `protocol` that encodes or decodes is named by a text in `docs/spec/`, and its fingerprint stands in
//! `docs/spec/fingerprints.json`. Whoever changes one brings text and vectors in step and then says so with
//! `cargo xtask tidy --record`. Comments, layout and tests are no part of a fingerprint.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{File, Tree};
use crate::failure::{Context, Outcome};

/// Where the fingerprints stand.
const RECORD: &str = "docs/spec/fingerprints.json";
/// Only this package has wire formats.
const CODECS: &str = "protocol/src/";
/// A file with a function of one of these names is a codec.
const VERBS: [&str; 3] = ["fn encode", "fn decode", "fn parse"];

type Fingerprints = BTreeMap<String, String>;

pub(super) fn check(tree: &Tree) -> Vec<String> {
    let text = tree.find(RECORD).map_or("{}", |file| file.text.as_str());
    let Ok(recorded) = serde_json::from_str::<Fingerprints>(text) else {
        return vec![format!("{RECORD}: is no map of files to fingerprints")];
    };
    let found = fingerprints(tree);
    let stale = recorded.keys().filter(|path| !found.contains_key(*path));
    let mut findings: Vec<String> =
        stale.map(|path| format!("{RECORD}: `{path}` is no codec any more")).collect();
    for (path, fingerprint) in &found {
        if !specified(tree, path) {
            findings.push(format!("{path}: no text in docs/spec names this file or its module"));
        }
        if recorded.get(path) != Some(fingerprint) {
            findings.push(format!(
                "{path}: the codec changed: bring docs/spec and protocol/vectors in step, then `cargo xtask tidy --record`"
            ));
        }
    }
    findings
}

/// Writes down that texts and vectors agree with the codecs as they are.
pub(super) fn record(root: &Path, tree: &Tree) -> Outcome {
    let text = serde_json::to_string_pretty(&fingerprints(tree)).context(RECORD)?;
    fs::write(root.join(RECORD), text + "\n").context(RECORD)
}

fn fingerprints(tree: &Tree) -> Fingerprints {
    let codecs = tree.with_extension(&["rs"]).filter(|file| file.path.starts_with(CODECS) && is_codec(file));
    codecs.map(|file| (file.path.clone(), fingerprint(&file.text))).collect()
}

fn is_codec(file: &File) -> bool {
    file.text.lines().any(|line| VERBS.iter().any(|verb| line.contains(verb)))
        && !file.path.ends_with("tests.rs")
}

/// Whether a text names the codec: its file, or a module that it is part of (`protocol/src/peer.rs`, `protocol::peer`).
fn specified(tree: &Tree, codec: &str) -> bool {
    let inner = codec.trim_start_matches(CODECS).trim_end_matches(".rs");
    let parts = inner.split('/').collect::<Vec<_>>();
    let names = (1..=parts.len()).flat_map(|depth| {
        let module = &parts[..depth];
        [format!("{CODECS}{}", module.join("/")), format!("protocol::{}", module.join("::"))]
    });
    let names: Vec<String> = names.collect();
    let mut texts = tree.with_extension(&["md"]).filter(|file| file.path.starts_with("docs/spec/"));
    texts.any(|file| names.iter().any(|name| file.text.contains(name)))
}

fn fingerprint(text: &str) -> String {
    let mut hash = Sha256::new();
    for line in text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")) {
        if !line.trim_start().starts_with("//") {
            line.split_whitespace().for_each(|word| hash.update(word));
        }
    }
    hash.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODEC: &str = "//! Docs.\nfn decode() { 1 }\n#[cfg(test)]\nmod tests {}\n";

    #[test]
    fn a_fingerprint_ignores_comments_layout_and_tests_and_sees_code() {
        let same =
            "//! Other docs.\n// why\nfn decode() {\n    1\n}\n#[cfg(test)]\nmod tests { fn a() {} }\n";
        let other = "//! Docs.\nfn decode() { 2 }\n";
        assert_eq!(fingerprint(CODEC), fingerprint(same));
        assert_ne!(fingerprint(CODEC), fingerprint(other));
    }

    #[test]
    fn a_codec_needs_a_text_and_a_fingerprint_that_fits() {
        let good = format!("{{\"protocol/src/a.rs\":\"{}\"}}", fingerprint(CODEC));
        let rows = [
            ("Codec: `protocol/src/a.rs`.", good.as_str(), 0),
            ("Codec: `protocol::a`.", good.as_str(), 0),
            ("Codec: `protocol/src/b.rs`.", good.as_str(), 1),
            ("Codec: `protocol/src/a.rs`.", "{\"protocol/src/a.rs\":\"00\"}", 1),
            ("Codec: `protocol/src/a.rs`.", "{}", 1),
            ("Codec: `protocol/src/a.rs`.", "[]", 1),
        ];
        for (spec, record, findings) in rows {
            let tree = Tree::sample(&[
                ("protocol/src/a.rs", CODEC),
                ("docs/spec/README.md", spec),
                (RECORD, record),
            ]);
            assert_eq!(check(&tree).len(), findings, "{spec} {record}");
        }
    }

    #[test]
    fn a_fingerprint_of_a_file_that_is_gone_is_a_finding() {
        let tree = Tree::sample(&[(RECORD, "{\"protocol/src/gone.rs\":\"00\"}")]);
        assert_eq!(check(&tree).len(), 1);
    }
}
