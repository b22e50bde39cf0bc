//! Viewers whose server is gone: each waits as the node list asks, then goes to the next of the addresses that it was
//! given, and to the one after that at once where the next is gone too.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Crowd, State};
use measure::failure::Outcome;

/// Who has lost its server, and who is due to look for another.
pub(super) struct Comebacks {
    /// The wait, and by which part of it one viewer's may differ from another's.
    wait: Duration,
    jitter: f64,
    lost: BTreeMap<usize, Duration>,
    due: BTreeSet<(Duration, usize)>,
}

impl Comebacks {
    /// When this viewer lost its server, where it did; it has another now.
    pub(super) fn is_back(&mut self, index: usize) -> Option<Duration> {
        self.lost.remove(&index)
    }
}

impl Crowd {
    /// From now on those whose server ends them come back.
    pub(crate) fn let_come_back(&mut self, wait: Duration, jitter: f64) {
        self.comebacks = Some(Comebacks { wait, jitter, lost: BTreeMap::new(), due: BTreeSet::new() });
    }

    /// This viewer has no server.
    pub(super) fn lost(&mut self, index: usize) {
        let Some(all) = &mut self.comebacks else { return };
        let now = self.clock.now();
        let again = all.lost.contains_key(&index);
        all.lost.entry(index).or_insert(now);
        // Spread evenly over the span, the same in each run: the golden ratio's multiples.
        let part = (index as f64 * 0.618_033_988_749_895).fract();
        let wait = all.wait.mul_f64(1.0 + all.jitter * (2.0 * part - 1.0));
        all.due.insert((if again { now } else { now + wait }, index));
    }

    /// Those who have waited long enough dial the next address.
    pub(super) fn come_back(&mut self) -> Outcome {
        let now = self.clock.now();
        while let Some(all) = &mut self.comebacks {
            let Some((due, index)) = all.due.pop_first() else { return Ok(()) };
            if due > now {
                all.due.insert((due, index));
                return Ok(());
            }
            let Some(viewer) = self.viewers.get_mut(index) else { return Ok(()) };
            viewer.at = (viewer.at + 1) % u8::try_from(self.addresses.len()).unwrap_or(1);
            viewer.state = State::Connecting;
            let at = viewer.at;
            let stream = self.dial(index, at)?;
            self.tally.ended -= 1;
            if let Some(viewer) = self.viewers.get_mut(index) {
                viewer.stream = Some(stream);
            }
        }
        Ok(())
    }
}
