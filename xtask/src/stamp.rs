//! What was built from what: a step whose inputs have not changed since is left out, so that a second `up` is quick.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::failure::{Context, Outcome};
use crate::tree;

/// Where stamps stand, under the root.
const DIR: &str = "target/xtask";

/// One step: its inputs, and the files without which it has not been done.
pub(crate) struct Stamp {
    path: PathBuf,
    hash: String,
    fresh: bool,
}

impl Stamp {
    /// Looks at the step `name`: `inputs` are files or folders of ours, `outputs` what it makes.
    pub(crate) fn of(root: &Path, name: &str, inputs: &[&str], outputs: &[&str]) -> Outcome<Self> {
        let path = root.join(DIR).join(name);
        let hash = hash(root, inputs)?;
        let made = outputs.iter().all(|output| root.join(output).exists());
        let fresh = made && fs::read_to_string(&path).is_ok_and(|recorded| recorded == hash);
        Ok(Self { path, hash, fresh })
    }

    /// Does the step unless it was done with these inputs, and remembers that it was. Says whether it was done.
    pub(crate) fn unless_fresh(self, step: impl FnOnce() -> Outcome) -> Outcome<bool> {
        if self.fresh {
            return Ok(false);
        }
        step()?;
        if let Some(dir) = self.path.parent() {
            fs::create_dir_all(dir).context(dir.display())?;
        }
        fs::write(&self.path, &self.hash).context(self.path.display())?;
        Ok(true)
    }
}

fn hash(root: &Path, inputs: &[&str]) -> Outcome<String> {
    let mut hash = Sha256::new();
    for input in inputs {
        for path in tree::files(root, input)? {
            let bytes = fs::read(root.join(&path)).context(&path)?;
            hash.update(format!("{path}\0{}\0", bytes.len()));
            hash.update(&bytes);
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_done_once_and_again_when_an_input_or_output_changed() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path();
        let write = |name: &str, text: &str| fs::write(root.join(name), text).expect("it is written");
        write("in", "1");
        let run = || {
            let step = || fs::write(root.join("out"), "made").context("out");
            Stamp::of(root, "step", &["in"], &["out"])
                .and_then(|stamp| stamp.unless_fresh(step))
                .expect("it is done")
        };
        assert!(run(), "never done");
        assert!(!run(), "done, and nothing changed");
        write("in", "2");
        assert!(run(), "an input changed");
        fs::remove_file(root.join("out")).expect("it is there");
        assert!(run(), "an output is gone");
    }

    #[test]
    fn a_step_that_failed_is_not_remembered() {
        let dir = tempfile::tempdir().expect("a folder");
        let stamp = || Stamp::of(dir.path(), "step", &[], &[]).expect("a stamp");
        assert!(stamp().unless_fresh(|| Err(crate::failure::Failure::new("no"))).is_err());
        assert!(stamp().unless_fresh(|| Ok(())).expect("it is done"));
    }
}
