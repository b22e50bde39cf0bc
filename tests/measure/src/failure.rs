//! Why the bench could not measure: one sentence, under the step that met it.

use std::fmt::Display;

/// What every step returns.
pub type Outcome<T = ()> = Result<T, Failure>;

/// A step that could not be finished.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

/// Puts the step in front of an error's own words.
pub trait Context<T> {
    /// `step: error`.
    fn context(self, step: impl Display) -> Outcome<T>;
}

impl<T, E: Display> Context<T> for Result<T, E> {
    fn context(self, step: impl Display) -> Outcome<T> {
        self.map_err(|error| Failure(format!("{step}: {error}")))
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, step: impl Display) -> Outcome<T> {
        self.ok_or_else(|| Failure(step.to_string()))
    }
}
