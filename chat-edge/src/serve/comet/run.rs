//! The thread of a comet, and who may do its work while it rests.
//!
//! A tick of a small room is a handful of writes, and to wake a thread for it costs as much as several of them. So whoever
//! has only that to give tries the comet's lock first, and writes by itself where the comet rests. What is more, or comes
//! while the comet is at work, the thread does: it is woken, and takes everything that waits.
//!
//! **Invariant:** an order that was given is carried out by whoever takes it, in the order of the letter box: it is taken
//! and carried out under the comet's lock.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use mio::{Events, Poll};

use super::super::inbox::Inbox;
use super::Comet;

/// Readiness taken from the system at once.
const EVENTS_AT_ONCE: usize = 1_024;
/// Writes that somebody else does in a comet's place at most: under a millisecond.
const WRITES_MAX: usize = 64;

/// A comet, for its thread and for those who may do its work.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Shared(Arc<Mutex<Comet>>);

impl Shared {
    pub(super) fn new(comet: Comet) -> Self {
        Self(Arc::new(Mutex::new(comet)))
    }

    /// Runs until the process has drained.
    pub(in crate::serve) fn run(&self, mut poll: Poll) {
        let mut events = Events::with_capacity(EVENTS_AT_ONCE);
        loop {
            let patience = self.lock().patience();
            match poll.poll(&mut events, Some(patience.into())) {
                Ok(()) => {}
                Err(cause) if cause.kind() == ErrorKind::Interrupted => continue,
                Err(cause) => {
                    tracing::error!(%cause, "a comet cannot wait for its sockets");
                    return;
                }
            }
            if self.lock().turn(&events) {
                return;
            }
        }
    }

    /// Does what waits in the letter box where that is little and the comet rests; whether it did.
    pub(in crate::serve) fn try_do(&self, inbox: &Inbox) -> bool {
        let mut comet = match self.0.try_lock() {
            Ok(comet) => comet,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        let mut left = WRITES_MAX;
        let orders = inbox.take_if(|order| {
            let rest = comet.writes(order).and_then(|writes| left.checked_sub(writes));
            left = rest.unwrap_or(0);
            rest.is_some()
        });
        let Some(orders) = orders else { return false };
        orders.into_iter().for_each(|order| comet.on_order(order));
        true
    }

    fn lock(&self) -> MutexGuard<'_, Comet> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
