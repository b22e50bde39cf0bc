//! `cargo xtask test`: every gate and every test, cheapest first, each one run whatever became of those before it.

mod steps;

use std::path::Path;
use std::time::Instant;

use clap::Args;

use crate::failure::{Failure, Outcome};
use crate::{clock, say, tree};

pub(crate) use steps::tell;
use steps::{NAMED, STEPS, Step};

#[derive(Args, Default)]
pub(crate) struct Options {
    /// Only these steps, by name; some are run only so
    #[arg(long, value_delimiter = ',', value_name = "STEP")]
    only: Vec<String>,
    /// Name the steps and do nothing
    #[arg(long)]
    list: bool,
}

/// Runs the steps; fails if any failed. The last line on stdout counts them.
pub(crate) fn run(options: &Options) -> Outcome {
    let chosen = chosen(&options.only)?;
    if options.list {
        let named = NAMED.iter().filter(|_| options.only.is_empty());
        chosen
            .into_iter()
            .chain(named)
            .for_each(|step| say::data(format!("{:<12} {}", step.name, step.about)));
        return Ok(());
    }
    let results: Vec<Done> = chosen.into_iter().map(run_step).collect();
    let failed = results.iter().filter(|done| done.failure.is_some()).count();
    for done in &results {
        match &done.failure {
            None if done.twice => {
                say::done(format!("{:<12} {} (failed once: a race to be mended)", done.step.name, done.took));
            }
            None => say::done(format!("{:<12} {}", done.step.name, done.took)),
            Some(failure) => say::failure(format!("{:<12} {}: {failure}", done.step.name, done.took)),
        }
    }
    say::data(format!("{} passed, {failed} failed", results.len() - failed));
    if failed == 0 { Ok(()) } else { Err(Failure::new(format!("failed steps: {failed}"))) }
}

struct Done {
    step: &'static Step,
    took: String,
    /// It took two tries.
    twice: bool,
    failure: Option<Failure>,
}

fn run_step(step: &'static Step) -> Done {
    let start: Instant = clock::now();
    say::step(format!("{}: {}", step.name, step.about));
    let (failure, twice) = outcome(step, &tree::root());
    if let Some(failure) = &failure {
        say::failure(format!("{}: {failure}", step.name));
    }
    Done { step, took: clock::elapsed(start), twice, failure }
}

/// What became of the step at last, and whether it took two tries.
fn outcome(step: &Step, root: &Path) -> (Option<Failure>, bool) {
    match (step.run)(root) {
        Err(failure) if step.twice => {
            say::failure(format!("{}: {failure}; once more", step.name));
            ((step.run)(root).err(), true)
        }
        outcome => (outcome.err(), false),
    }
}

fn chosen(only: &[String]) -> Outcome<Vec<&'static Step>> {
    if only.is_empty() {
        return Ok(STEPS.iter().collect());
    }
    let all = || STEPS.iter().chain(&NAMED);
    if let Some(stranger) = only.iter().find(|name| !all().any(|step| step.name == name.as_str())) {
        let names: Vec<_> = all().map(|step| step.name).collect();
        return Err(Failure::new(format!("there is no step `{stranger}`; there are: {}", names.join(", "))));
    }
    Ok(all().filter(|step| only.iter().any(|name| name == step.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_steps_run_unless_some_are_named() {
        assert_eq!(chosen(&[]).expect("all").len(), STEPS.len());
        let some = chosen(&["tidy".to_owned(), "format".to_owned()]).expect("both are there");
        assert_eq!(some.iter().map(|step| step.name).collect::<Vec<_>>(), ["format", "tidy"]);
    }

    #[test]
    fn a_step_that_is_run_by_name_only_is_run_by_name_only() {
        assert!(!chosen(&[]).expect("all").iter().any(|step| step.name == "network"));
        assert_eq!(chosen(&["network".to_owned()]).expect("it is there").len(), 1);
    }

    #[test]
    fn a_step_that_is_not_there_is_named_beside_those_that_are() {
        let failure = chosen(&["nothing".to_owned()]).err().expect("it is not there").to_string();
        assert!(failure.contains("nothing") && failure.contains("tidy"), "{failure}");
    }

    #[test]
    fn a_step_with_real_servers_is_tried_twice_and_any_other_once() {
        let failing: fn(&Path) -> Outcome = |root| Err(Failure::new(root.display().to_string()));
        let there = Path::new("/");
        let (failure, twice) = outcome(&Step::new("once", "", failing), there);
        assert!(failure.is_some() && !twice);
        let (failure, twice) = outcome(&Step::new("twice", "", failing).twice(), there);
        assert!(failure.is_some() && twice, "what fails twice has failed");
        let (failure, twice) = outcome(&Step::new("passes", "", |_| Ok(())).twice(), there);
        assert!(failure.is_none() && !twice);
    }

    #[test]
    fn no_two_steps_share_a_name() {
        let all: Vec<_> = STEPS.iter().chain(&NAMED).collect();
        for (at, step) in all.iter().enumerate() {
            assert!(all[at + 1..].iter().all(|other| other.name != step.name), "{}", step.name);
        }
    }
}
