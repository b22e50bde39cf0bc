//! Words that may not stand in the tree: promises of later work, tests that are switched off, paths of one machine.

use super::{File, Tree};

/// Assembled from halves, so that this list does not find itself.
const FORBIDDEN: [(&str, &str); 12] = [
    (concat!("TO", "DO"), "do it now, or say plainly what the code leaves out"),
    (concat!("FIX", "ME"), "mend it now, or say plainly what the code leaves out"),
    (concat!("XX", "X"), "say plainly what the code leaves out"),
    (concat!("#[ig", "nore"), "a test that does not run tests nothing"),
    (concat!("test.", "skip("), "a test that does not run tests nothing"),
    (concat!("test.", "only("), "the other tests would not run"),
    (concat!("/wo", "rk/"), "no path of one machine"),
    (concat!("/ro", "ot/"), "no path of one machine"),
    (concat!("/ho", "me/"), "no path of one machine"),
    (concat!("/Us", "ers/"), "no path of one machine"),
    (concat!("../sha", "red/"), "refer only to what is in the tree"),
    (concat!("<<<<", "<<<"), "resolve the conflict"),
];
/// Texts of ours; lock files and vectors are not written by hand.
const TEXTS: [&str; 14] =
    ["rs", "toml", "md", "ts", "mts", "js", "mjs", "css", "html", "json", "sh", "yml", "yaml", "svg"];
const LOCKS: [&str; 2] = ["package-lock.json", "Cargo.lock"];

pub(super) fn check(tree: &Tree) -> Vec<String> {
    tree.with_extension(&TEXTS)
        .filter(|file| !LOCKS.iter().any(|lock| file.path.ends_with(lock)))
        .flat_map(check_one)
        .collect()
}

fn check_one(file: &File) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    let found = lines.flat_map(|(at, line)| {
        FORBIDDEN.iter().filter(move |(word, _)| holds(line, word)).map(move |row| (at + 1, row))
    });
    found.map(|(line, (word, why))| format!("{}:{line}: `{word}`: {why}", file.path)).collect()
}

/// Words of letters are found as whole words, everything else anywhere.
fn holds(line: &str, word: &str) -> bool {
    if word.chars().all(char::is_alphabetic) {
        line.split(|c: char| !c.is_alphanumeric()).any(|part| part == word)
    } else {
        line.contains(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_forbidden_word_is_found_and_its_lookalike_is_not() {
        for (word, _) in FORBIDDEN {
            let tree = Tree::sample(&[("a.rs", &format!("b {word} c"))]);
            assert_eq!(check(&tree).len(), 1, "{word}");
        }
        let tree = Tree::sample(&[
            ("a.rs", concat!("let to", "do = \"TO", "DOS\";")),
            ("a.png", concat!("TO", "DO")),
        ]);
        assert!(check(&tree).is_empty());
    }
}
