//! Promises to fetch a block from the origin: who gave one, and until when it is believed.

use protocol::time::Instant;

use crate::io::LinkId;
use crate::limits::PROMISES_MAX;

/// One neighbour's promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Promise {
    pub(crate) link: LinkId,
    /// When it was first given: renewals do not move it.
    pub(crate) since: Instant,
    pub(crate) until: Instant,
}

/// The promises for one block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promises {
    near: Vec<Promise>,
    /// Until when a rumour of somebody further away is believed.
    rumour_until: Instant,
    /// A rumour came at all: somebody in the swarm holds it, or will.
    pub(crate) rumoured: bool,
}

impl Promises {
    pub(crate) const fn new() -> Self {
        Self { near: Vec::new(), rumour_until: Instant::ZERO, rumoured: false }
    }

    /// A neighbour promises; a renewal replaces what it said before.
    pub(crate) fn add(&mut self, promise: Promise) {
        if let Some(known) = self.near.iter_mut().find(|known| known.link == promise.link) {
            known.until = promise.until;
        } else if self.near.len() < PROMISES_MAX {
            self.near.push(promise);
        }
    }

    /// When this neighbour first promised.
    pub(crate) fn since(&self, link: LinkId) -> Option<Instant> {
        self.near.iter().find(|promise| promise.link == link).map(|promise| promise.since)
    }

    /// Somebody further away promises. Believed once for each block: repeating it buys nobody more time.
    pub(crate) fn rumour(&mut self, until: Instant) {
        if !core::mem::replace(&mut self.rumoured, true) {
            self.rumour_until = until;
        }
    }

    /// The promise is kept, or its giver is gone.
    pub(crate) fn settle(&mut self, link: LinkId) {
        self.near.retain(|promise| promise.link != link);
    }

    /// The block is known to exist now: nobody needs longer than until then.
    pub(crate) fn cap(&mut self, until: Instant) {
        for promise in &mut self.near {
            promise.until = promise.until.min(until);
        }
        self.rumour_until = self.rumour_until.min(until);
    }

    /// Takes out one promise that was not kept in time.
    pub(crate) fn take_broken(&mut self, now: Instant) -> Option<LinkId> {
        let place = self.near.iter().position(|promise| promise.until <= now)?;
        Some(self.near.swap_remove(place).link)
    }

    /// How many neighbours are believed now.
    pub(crate) fn near(&self) -> usize {
        self.near.len()
    }

    /// When the first promise must have been kept.
    pub(crate) fn next_end(&self) -> Instant {
        self.near.iter().map(|promise| promise.until).min().unwrap_or(Instant::NEVER)
    }

    /// Until when the dice rest; [`Instant::ZERO`] where nobody promises.
    pub(crate) fn until(&self) -> Instant {
        let near = self.near.iter().map(|promise| promise.until).max().unwrap_or(Instant::ZERO);
        near.max(self.rumour_until)
    }

    pub(crate) fn clear(&mut self) {
        // What is settled is kept for long: it takes no room.
        self.near = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promise(link: u32, until: u64) -> Promise {
        Promise { link: LinkId(link), since: Instant::ZERO, until: Instant(until) }
    }

    #[test]
    fn a_promise_is_believed_until_it_expires_and_then_counts_as_broken_once() {
        let mut promises = Promises::new();
        assert_eq!(promises.until(), Instant::ZERO);
        promises.add(promise(1, 10));
        promises.add(promise(1, 20));
        assert_eq!(promises.until(), Instant(20));
        assert_eq!(promises.take_broken(Instant(19)), None);
        assert_eq!(promises.take_broken(Instant(20)), Some(LinkId(1)));
        assert_eq!(promises.take_broken(Instant(20)), None);
    }

    #[test]
    fn a_kept_promise_is_never_broken() {
        let mut promises = Promises::new();
        promises.add(promise(1, 10));
        promises.settle(LinkId(1));
        assert_eq!(promises.take_broken(Instant(99)), None);
    }

    #[test]
    fn a_rumour_that_is_repeated_is_not_believed_any_longer() {
        let mut promises = Promises::new();
        promises.rumour(Instant(10));
        promises.rumour(Instant(20));
        assert_eq!(promises.until(), Instant(10));
    }

    #[test]
    fn promises_past_the_limit_are_not_kept() {
        let mut promises = Promises::new();
        for link in 0..=PROMISES_MAX as u32 {
            promises.add(promise(link, 10));
        }
        assert_eq!(promises.near(), PROMISES_MAX);
    }
}
