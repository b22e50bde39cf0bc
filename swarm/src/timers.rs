//! The engine's timers: one for each reason to wake up, in a fixed table.

use protocol::time::Instant;

/// Why the engine wakes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Timer {
    /// A GET has used up its patience.
    Fetches = 0,
    /// A decision about a missing block or list falls due.
    Market = 1,
    /// The uplink is free for the next block, or a lost tail needs its probe.
    Upload = 2,
    /// A tracker is to be connected to, or an announce is due.
    Tracker = 3,
    /// An attempt at a link, an offer or a ban ends.
    Links = 4,
    /// A change of the budget is to be told.
    Budget = 5,
}

const COUNT: usize = 6;
const ALL: [Timer; COUNT] =
    [Timer::Fetches, Timer::Market, Timer::Upload, Timer::Tracker, Timer::Links, Timer::Budget];

/// When each timer fires; [`Instant::NEVER`] where it is not set.
#[derive(Clone, Debug)]
pub(crate) struct Timers([Instant; COUNT]);

impl Timers {
    pub(crate) const fn new() -> Self {
        Self([Instant::NEVER; COUNT])
    }

    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        if let Some(slot) = self.0.get_mut(timer as usize) {
            *slot = at;
        }
    }

    /// The next moment at which there is more to do than to send.
    pub(crate) fn next_but_upload(&self) -> Instant {
        let [fetches, market, _, tracker, links, _] = self.0;
        fetches.min(market).min(tracker).min(links)
    }

    /// The moment of one timer.
    pub(crate) fn at(&self, timer: Timer) -> Instant {
        self.0.get(timer as usize).copied().unwrap_or(Instant::NEVER)
    }

    /// The next moment, and its reason.
    pub(crate) fn next(&self) -> (Instant, Option<Timer>) {
        let mut next = (Instant::NEVER, None);
        for (at, timer) in self.0.iter().zip(ALL) {
            if *at < next.0 {
                next = (*at, Some(timer));
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_timer_is_next() {
        let mut timers = Timers::new();
        assert_eq!(timers.next(), (Instant::NEVER, None));
        timers.set(Timer::Budget, Instant(9));
        timers.set(Timer::Market, Instant(4));
        assert_eq!(timers.next(), (Instant(4), Some(Timer::Market)));
        timers.set(Timer::Market, Instant::NEVER);
        assert_eq!(timers.next(), (Instant(9), Some(Timer::Budget)));
    }
}
