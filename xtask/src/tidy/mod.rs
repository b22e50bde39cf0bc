//! What no compiler checks: walls between packages, sizes of files and functions, the presence and truth of the docs.
//!
//! Every rule is a function from the tree to a list of findings; a finding names a file and says what to do. Runs as
//! `cargo xtask tidy` and as a test of this package.

mod codecs;
mod docs;
mod manifest;
mod rust;
mod sizes;
mod unused;
mod walls;
mod words;

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::{say, tree};

/// The files of the tree with their texts, read once.
pub(crate) struct Tree {
    files: Vec<File>,
}

/// One file of ours.
pub(crate) struct File {
    path: String,
    text: String,
}

/// Checks the whole tree; with `record`, first writes down that codecs, specs and vectors agree.
pub(crate) fn run(record: bool) -> Outcome {
    let root = tree::root();
    if record {
        codecs::record(&root, &Tree::read(&root)?)?;
    }
    let tree = Tree::read(&root)?;
    say::note(sizes::report(&tree));
    let findings = findings(&tree);
    for finding in &findings {
        say::failure(finding);
    }
    match findings.len() {
        0 => {
            say::done("tidy");
            Ok(())
        }
        count => Err(Failure::new(format!("the tree is not tidy: {count} findings"))),
    }
}

fn findings(tree: &Tree) -> Vec<String> {
    let rules = [walls::check, unused::check, sizes::check, words::check, docs::check, codecs::check];
    rules.iter().flat_map(|rule| rule(tree)).collect()
}

impl Tree {
    fn read(root: &Path) -> Outcome<Self> {
        let paths = tree::files(root, "")?;
        let files = paths
            .into_iter()
            .map(|path| tree::text(root, &path).map(|text| File { path, text }))
            .collect::<Outcome<_>>()?;
        Ok(Self { files })
    }

    fn find(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    fn with_extension<'a>(&'a self, extensions: &'a [&str]) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(|file| {
            let extension = file.path.rsplit_once('.').map_or("", |(_, extension)| extension);
            extensions.contains(&extension)
        })
    }

    #[cfg(test)]
    fn sample(files: &[(&str, &str)]) -> Self {
        let files =
            files.iter().map(|(path, text)| File { path: (*path).into(), text: (*text).into() }).collect();
        Self { files }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_tree_is_tidy() {
        let tree = Tree::read(&tree::root()).expect("the tree is readable");
        let findings = findings(&tree);
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}
