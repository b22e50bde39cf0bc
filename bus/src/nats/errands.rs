//! What the postman has still to do, bounded.
//!
//! Posts wait in order. Interest is a state and no queue: who listens and at once ignores again while NATS is away leaves
//! nothing behind, so it is bounded by what callers hold. Interest goes out before the posts that were made after it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::Subject;
use crate::letter::{Full, Letter};
use crate::limits::{OUTGOING_BYTES_MAX, OUTGOING_LETTERS_MAX};
use crate::queue::Queue;

/// Posts taken at once: small, so that what was taken and not sent yet is little beside what waits.
const TAKEN_AT_ONCE: usize = 64;

/// A letter on its way out.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) subject: async_nats::Subject,
    pub(super) body: Bytes,
    /// Where the answer goes.
    pub(super) from: Option<async_nats::Subject>,
}

/// One mailbox's interest in one subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) mailbox: u64,
    pub(super) subject: Subject,
}

/// An interest to take up, with where its letters go; or to give up.
pub(super) type Interest = (Key, Option<Arc<Queue<Letter>>>);

/// Everything that is to be done now, interest first.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) interest: Vec<Interest>,
    pub(super) posts: Vec<Post>,
}

/// All errands.
#[derive(Debug, Default)]
pub(super) struct Errands {
    state: Mutex<State>,
    came: Notify,
}

#[derive(Debug, Default)]
struct State {
    posts: VecDeque<Post>,
    bytes: usize,
    /// What the postman has taken up.
    held: BTreeSet<Key>,
    /// Where that is to change.
    changes: BTreeMap<Key, Option<Arc<Queue<Letter>>>>,
}

impl Errands {
    /// Leaves a letter.
    pub(super) fn post(&self, post: Post) -> Result<(), Full> {
        let mut state = self.lock();
        let bytes = state.bytes + post.body.len();
        if state.posts.len() >= OUTGOING_LETTERS_MAX || bytes > OUTGOING_BYTES_MAX {
            return Err(Full);
        }
        state.bytes = bytes;
        state.posts.push_back(post);
        drop(state);
        self.came.notify_one();
        Ok(())
    }

    /// Takes an interest.
    pub(super) fn listen(&self, key: Key, queue: Arc<Queue<Letter>>) {
        let mut state = self.lock();
        if state.held.contains(&key) {
            state.changes.remove(&key);
        } else {
            state.changes.insert(key, Some(queue));
        }
        drop(state);
        self.came.notify_one();
    }

    /// Gives one up.
    pub(super) fn ignore(&self, key: Key) {
        self.lock().ignore(key);
        self.came.notify_one();
    }

    /// Gives up all of a mailbox.
    pub(super) fn forget(&self, mailbox: u64) {
        let mut state = self.lock();
        let keys = state.held.iter().chain(state.changes.keys());
        let its: Vec<Key> = keys.filter(|key| key.mailbox == mailbox).cloned().collect();
        its.into_iter().for_each(|key| state.ignore(key));
        drop(state);
        self.came.notify_one();
    }

    /// The next work, when there is some.
    pub(super) async fn next(&self) -> Work {
        loop {
            let work = self.take();
            if !work.interest.is_empty() || !work.posts.is_empty() {
                return work;
            }
            self.came.notified().await;
        }
    }

    fn take(&self) -> Work {
        let mut state = self.lock();
        let count = state.posts.len().min(TAKEN_AT_ONCE);
        let posts: Vec<Post> = state.posts.drain(..count).collect();
        state.bytes -= posts.iter().map(|post| post.body.len()).sum::<usize>();
        let interest: Vec<Interest> = mem::take(&mut state.changes).into_iter().collect();
        for (key, queue) in &interest {
            match queue {
                Some(_) => state.held.insert(key.clone()),
                None => state.held.remove(key),
            };
        }
        drop(state);
        Work { interest, posts }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn ignore(&mut self, key: Key) {
        if self.held.contains(&key) {
            self.changes.insert(key, None);
        } else {
            self.changes.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(bytes: usize) -> Post {
        Post { subject: "a".into(), body: Bytes::from(vec![0; bytes]), from: None }
    }

    fn key(mailbox: u64, subject: &str) -> Key {
        Key { mailbox, subject: Subject::parse(subject).unwrap() }
    }

    fn queue() -> Arc<Queue<Letter>> {
        Arc::new(Queue::new(1))
    }

    fn changes(errands: &Errands) -> Vec<(u64, String, bool)> {
        let interest = errands.take().interest.into_iter();
        interest.map(|(key, queue)| (key.mailbox, key.subject.as_str().to_owned(), queue.is_some())).collect()
    }

    #[test]
    fn letters_and_their_bytes_have_maxima_and_taking_makes_room() {
        let errands = Errands::default();
        (0..OUTGOING_LETTERS_MAX).for_each(|_| errands.post(post(0)).unwrap());
        assert_eq!(errands.post(post(0)), Err(Full));
        assert_eq!(errands.take().posts.len(), TAKEN_AT_ONCE);
        assert_eq!(errands.post(post(OUTGOING_BYTES_MAX)), Ok(()));
        assert_eq!(errands.post(post(1)), Err(Full));
    }

    #[test]
    fn interest_that_is_given_up_before_it_went_out_leaves_nothing_behind() {
        let errands = Errands::default();
        for _ in 0..100 {
            errands.listen(key(1, "a"), queue());
            errands.ignore(key(1, "a"));
        }
        assert_eq!(changes(&errands), []);
        errands.listen(key(1, "a"), queue());
        assert_eq!(changes(&errands), [(1, "a".to_owned(), true)]);
        errands.ignore(key(1, "a"));
        errands.listen(key(1, "a"), queue());
        assert_eq!(changes(&errands), []);
        errands.ignore(key(1, "a"));
        assert_eq!(changes(&errands), [(1, "a".to_owned(), false)]);
        errands.ignore(key(1, "a"));
        assert_eq!(changes(&errands), []);
    }

    #[test]
    fn a_mailbox_that_goes_gives_up_all_of_its_own_and_nothing_else() {
        let errands = Errands::default();
        errands.listen(key(1, "a"), queue());
        errands.listen(key(2, "a"), queue());
        assert_eq!(changes(&errands).len(), 2);
        errands.listen(key(1, "b"), queue());
        errands.forget(1);
        assert_eq!(changes(&errands), [(1, "a".to_owned(), false)]);
    }
}
