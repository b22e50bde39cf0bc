//! A bounded queue with one reader.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// What waits for one listener.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    items: Mutex<VecDeque<T>>,
    items_max: usize,
    arrived: Notify,
}

impl<T> Queue<T> {
    pub(crate) fn new(items_max: usize) -> Self {
        Self { items: Mutex::default(), items_max, arrived: Notify::new() }
    }

    /// Whether one more has no room.
    pub(crate) fn is_full(&self) -> bool {
        self.lock().len() >= self.items_max
    }

    /// Adds an item; false where it has no room.
    pub(crate) fn push(&self, item: T) -> bool {
        let mut items = self.lock();
        let fits = items.len() < self.items_max;
        if fits {
            items.push_back(item);
            drop(items);
            self.arrived.notify_one();
        }
        fits
    }

    /// The next item, where one waits.
    pub(crate) fn try_next(&self) -> Option<T> {
        self.lock().pop_front()
    }

    /// The next item.
    pub(crate) async fn next(&self) -> T {
        loop {
            if let Some(item) = self.try_next() {
                return item;
            }
            self.arrived.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
