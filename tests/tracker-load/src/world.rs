//! What all viewers of a measure share: the tally, the frames, and how a viewer reacts to what it hears.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::spawn_local;
use tokio_tungstenite::tungstenite::Message;

use crate::tally::Tally;
use crate::words::{Frames, Heard, Speaks, heard};
use measure::clock::Clock;

/// What a viewer does when it has been told what it waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Nothing; somebody else sets the pace.
    Still,
    /// The first so many viewers offer again when their answer is back.
    OfferAgain(usize),
    /// The first so many viewers announce again, without offers, when they have their reply.
    AnnounceAgain(usize),
    /// Whoever is refused announces again after a moment, as clients do that are told when to come.
    ComeAgain,
}

/// The moment that a refused viewer waits: the least that the tracker asks for.
const COME_AGAIN: Duration = Duration::from_secs(1);

/// One measure's world; one thread, so nothing in it waits for anything.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) address: SocketAddr,
    pub(crate) tally: RefCell<Tally>,
    pub(crate) habit: Cell<Habit>,
    frames: Frames,
}

/// Where a viewer puts what it wants sent; a full queue is a fault of the bench, and counts as a loss.
pub(crate) type Queue = mpsc::Sender<Message>;

impl World {
    /// Viewers of the tracker at `address`, who speak like this.
    pub(crate) fn new(clock: Clock, address: SocketAddr, speaks: Speaks) -> Self {
        let (tally, habit) = (RefCell::default(), Cell::new(Habit::Still));
        Self { clock, address, tally, habit, frames: Frames::new(speaks) }
    }

    /// Forgets what was counted so far.
    pub(crate) fn start_measure(&self) {
        let renewed = self.tally.borrow().renewed();
        self.tally.replace(renewed);
    }

    /// `viewer` announces, with so many offers.
    pub(crate) fn announce(&self, viewer: usize, offers: u64, queue: &Queue) {
        let numbers = self.tally.borrow_mut().send(offers, self.clock.now_us());
        let _ = queue.try_send(self.frames.announce(viewer, numbers));
    }

    fn announce_later(&self, viewer: usize, queue: &Queue) {
        let numbers = self.tally.borrow_mut().send(0, self.clock.now_us());
        let (frame, queue) = (self.frames.announce(viewer, numbers), queue.clone());
        spawn_local(async move {
            tokio::time::sleep(COME_AGAIN).await;
            let _ = queue.try_send(frame);
        });
    }

    /// `viewer` was told this.
    pub(crate) fn on_frame(&self, viewer: usize, frame: &Message, queue: &Queue) {
        let now_us = self.clock.now_us();
        match heard(frame) {
            Some(Heard::Reply) => {
                self.tally.borrow_mut().replies += 1;
                if matches!(self.habit.get(), Habit::AnnounceAgain(viewers) if viewer < viewers) {
                    self.announce(viewer, 0, queue);
                }
            }
            Some(Heard::Offer(from, number)) => {
                self.tally.borrow_mut().offered(number, now_us);
                let _ = queue.try_send(self.frames.answer(viewer, from, number));
            }
            Some(Heard::Answer(number)) => {
                self.tally.borrow_mut().answered(number, now_us);
                if matches!(self.habit.get(), Habit::OfferAgain(viewers) if viewer < viewers) {
                    self.announce(viewer, 1, queue);
                }
            }
            Some(Heard::Refusal(words)) => {
                let mut tally = self.tally.borrow_mut();
                tally.refusals += 1;
                tally.last_refusal = String::from_utf8_lossy(words).into_owned();
                drop(tally);
                if self.habit.get() == Habit::ComeAgain {
                    self.announce_later(viewer, queue);
                }
            }
            None => {}
        }
    }

    /// A viewer's connection is over.
    pub(crate) fn on_end(&self) {
        self.tally.borrow_mut().ended += 1;
    }
}
