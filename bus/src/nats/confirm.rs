//! How much of what was handed to NATS is known to have arrived.
//!
//! NATS reads a connection in order: when a letter that we sent to ourselves comes back, all before it is there too.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Letters handed over without asking whether they arrived, while more are coming.
const ASK_AFTER: u64 = 64;

/// The count; clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Confirm(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    handed: u64,
    confirmed: u64,
    /// The count that a letter to ourselves is on its way with.
    asked: Option<u64>,
}

impl Confirm {
    /// So many more were handed over.
    pub(super) fn on_handed(&self, letters: u64) {
        self.lock().handed += letters;
    }

    /// The count to send to ourselves, where it is time: enough has gone out, or all that there is (`idle`).
    pub(super) fn ask(&self, idle: bool) -> Option<u64> {
        let mut state = self.lock();
        let open = state.handed - state.confirmed;
        let due = state.asked.is_none() && (open >= ASK_AFTER || idle && open > 0);
        if due {
            state.asked = Some(state.handed);
        }
        due.then_some(state.handed)
    }

    /// Something is not confirmed, and nothing asks for it.
    pub(super) fn is_open(&self) -> bool {
        let state = self.lock();
        state.asked.is_none() && state.handed > state.confirmed
    }

    /// The letter with this count came back.
    pub(super) fn on_back(&self, count: u64) {
        let mut state = self.lock();
        state.confirmed = state.confirmed.max(count.min(state.handed));
        state.asked = None;
    }

    /// The connection broke: how many may be lost.
    pub(super) fn on_broken(&self) -> u64 {
        let mut state = self.lock();
        let unsure = state.handed - state.confirmed;
        (state.confirmed, state.asked) = (state.handed, None);
        unsure
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_confirmed_when_the_connection_breaks_is_unsure() {
        let confirm = Confirm::default();
        assert_eq!((confirm.ask(true), confirm.on_broken()), (None, 0));
        confirm.on_handed(10);
        assert_eq!(confirm.ask(false), None);
        assert_eq!(confirm.ask(true), Some(10));
        confirm.on_handed(ASK_AFTER);
        assert_eq!(confirm.ask(true), None);
        confirm.on_back(10);
        assert_eq!(confirm.ask(false), Some(10 + ASK_AFTER));
        assert_eq!(confirm.on_broken(), ASK_AFTER);
        assert!(!confirm.is_open());
    }

    #[test]
    fn a_count_that_never_went_out_confirms_nothing_more_than_there_is() {
        let confirm = Confirm::default();
        confirm.on_handed(1);
        confirm.on_back(u64::MAX);
        confirm.on_handed(1);
        assert_eq!(confirm.on_broken(), 1);
    }
}
