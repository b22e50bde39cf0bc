//! What waits to be sent to one client, bounded in bytes.
//!
//! The fate of a slow reader is written here: when one more message would pass the maximum, everything that waits is
//! dropped and the connection ends with [`Ending::SlowReader`]. Nothing is left out silently while the connection goes
//! on. The same holds when all clients' queues together pass theirs: then the connection whose queue would grow ends.

use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Message;

use super::wire::Encoding;

/// What one message costs beyond its bytes.
const MESSAGE_OVERHEAD_BYTES: usize = size_of::<Message>();

/// Why the tracker ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It did not read what was sent to it.
    SlowReader,
    /// The tracker stops.
    Draining,
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
    ready: Notify,
    binary: AtomicBool,
    bytes_max: usize,
    budget: Arc<Budget>,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Message>,
    bytes: usize,
    ending: Option<Ending>,
}

/// What there is to send.
#[derive(Debug)]
pub(super) enum Due {
    /// These messages, in order; none where nothing waits.
    Messages(VecDeque<Message>),
    /// Nothing any more: say goodbye.
    End(Ending),
}

impl Outbox {
    /// An empty queue of at most `bytes_max` bytes.
    pub(super) fn new(bytes_max: usize, budget: Arc<Budget>) -> Self {
        let queue = Mutex::new(Queue::default());
        Self { queue, ready: Notify::new(), binary: AtomicBool::new(false), bytes_max, budget }
    }

    /// How the client wants to be spoken to: as it spoke last, text before that.
    pub(super) fn encoding(&self) -> Encoding {
        if self.binary.load(Ordering::Relaxed) { Encoding::MessagePack } else { Encoding::Json }
    }

    /// The client spoke like this.
    pub(super) fn heard(&self, encoding: Encoding) {
        self.binary.store(encoding == Encoding::MessagePack, Ordering::Relaxed);
    }

    /// Adds a message; false where that ended the connection.
    pub(super) fn push(&self, message: Message) -> bool {
        let bytes = message.len() + MESSAGE_OVERHEAD_BYTES;
        let mut queue = self.lock();
        if queue.ending.is_some() {
            return true;
        }
        let fits = queue.bytes + bytes <= self.bytes_max && self.budget.take(bytes);
        if fits {
            queue.bytes += bytes;
            queue.messages.push_back(message);
        } else {
            self.end_locked(&mut queue, Ending::SlowReader);
        }
        drop(queue);
        self.ready.notify_one();
        fits
    }

    /// Ends the connection; what waits is dropped.
    pub(super) fn end(&self, ending: Ending) {
        self.end_locked(&mut self.lock(), ending);
        self.ready.notify_one();
    }

    /// Resolves when there may be something due.
    pub(super) async fn ready(&self) {
        self.ready.notified().await;
    }

    /// Takes all that is due.
    pub(super) fn take(&self) -> Due {
        let mut queue = self.lock();
        if let Some(ending) = queue.ending {
            return Due::End(ending);
        }
        self.budget.give_back(mem::take(&mut queue.bytes));
        Due::Messages(mem::take(&mut queue.messages))
    }

    fn end_locked(&self, queue: &mut Queue, ending: Ending) {
        queue.ending.get_or_insert(ending);
        queue.messages = VecDeque::new();
        self.budget.give_back(mem::take(&mut queue.bytes));
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
            Due::End(ending) => Err(ending),
        }
    }

    #[test]
    fn a_queue_holds_its_maximum_and_one_byte_more_ends_the_connection() {
        let budget = Arc::new(Budget::new(10_000));
        let outbox = Outbox::new(1_000, Arc::clone(&budget));
        assert!(outbox.push(message(400)) && outbox.push(message(600)));
        assert_eq!((budget.waiting(), taken(&outbox), budget.waiting()), (1_000, Ok(2), 0));
        assert!(outbox.push(message(400)) && !outbox.push(message(601)));
        assert_eq!((taken(&outbox), budget.waiting()), (Err(Ending::SlowReader), 0));
    }

    #[test]
    fn all_queues_together_have_a_maximum_and_the_one_that_would_pass_it_ends() {
        let budget = Arc::new(Budget::new(1_000));
        let (calm, greedy) = (Outbox::new(900, Arc::clone(&budget)), Outbox::new(900, Arc::clone(&budget)));
        assert!(calm.push(message(300)) && greedy.push(message(700)));
        assert!(!greedy.push(message(100)));
        assert_eq!((taken(&calm), taken(&greedy)), (Ok(1), Err(Ending::SlowReader)));
        assert!(calm.push(message(900)));
        drop(calm);
        assert_eq!(budget.waiting(), 0);
    }

    #[test]
    fn the_first_ending_stays_and_later_messages_are_dropped_without_another() {
        let outbox = Outbox::new(1_000, Arc::new(Budget::new(1_000)));
        outbox.end(Ending::Draining);
        assert!(outbox.push(message(2_000)));
        outbox.end(Ending::SlowReader);
        assert_eq!(taken(&outbox), Err(Ending::Draining));
    }
}
