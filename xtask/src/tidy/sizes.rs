//! Maxima of files and functions, and module docs: a file that has grown too long hides what it decides.

use super::rust;
use super::{File, Tree};

/// Lines of the longest file.
const FILE_LINES_MAX: usize = 600;
/// Lines of the longest function, signature and braces included; clippy's `too-many-lines-threshold` is the same.
const FUNCTION_LINES_MAX: usize = 70;
/// What the file maximum and the module docs are asked of.
const SOURCES: [&str; 7] = ["rs", "ts", "mts", "js", "mjs", "css", "html"];
/// Sources that open with docs: Rust by `//!`, scripts by `/**`.
const SCRIPTS: [&str; 4] = ["ts", "mts", "js", "mjs"];

pub(super) fn check(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for file in tree.with_extension(&SOURCES) {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            findings
                .push(format!("{}: {lines} lines; the maximum is {FILE_LINES_MAX}: divide it", file.path));
        }
        findings.extend(undocumented(file));
    }
    for (file, function) in functions(tree) {
        if function.lines > FUNCTION_LINES_MAX {
            findings.push(format!(
                "{}:{}: `{}` has {} lines; the maximum is {FUNCTION_LINES_MAX}: divide it",
                file.path, function.line, function.name, function.lines
            ));
        }
    }
    findings
}

/// One line of medians and 90th percentiles.
pub(super) fn report(tree: &Tree) -> String {
    let [rust, scripts] = [&["rs"][..], &SCRIPTS[..]].map(|extensions| {
        spread(tree.with_extension(extensions).map(|file| file.text.lines().count()).collect())
    });
    let functions = functions(tree).map(|(_, function)| function.lines).collect();
    format!("Rust files {rust}; functions {}; scripts {scripts}", spread(functions))
}

fn spread(mut lines: Vec<usize>) -> String {
    lines.sort_unstable();
    let at =
        |percent: usize| lines.get((lines.len() * percent / 100).min(lines.len().saturating_sub(1))).copied();
    let [median, p90, max] = [50, 90, 100].map(|percent| at(percent).unwrap_or(0));
    format!("{} (median {median}, p90 {p90}, max {max} lines)", lines.len())
}

fn functions(tree: &Tree) -> impl Iterator<Item = (&File, rust::Function)> {
    tree.with_extension(&["rs"]).flat_map(|file| {
        rust::functions(&rust::code(&file.text)).into_iter().map(move |function| (file, function))
    })
}

fn undocumented(file: &File) -> Option<String> {
    let script = SCRIPTS.iter().any(|extension| file.path.ends_with(&format!(".{extension}")));
    let opening = if script { "/**" } else { "//!" };
    let asked = script || file.path.ends_with(".rs");
    let mut lines = file.text.lines().skip_while(|line| line.starts_with("#!"));
    let opens = lines.next().is_some_and(|line| line.starts_with(opening));
    (asked && !opens)
        .then(|| format!("{}: opens without module docs (`{opening}`): say what it owns", file.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_one(path: &str, text: &str) -> usize {
        check(&Tree::sample(&[(path, text)])).len()
    }

    #[test]
    fn a_file_is_accepted_at_the_maximum_and_refused_one_past_it() {
        let text = |lines: usize| format!("//! Docs.\n{}", "// a\n".repeat(lines - 1));
        assert_eq!(check_one("a.rs", &text(FILE_LINES_MAX)), 0);
        assert_eq!(check_one("a.rs", &text(FILE_LINES_MAX + 1)), 1);
    }

    #[test]
    fn a_function_is_accepted_at_the_maximum_and_refused_one_past_it() {
        let text = |lines: usize| format!("//! Docs.\nfn a() {{\n{}}}\n", "b();\n".repeat(lines - 2));
        assert_eq!(check_one("a.rs", &text(FUNCTION_LINES_MAX)), 0);
        assert_eq!(check_one("a.rs", &text(FUNCTION_LINES_MAX + 1)), 1);
    }

    #[test]
    fn sources_open_with_their_docs() {
        let rows = [
            ("a.rs", "//! Docs.", 0),
            ("a.rs", "use b;", 1),
            ("a.ts", "/** Docs. */", 0),
            ("a.mjs", "#!/usr/bin/env node\n/** Docs. */", 0),
            ("a.ts", "import b", 1),
            ("a.css", "b {}", 0),
        ];
        for (path, text, findings) in rows {
            assert_eq!(check_one(path, text), findings, "{path} {text}");
        }
    }

    #[test]
    fn the_spread_of_nothing_is_zero() {
        assert_eq!(spread(Vec::new()), "0 (median 0, p90 0, max 0 lines)");
        assert_eq!(spread((1..=10).collect()), "10 (median 6, p90 10, max 10 lines)");
    }
}
