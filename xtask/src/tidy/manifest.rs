//! The packages' manifests, as far as the walls need them.

use toml::{Table, Value};

use super::Tree;

/// One dependency as a manifest names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// From `[dev-dependencies]`.
    pub(super) dev: bool,
    /// Its version stands in the root manifest only.
    pub(super) inherited: bool,
}

/// One package of the workspace.
pub(super) struct Manifest {
    /// Its folder and its name, which are the same.
    pub(super) folder: String,
    pub(super) name: String,
    pub(super) dependencies: Vec<Dependency>,
    /// The workspace's lints apply.
    pub(super) lints: bool,
}

/// Every package of a top-level folder. A manifest that cannot be read is cargo's to refuse.
pub(super) fn all(tree: &Tree) -> Vec<Manifest> {
    let files =
        tree.files.iter().filter_map(|file| Some((file.path.strip_suffix("/Cargo.toml")?, &file.text)));
    files.filter_map(|(folder, text)| parse(folder, text)).collect()
}

fn parse(folder: &str, text: &str) -> Option<Manifest> {
    let table: Table = text.parse().ok()?;
    let name = table.get("package")?.get("name")?.as_str()?.to_owned();
    let mut dependencies = Vec::new();
    collect(&table, &mut dependencies);
    for target in table.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values) {
        target.as_table().into_iter().for_each(|target| collect(target, &mut dependencies));
    }
    let lints =
        table.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool) == Some(true);
    Some(Manifest { folder: folder.to_owned(), name, dependencies, lints })
}

fn collect(table: &Table, into: &mut Vec<Dependency>) {
    for (section, dev) in [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
    {
        for (name, value) in table.get(section).and_then(Value::as_table).into_iter().flatten() {
            let inherited = value.get("workspace").and_then(Value::as_bool) == Some(true);
            into.push(Dependency { name: name.clone(), dev, inherited });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_of_every_kind_and_target_are_read() {
        let text = "[package]\nname = \"a\"\n[dependencies]\nb = { workspace = true }\n[dev-dependencies]\nc = \"1\"\n\
                    [target.'cfg(unix)'.dependencies]\nd = { workspace = true }\n[lints]\nworkspace = true\n";
        let manifest = parse("a", text).expect("it is a manifest");
        let found: Vec<_> =
            manifest.dependencies.iter().map(|d| (d.name.as_str(), d.dev, d.inherited)).collect();
        assert_eq!(found, [("b", false, true), ("c", true, false), ("d", false, true)]);
        assert!(manifest.lints);
    }

    #[test]
    fn a_root_without_a_package_is_none() {
        assert!(parse("", "[workspace]\nmembers = []").is_none());
    }
}
