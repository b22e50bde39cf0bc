//! Dependencies that no source names: each costs every build, and each is a door.

use super::manifest::{self, Manifest};
use super::{Tree, rust};

pub(super) fn check(tree: &Tree) -> Vec<String> {
    manifest::all(tree).iter().flat_map(|manifest| check_one(tree, manifest)).collect()
}

fn check_one(tree: &Tree, manifest: &Manifest) -> Vec<String> {
    let folder = format!("{}/", manifest.folder);
    let code: Vec<String> = tree
        .with_extension(&["rs"])
        .filter(|file| file.path.starts_with(&folder))
        .map(|file| rust::code(&file.text))
        .collect();
    let unused = manifest.dependencies.iter().filter(|dependency| {
        let name = dependency.name.replace('-', "_");
        !code.iter().any(|code| names(code, &name))
    });
    unused.map(|d| format!("{folder}Cargo.toml: `{}` is named by no source of the package", d.name)).collect()
}

/// Whether `name` stands in `code` as a whole word.
fn names(code: &str, name: &str) -> bool {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_used_where_code_names_it_as_a_whole_word() {
        let manifest = "[package]\nname = \"a\"\n[dependencies]\nb-c = { workspace = true }\n[lints]\nworkspace = true\n";
        let rows =
            [("use b_c::D;", 0), ("b_c::e();", 0), ("let b_cd = 1;", 1), ("// b_c", 1), ("f(\"b_c\");", 1)];
        for (source, findings) in rows {
            let tree = Tree::sample(&[("a/Cargo.toml", manifest), ("a/src/lib.rs", source)]);
            assert_eq!(check(&tree).len(), findings, "{source}");
        }
    }
}
