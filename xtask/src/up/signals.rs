//! Ctrl-C and its relatives, as a question that a loop can ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::failure::{Context, Outcome};

/// Set once any of the signals that end a task has come.
pub(super) struct Signals(Arc<AtomicBool>);

impl Signals {
    /// From now on, the signals are remembered. A second one ends the process at once: builds are ended so, too.
    pub(super) fn listen() -> Outcome<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&asked)).context("signals")?;
            signal_hook::flag::register(signal, Arc::clone(&asked)).context("signals")?;
        }
        Ok(Self(asked))
    }

    pub(super) fn asked_to_end(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
