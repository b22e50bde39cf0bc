//! What waits to be sent to one client, bounded in bytes.
//!
//! The fate of a slow reader is written here: when one more message would pass the maximum, the connection ends with
//! [`Ending::SlowReader`], and what waits is given back: offers go to other viewers. Nothing is left out silently while
//! the connection goes on. The same holds when all clients' queues together pass theirs: then the connection whose queue
//! would grow ends.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use futures_util::task::AtomicWaker;
use protocol::tracker::{Hints, ServerMessage};
use tokio_tungstenite::tungstenite::Message;

use super::wire::Encoding;
use crate::registry::{Place, Region};

/// What one message costs beyond its bytes.
const MESSAGE_OVERHEAD_BYTES: usize = size_of::<Message>();

/// Why the tracker ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It did not read what was sent to it.
    SlowReader,
    /// The tracker stops; the client is to come back after so many seconds.
    Draining(u32),
    /// The client has gone; there is nobody to say goodbye to.
    Left,
}

/// What became of a message.
#[derive(Debug)]
pub(super) enum Pushed {
    /// It waits.
    Waiting,
    /// It ended the connection. These waited and will not be sent.
    TooMany(VecDeque<Message>),
    /// The connection had ended before.
    Gone,
}

/// The bytes waiting for all clients together.
#[derive(Debug)]
pub(super) struct Budget {
    waiting: AtomicUsize,
    bytes_max: usize,
}

impl Budget {
    /// Nothing waits; at most `bytes_max` may.
    pub(super) const fn new(bytes_max: usize) -> Self {
        Self { waiting: AtomicUsize::new(0), bytes_max }
    }

    /// Bytes that wait now.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Takes `bytes`, unless that passes the maximum.
    fn take(&self, bytes: usize) -> bool {
        let within = self.waiting.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.bytes_max;
        if !within {
            self.give_back(bytes);
        }
        within
    }

    fn give_back(&self, bytes: usize) {
        self.waiting.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// One client's queue.
#[derive(Debug)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    /// There may be something due that the client's task has not been told of.
    ready: AtomicBool,
    task: AtomicWaker,
    binary: AtomicBool,
    bytes_max: usize,
    /// Where the client is: what its replies tell it.
    place: Place,
    budget: Arc<Budget>,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Message>,
    bytes: usize,
    /// One of the messages is to go now, and the others with it.
    hurry: bool,
    /// The client is to show that it lives.
    probe: bool,
    ending: Option<Ending>,
}

/// What there is to send.
#[derive(Debug)]
pub(super) enum Due {
    /// These messages, in order; none where nothing waits.
    Messages(VecDeque<Message>),
    /// A sign that the client lives is asked for; messages may wait besides.
    Probe,
    /// Nothing any more: say goodbye.
    End(Ending),
}

impl Outbox {
    /// An empty queue of at most `bytes_max` bytes, for a client at this place.
    pub(super) fn new(bytes_max: usize, place: Place, budget: Arc<Budget>) -> Self {
        let queue = Mutex::new(Queue::default());
        let (ready, task, binary) = (AtomicBool::new(false), AtomicWaker::new(), AtomicBool::new(false));
        Self { queue, ready, task, binary, bytes_max, place, budget }
    }

    /// How the client wants to be spoken to: as it spoke last, text before that.
    pub(super) fn encoding(&self) -> Encoding {
        if self.binary.load(Ordering::Relaxed) { Encoding::MessagePack } else { Encoding::Json }
    }

    /// The frame that says it to this client.
    pub(super) fn encode(&self, message: &ServerMessage) -> Message {
        let network = self.place.network.map(|network| network.0.get());
        let region = self.place.region.as_ref().map(Region::as_str);
        self.encoding().encode(message, Hints { network, region })
    }

    /// The client spoke like this.
    pub(super) fn heard(&self, encoding: Encoding) {
        self.binary.store(encoding == Encoding::MessagePack, Ordering::Relaxed);
    }

    /// Adds a message; it goes as soon as can be.
    pub(super) fn push(&self, message: Message) -> Pushed {
        let pushed = self.add(message, true);
        self.wake();
        pushed
    }

    /// Adds a message that the client's own task takes as soon as it is through with what it does: it is not woken for it.
    pub(super) fn push_own(&self, message: Message) -> Pushed {
        self.add(message, true)
    }

    /// Adds a message that goes with the next one, or when it is told to hurry.
    pub(super) fn push_late(&self, message: Message) -> Pushed {
        self.add(message, false)
    }

    fn add(&self, message: Message, hurry: bool) -> Pushed {
        let bytes = message.len() + MESSAGE_OVERHEAD_BYTES;
        let mut queue = self.lock();
        if queue.ending.is_some() {
            return Pushed::Gone;
        }
        let fits = queue.bytes + bytes <= self.bytes_max && self.budget.take(bytes);
        if fits {
            queue.bytes += bytes;
            queue.messages.push_back(message);
            queue.hurry |= hurry;
            return Pushed::Waiting;
        }
        let unsent = self.end_locked(&mut queue, Ending::SlowReader);
        drop(queue);
        self.wake();
        Pushed::TooMany(unsent)
    }

    /// What waits goes now.
    pub(super) fn hurry(&self) {
        let mut queue = self.lock();
        if queue.messages.is_empty() || queue.hurry {
            return;
        }
        queue.hurry = true;
        drop(queue);
        self.wake();
    }

