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
        let mut orders = self.lock();
        let fits = orders.len() < ORDERS_MAX;
        if fits {
            orders.push_back(order);
        }
        drop(orders);
        if let Err(cause) = self.waker.wake() {
            tracing::error!(%cause, "a comet cannot be woken");
        }
        fits
    }

    /// Everything that waits.
    pub(super) fn take(&self) -> VecDeque<Order> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Order>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
