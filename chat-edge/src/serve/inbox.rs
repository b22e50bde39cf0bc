//! What a comet is told by the rest of the process: a bounded queue, and its poll's waker.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mio::Waker;
use protocol::chat::{Direct, Header, RoomEvent, RoomKey};
use tokio::sync::oneshot;

use crate::moderation::{Scope, UserId};
use crate::tick::Tick;

/// Orders that wait for one comet at most: a comet takes all of them between two polls, a few milliseconds of work.
const ORDERS_MAX: usize = 16_384;

/// Something to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Send this to the room.
    Tick(RoomKey, Arc<Tick>),
    /// Send this to whom it is for.
    Direct(Arc<Direct>),
    /// A room's past, for which its first members wait.
    Past(RoomKey, Vec<RoomEvent>),
    /// Somebody asks what came last in a room.
    TellPast(RoomKey, oneshot::Sender<Vec<RoomEvent>>),
    /// Another connection has this key now.
    Supersede(String),
    /// Somebody has an answer coming.
    Answer(Answer),
    /// This user may not be there any more.
    Evict(UserId, Scope),
    /// The process stops.
    Drain,
}

/// What became of a message upstream.
#[derive(Debug)]
pub(super) struct Answer {
    /// The connection's place.
    pub(super) index: usize,
    /// Its number: the place may be another's by now.
    pub(super) serial: u32,
    /// The frame that is answered.
    pub(super) to: Header,
    /// The answer.
    pub(super) body: Vec<u8>,
}

/// A comet's letter box.
#[derive(Debug)]
pub(super) struct Inbox {
    orders: Mutex<VecDeque<Order>>,
    waker: Waker,
}

impl Inbox {
    pub(super) const fn new(waker: Waker) -> Self {
        Self { orders: Mutex::new(VecDeque::new()), waker }
    }

    /// Whether one more fits.
    pub(super) fn has_room(&self) -> bool {
        self.lock().len() < ORDERS_MAX
    }

    /// Puts it in, where it fits, and wakes the comet.
    pub(super) fn push(&self, order: Order) -> bool {
        let fits = self.put(order);
        self.wake();
        fits
    }

    /// Puts it in, where it fits, for whoever looks next: [`Self::wake`] makes the comet look.
    pub(super) fn put(&self, order: Order) -> bool {
        let mut orders = self.lock();
        let fits = orders.len() < ORDERS_MAX;
        if fits {
            orders.push_back(order);
        }
        fits
    }

    /// Wakes the comet.
    pub(super) fn wake(&self) {
        if let Err(cause) = self.waker.wake() {
            tracing::error!(%cause, "a comet cannot be woken");
        }
    }

    /// Everything that waits.
    pub(super) fn take(&self) -> VecDeque<Order> {
        std::mem::take(&mut self.lock())
    }

    /// Everything that waits, where all of it is wanted.
    pub(super) fn take_if(&self, wanted: impl FnMut(&Order) -> bool) -> Option<VecDeque<Order>> {
        let mut orders = self.lock();
        let all = orders.iter().all(wanted);
        all.then(|| std::mem::take(&mut *orders))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Order>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mio::{Poll, Token};

    #[test]
    fn a_letter_box_is_emptied_in_order_or_not_at_all() {
        let poll = Poll::new().unwrap();
        let inbox = Inbox::new(Waker::new(poll.registry(), Token(0)).unwrap());
        let key = |order: &Order| if let Order::Supersede(key) = order { key.clone() } else { String::new() };
        ["a", "b"].into_iter().for_each(|key| assert!(inbox.put(Order::Supersede(key.to_owned()))));
        assert!(inbox.take_if(|order| key(order) == "a").is_none());
        let taken = inbox.take_if(|_| true).unwrap();
        assert_eq!(taken.iter().map(key).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(inbox.take_if(|_| false).unwrap().len(), 0);
    }

    #[test]
    fn at_the_limit_an_order_fits_and_one_past_it_it_does_not() {
        let poll = Poll::new().unwrap();
        let inbox = Inbox::new(Waker::new(poll.registry(), Token(0)).unwrap());
        (0..ORDERS_MAX).for_each(|_| assert!(inbox.put(Order::Drain)));
        assert!(!inbox.has_room() && !inbox.push(Order::Drain));
        assert_eq!(inbox.take().len(), ORDERS_MAX);
    }
}