    /// Ends the connection; what waits will not be sent.
    pub(super) fn end(&self, ending: Ending) -> VecDeque<Message> {
        let unsent = self.end_locked(&mut self.lock(), ending);
        self.wake();
        unsent
    }

    /// Asks the client for a sign that it lives.
    pub(super) fn probe(&self) {
        self.lock().probe = true;
        self.wake();
    }

    fn wake(&self) {
        self.ready.store(true, Ordering::Release);
        self.task.wake();
    }

    /// Resolves when there may be something due: for the client's task, the only one that waits.
    pub(super) async fn ready(&self) {
        poll_fn(|cx| {
            self.task.register(cx.waker());
            if self.ready.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Takes all that is due.
    pub(super) fn take(&self) -> Due {
        // Before the look into the queue: what comes later says so anew.
        self.ready.store(false, Ordering::Release);
        let mut queue = self.lock();
        if let Some(ending) = queue.ending {
            return Due::End(ending);
        }
        if mem::take(&mut queue.probe) {
            self.ready.store(true, Ordering::Release);
            return Due::Probe;
        }
        if !mem::take(&mut queue.hurry) {
            return Due::Messages(VecDeque::new());
        }
        self.budget.give_back(mem::take(&mut queue.bytes));
        Due::Messages(mem::take(&mut queue.messages))
    }

    fn end_locked(&self, queue: &mut Queue, ending: Ending) -> VecDeque<Message> {
        queue.ending.get_or_insert(ending);
        self.budget.give_back(mem::take(&mut queue.bytes));
        mem::take(&mut queue.messages)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.budget.give_back(mem::take(&mut self.lock().bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: usize) -> Message {
        Message::binary(vec![0; bytes - MESSAGE_OVERHEAD_BYTES])
    }

    fn taken(outbox: &Outbox) -> Result<usize, Ending> {
        match outbox.take() {
            Due::Messages(messages) => Ok(messages.len()),
            Due::Probe => panic!("nobody asked for a sign of life"),
            Due::End(ending) => Err(ending),
        }
    }

    fn waits(outbox: &Outbox, bytes: usize) -> bool {
        matches!(outbox.push(message(bytes)), Pushed::Waiting)
    }

    #[test]
    fn a_queue_holds_its_maximum_and_one_byte_more_ends_the_connection() {
        let budget = Arc::new(Budget::new(10_000));
        let outbox = Outbox::new(1_000, Place::default(), Arc::clone(&budget));
        assert!(waits(&outbox, 400) && waits(&outbox, 600));
        assert_eq!((budget.waiting(), taken(&outbox), budget.waiting()), (1_000, Ok(2), 0));
        assert!(waits(&outbox, 400));
        let Pushed::TooMany(unsent) = outbox.push(message(601)) else { panic!("it fits") };
        assert_eq!(unsent.len(), 1);
        assert_eq!((taken(&outbox), budget.waiting()), (Err(Ending::SlowReader), 0));
    }

    #[test]
    fn all_queues_together_have_a_maximum_and_the_one_that_would_pass_it_ends() {
        let budget = Arc::new(Budget::new(1_000));
        let outbox = || Outbox::new(900, Place::default(), Arc::clone(&budget));
        let (calm, greedy) = (outbox(), outbox());
        assert!(waits(&calm, 300) && waits(&greedy, 700));
        assert!(!waits(&greedy, 100));
        assert_eq!((taken(&calm), taken(&greedy)), (Ok(1), Err(Ending::SlowReader)));
        assert!(waits(&calm, 900));
        drop(calm);
        assert_eq!(budget.waiting(), 0);
    }

    #[test]
    fn the_first_ending_stays_and_later_messages_come_back_without_another() {
        let outbox = Outbox::new(1_000, Place::default(), Arc::new(Budget::new(1_000)));
        assert!(waits(&outbox, 500));
        assert_eq!(outbox.end(Ending::Draining(7)).len(), 1);
        assert!(matches!(outbox.push(message(2_000)), Pushed::Gone));
        assert!(outbox.end(Ending::SlowReader).is_empty());
        assert_eq!(taken(&outbox), Err(Ending::Draining(7)));
    }

    #[test]
    fn a_late_message_waits_for_the_next_one_or_until_it_is_told_to_hurry() {
        let outbox = Outbox::new(1_000, Place::default(), Arc::new(Budget::new(1_000)));
        for next in [
            |outbox: &Outbox| waits(outbox, 100),
            |outbox: &Outbox| {
                outbox.hurry();
                true
            },
        ] {
            assert!(matches!(outbox.push_late(message(100)), Pushed::Waiting));
            assert_eq!(taken(&outbox), Ok(0));
            assert!(next(&outbox) && taken(&outbox).is_ok_and(|count| count >= 1));
        }
        assert_eq!(taken(&outbox), Ok(0));
    }

    #[test]
    fn a_sign_of_life_is_asked_for_once_and_messages_go_on() {
        let outbox = Outbox::new(1_000, Place::default(), Arc::new(Budget::new(1_000)));
        outbox.probe();
        outbox.probe();
        assert!(waits(&outbox, 500));
        assert!(matches!(outbox.take(), Due::Probe));
        assert_eq!(taken(&outbox), Ok(1));
    }
}
