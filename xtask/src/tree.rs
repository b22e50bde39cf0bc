//! The source tree: where it is, and which of its files are ours.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Context, Outcome};

/// Folders that hold what was built or fetched, wherever they stand.
const BUILT: [&str; 6] = [".git", "dist", "node_modules", "pkg", "target", ".shoal"];
/// What `cargo xtask wasm` writes.
pub(crate) const MODULE_DIR: &str = "client-wasm/npm/wasm";
/// The stage of comments, for pages that show them.
pub(crate) const COMMENTS_DIR: &str = "client-wasm/npm/wasm/comments";
/// What records an engine, for pages that look for a fault.
pub(crate) const RECORDER_DIR: &str = "client-wasm/npm/wasm/recorder";

/// The root of the work tree that this binary was built from.
pub(crate) fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}

/// Every file of ours under `from` (a path below the root), as paths relative to the root, in order.
pub(crate) fn files(root: &Path, from: &str) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    let start = root.join(from);
    if start.is_file() {
        found.push(from.to_owned());
    } else if start.is_dir() {
        walk(root, &start, &mut found)?;
    }
    found.sort();
    Ok(found)
}

/// A file's text; bytes that are no text read as an empty one.
pub(crate) fn text(root: &Path, path: &str) -> Outcome<String> {
    let bytes = fs::read(root.join(path)).context(path)?;
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

fn walk(root: &Path, dir: &Path, found: &mut Vec<String>) -> Outcome {
    for entry in fs::read_dir(dir).context(dir.display())? {
        let path = entry.context(dir.display())?.path();
        let Some(relative) = path.strip_prefix(root).ok().and_then(Path::to_str) else { continue };
        if path.is_dir() {
            if !is_built(relative) {
                walk(root, &path, found)?;
            }
        } else if path.is_file() {
            found.push(relative.to_owned());
        }
    }
    Ok(())
}

fn is_built(relative: &str) -> bool {
    let name = relative.rsplit('/').next().unwrap_or(relative);
    BUILT.contains(&name) || name.starts_with("target-") || relative == MODULE_DIR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_folders_are_not_ours_and_sources_are() {
        let rows = [
            ("target", true),
            ("target-pure", true),
            ("web-demo/node_modules", true),
            ("client-wasm/npm/wasm", true),
            ("client-wasm/npm/src", false),
            ("tests/browser", false),
        ];
        for (path, built) in rows {
            assert_eq!(is_built(path), built, "{path}");
        }
    }

    #[test]
    fn the_tree_finds_its_own_source() {
        let files = files(&root(), "xtask/src").expect("the tree is readable");
        assert!(files.iter().any(|file| file == "xtask/src/tree.rs"));
    }
}
