//! Why a task stopped: one sentence that says what to do, under the step that met it.

use std::fmt;

/// What every task returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// A task that could not be finished.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// Puts the step in front of an error's own words.
pub(crate) trait Context<T> {
    fn context(self, step: impl fmt::Display) -> Outcome<T>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn context(self, step: impl fmt::Display) -> Outcome<T> {
        self.map_err(|error| Failure(format!("{step}: {error}")))
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, step: impl fmt::Display) -> Outcome<T> {
        self.ok_or_else(|| Failure(step.to_string()))
    }
}
