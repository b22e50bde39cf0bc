//! One listener's end for letters.

use std::sync::Arc;

use crate::carrier::{Bus, Carrier};
use crate::queue::Queue;
use crate::{Letter, Subject};

/// Where letters about the subjects that it listens to arrive. Dropping it ends its listening.
#[derive(Debug)]
pub struct Mailbox {
    bus: Bus,
    name: u64,
    queue: Arc<Queue<Letter>>,
}

impl Mailbox {
    pub(crate) fn new(bus: Bus, name: u64, letters_max: usize) -> Self {
        Self { bus, name, queue: Arc::new(Queue::new(letters_max)) }
    }

    /// From now on letters about this too. Listening twice is listening once.
    pub fn listen(&self, subject: &Subject) {
        match self.bus.carrier() {
            Carrier::Memory(memory) => memory.letters.listen(self.name, &self.queue, subject.clone()),
            Carrier::Nats(nats) => nats.listen(self.name, &self.queue, subject.clone()),
        }
    }

    /// Letters about this no longer; those that wait already still come.
    pub fn ignore(&self, subject: &Subject) {
        match self.bus.carrier() {
            Carrier::Memory(memory) => memory.letters.ignore(self.name, subject),
            Carrier::Nats(nats) => nats.ignore(self.name, subject.clone()),
        }
    }

    /// The next letter.
    pub async fn next(&self) -> Letter {
        self.queue.next().await
    }

    /// The next letter, where one waits.
    #[must_use]
    pub fn try_next(&self) -> Option<Letter> {
        self.queue.try_next()
    }

    pub(crate) const fn bus(&self) -> &Bus {
        &self.bus
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        match self.bus.carrier() {
            Carrier::Memory(memory) => memory.letters.forget(self.name),
            Carrier::Nats(nats) => nats.forget(self.name),
        }
    }
}
