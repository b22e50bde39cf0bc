//! The docs are there, are short, and name only what exists.

use super::{File, Tree, manifest};

/// Lines of a folder's README.
const README_LINES_MAX: usize = 60;
/// Lines of `ARCHITECTURE.md`.
const ARCHITECTURE_LINES_MAX: usize = 200;
/// Folders that are no Cargo packages and have a README all the same.
const OTHER_FOLDERS: [&str; 3] = ["client-wasm/npm", "web-demo", "tests/browser"];
/// What a reader looks for first.
const DOCS: [&str; 9] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "docs/spec/README.md",
    "docs/operate.md",
    "docs/embed.md",
];
/// What may name a document.
const SPEAKERS: [&str; 7] = ["rs", "md", "toml", "ts", "js", "mjs", "html"];

pub(super) fn check(tree: &Tree) -> Vec<String> {
    let mut findings: Vec<String> =
        DOCS.iter().filter(|doc| tree.find(doc).is_none()).map(|doc| format!("{doc}: is missing")).collect();
    findings.extend(too_long(tree, "ARCHITECTURE.md", ARCHITECTURE_LINES_MAX));
    let packages = manifest::all(tree).into_iter().map(|manifest| manifest.folder);
    for folder in packages.chain(OTHER_FOLDERS.map(str::to_owned)) {
        let readme = format!("{folder}/README.md");
        if tree.find(&readme).is_none() {
            findings.push(format!(
                "{readme}: is missing: what it is, how to run it, how to test it, where to go next"
            ));
        }
        findings.extend(too_long(tree, &readme, README_LINES_MAX));
    }
    findings.extend(tree.with_extension(&SPEAKERS).flat_map(|file| dangling(tree, file)));
    findings.extend(tree.with_extension(&["md"]).flat_map(|file| broken(tree, file)));
    findings
}

fn too_long(tree: &Tree, path: &str, lines_max: usize) -> Option<String> {
    let lines = tree.find(path)?.text.lines().count();
    (lines > lines_max).then(|| format!("{path}: {lines} lines; the maximum is {lines_max}"))
}

/// Documents that `file` names and that are not there.
fn dangling(tree: &Tree, file: &File) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    let named = lines.flat_map(|(at, line)| documents(line).into_iter().map(move |doc| (at + 1, doc)));
    named
        .filter(|(_, doc)| tree.find(doc).is_none())
        .map(|(line, doc)| format!("{}:{line}: names `{doc}`, which is not there", file.path))
        .collect()
}

/// Links of a text to files and folders of the tree that are not there.
fn broken(tree: &Tree, file: &File) -> Vec<String> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let targets = links(&file.text).map(|link| (link, joined(folder, link)));
    let missing = targets.filter(|(_, path)| {
        let below = format!("{path}/");
        !tree.files.iter().any(|other| other.path == *path || other.path.starts_with(&below))
    });
    missing.map(|(link, _)| format!("{}: links to `{link}`, which is not there", file.path)).collect()
}

/// What a text links to inside the tree, without anchors.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let paths = targets.map(|target| target.split_once('#').map_or(target, |(path, _)| path));
    paths.filter(|path| !path.is_empty() && !path.contains(':') && !path.contains(char::is_whitespace))
}

/// A relative path, seen from `folder`, as a path from the root.
fn joined(folder: &str, link: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Every path of the form `docs/….md` in a line.
fn documents(line: &str) -> Vec<&str> {
    let path = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let words =
        line.split(|c: char| !path(c)).map(|word| word.trim_start_matches("./").trim_start_matches("../"));
    let mut found: Vec<_> = words.filter(|word| word.starts_with("docs/") && word.ends_with(".md")).collect();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_found_in_prose_links_and_comments() {
        let line =
            "//! See (`docs/spec/peer.md`) and [this](../docs/operate.md), not mydocs/x.md or docs/spec.";
        assert_eq!(documents(line), ["docs/spec/peer.md", "docs/operate.md"]);
    }

    #[test]
    fn a_document_that_is_named_must_exist() {
        let text = concat!("//! `docs/operate.md` `do", "cs/nowhere.md`");
        let tree = Tree::sample(&[("a.rs", text), ("docs/operate.md", "")]);
        assert_eq!(dangling(&tree, &tree.files[0]).len(), 1);
    }

    #[test]
    fn a_link_leads_to_a_file_or_a_folder_of_the_tree_or_out_of_it() {
        let rows = [
            ("[a](b.md)", 0),
            ("[a](../a/b.md#part)", 0),
            ("[a](../c)", 0),
            ("[a](../c/)", 0),
            ("[a](https://example.org/x) [b](#part) [c](mailto:a@example.org)", 0),
            ("[a](c.md)", 1),
            ("[a](../d) [b](../../a/e)", 2),
        ];
        for (text, findings) in rows {
            let tree = Tree::sample(&[("a/README.md", text), ("a/b.md", ""), ("c/lib.rs", "")]);
            assert_eq!(broken(&tree, &tree.files[0]).len(), findings, "{text}");
        }
    }

    #[test]
    fn a_readme_is_accepted_at_the_maximum_and_refused_one_past_it() {
        let tree = |lines: usize| Tree::sample(&[("a/README.md", &"x\n".repeat(lines))]);
        assert!(too_long(&tree(README_LINES_MAX), "a/README.md", README_LINES_MAX).is_none());
        assert!(too_long(&tree(README_LINES_MAX + 1), "a/README.md", README_LINES_MAX).is_some());
    }
}
