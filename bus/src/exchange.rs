//! The carrier inside one process: who listens to what, under one lock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::letter::Full;
use crate::queue::Queue;

/// Hands items of type `T` about a topic `K` to the queues that listen to it.
#[derive(Debug)]
pub(crate) struct Exchange<K, T> {
    state: Mutex<State<K, T>>,
}

#[derive(Debug)]
struct State<K, T> {
    listeners_so_far: u64,
    /// Who listens; a topic without listeners is not in here.
    interest: BTreeMap<K, Vec<Listener<T>>>,
}

/// A listener's name, and where its items wait.
type Listener<T> = (u64, Arc<Queue<T>>);

impl<K, T> Default for Exchange<K, T> {
    fn default() -> Self {
        Self { state: Mutex::new(State { listeners_so_far: 0, interest: BTreeMap::new() }) }
    }
}

impl<K: Ord + Clone, T: Clone> Exchange<K, T> {
    /// A new listener's name; never used twice.
    pub(crate) fn name(&self) -> u64 {
        let mut state = self.lock();
        state.listeners_so_far += 1;
        state.listeners_so_far
    }

    /// From now on the listener gets this topic too. Listening twice is listening once.
    pub(crate) fn listen(&self, name: u64, queue: &Arc<Queue<T>>, topic: K) {
        let mut state = self.lock();
        let listeners = state.interest.entry(topic).or_default();
        if listeners.iter().all(|(other, _)| *other != name) {
            listeners.push((name, Arc::clone(queue)));
        }
    }

    /// The listener gets this topic no longer; what waits already still comes.
    pub(crate) fn ignore(&self, name: u64, topic: &K) {
        self.lock().ignore(name, topic);
    }

    /// The listener is gone.
    pub(crate) fn forget(&self, name: u64) {
        let mut state = self.lock();
        let topics: Vec<K> = state.interest.keys().cloned().collect();
        topics.iter().for_each(|topic| state.ignore(name, topic));
    }

    /// Hands the item to everybody who listens, and says to how many; where one has no room, nobody gets it.
    pub(crate) fn deliver(&self, topic: &K, item: &T) -> Result<usize, Full> {
        let state = self.lock();
        let Some(listeners) = state.interest.get(topic) else { return Ok(0) };
        // Nobody else adds while the lock is held; readers only make room.
        if listeners.iter().any(|(_, queue)| queue.is_full()) {
            return Err(Full);
        }
        listeners.iter().for_each(|(_, queue)| {
            queue.push(item.clone());
        });
        Ok(listeners.len())
    }

    fn lock(&self) -> MutexGuard<'_, State<K, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Ord, T> State<K, T> {
    fn ignore(&mut self, name: u64, topic: &K) {
        if let Some(listeners) = self.interest.get_mut(topic) {
            listeners.retain(|(other, _)| *other != name);
            if listeners.is_empty() {
                self.interest.remove(topic);
            }
        }
    }
}
