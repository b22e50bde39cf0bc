//! Questions of this process that wait for their answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::limits::QUESTIONS_MAX;

/// An answer, or the word that nobody is there to give one.
pub(crate) type Outcome = Option<Bytes>;

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: BTreeMap<u64, oneshot::Sender<Outcome>>,
    so_far: u64,
}

/// One of them; it waits no longer when this is dropped.
#[derive(Debug)]
pub(crate) struct Question {
    questions: Arc<Questions>,
    /// Its name; never used twice.
    pub(crate) name: u64,
    /// Resolves with the outcome.
    pub(crate) outcome: oneshot::Receiver<Outcome>,
}

impl Questions {
    /// A new one, unless [`QUESTIONS_MAX`] wait already.
    pub(crate) fn open(self: &Arc<Self>) -> Option<Question> {
        let mut state = self.lock();
        if state.waiting.len() >= QUESTIONS_MAX {
            return None;
        }
        state.so_far += 1;
        let name = state.so_far;
        let (sender, outcome) = oneshot::channel();
        state.waiting.insert(name, sender);
        drop(state);
        Some(Question { questions: Arc::clone(self), name, outcome })
    }

    /// The first outcome counts; others, and those of questions that nobody waits for any more, are dropped.
    pub(crate) fn resolve(&self, name: u64, outcome: Outcome) {
        let waiting = self.lock().waiting.remove(&name);
        if let Some(sender) = waiting {
            // Where the asker has just gone there is nobody to tell.
            let _ = sender.send(outcome);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.questions.lock().waiting.remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_limit_a_question_is_taken_and_one_past_it_is_not_until_one_ends() {
        let questions = Arc::new(Questions::default());
        let mut open: Vec<Question> = (0..QUESTIONS_MAX).map(|_| questions.open().unwrap()).collect();
        assert!(questions.open().is_none());
        open.pop();
        assert!(questions.open().is_some());
    }

    #[tokio::test]
    async fn the_first_outcome_counts() {
        let questions = Arc::new(Questions::default());
        let mut question = questions.open().unwrap();
        questions.resolve(question.name, None);
        questions.resolve(question.name, Some(Bytes::from_static(b"late")));
        assert_eq!((&mut question.outcome).await.unwrap(), None);
    }
}
