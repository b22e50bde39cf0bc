//! The thread that owns a store: one transaction for whatever waits, and a word to whoever waits for it.
//!
//! Where nobody waits for the disk, writes gather for a moment; where somebody does, they go at once, with all that
//! arrived meanwhile. A store that fails is tried again with the messages that nobody was told are safe; everybody else is
//! told that it failed.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Store, Write};

/// Jobs that wait at most; who comes then is refused.
pub const JOBS_MAX: usize = 65_536;
/// Jobs that are left for those who cannot ask first whether there is room.
const MARGIN: usize = 1_024;
/// Jobs of one transaction at most.
const BATCH_MAX: usize = 4_096;
/// How long a store that failed is left alone.
const RETRY: Duration = Duration::from_millis(500);

/// The store did not take it, or there is too much to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable;

/// Told, in the order of the writes, when they are on disk or will not be.
pub type Done = Box<dyn FnOnce(Result<(), Unavailable>) + Send>;
/// Something to read.
pub type Ask = Box<dyn FnOnce(&mut Store) + Send>;

enum Job {
    /// Nobody waits for it.
    Keep(Write),
    /// Somebody waits.
    Commit(Vec<Write>, Done),
    Ask(Ask),
}

/// Hands work to the thread; clones share it.
#[derive(Clone)]
pub struct Keeper {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
    failing: AtomicBool,
    failures: AtomicU64,
    commits: AtomicU64,
    written: AtomicU64,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// Somebody waits for one of them.
    urgent: bool,
    closing: bool,
}

/// What a keeper counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Transactions.
    pub commits: u64,
    /// Writes in them.
    pub written: u64,
    /// Transactions that failed.
    pub failures: u64,
    /// Jobs that wait.
    pub waiting: usize,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("figures", &self.figures()).finish_non_exhaustive()
    }
}

impl Keeper {
    /// Starts the thread. It ends when [`Self::close`] was called and everything is written.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(store: Store) -> std::io::Result<(Self, JoinHandle<()>)> {
        let shared = Arc::new(Shared::default());
        let keeper = Self { shared: Arc::clone(&shared) };
        let thread = std::thread::Builder::new().name("store".into()).spawn(move || shared.run(store))?;
        Ok((keeper, thread))
    }

    /// Writes this, some time soon.
    ///
    /// # Errors
    /// Where too much waits; then it is not written.
    pub fn keep(&self, write: Write) -> Result<(), Unavailable> {
        self.push(Job::Keep(write), false)
    }

    /// Writes all of this or nothing, and tells `done`.
    pub fn commit(&self, writes: Vec<Write>, done: Done) {
        let mut queue = self.shared.lock();
        if queue.jobs.len() >= JOBS_MAX || queue.closing {
            drop(queue);
            return done(Err(Unavailable));
        }
        queue.jobs.push_back(Job::Commit(writes, done));
        queue.urgent = true;
        drop(queue);
        self.shared.arrived.notify_one();
    }

    /// Lets `ask` read, after everything that was handed in before.
    ///
    /// # Errors
    /// Where too much waits; then `ask` is never called.
    pub fn ask(&self, ask: Ask) -> Result<(), Unavailable> {
        self.push(Job::Ask(ask), true)
    }

    /// Whether one more job fits.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let queue = self.shared.lock();
        queue.jobs.len() < JOBS_MAX - MARGIN && !queue.closing
    }

    /// Whether the last transaction failed.
    #[must_use]
    pub fn failing(&self) -> bool {
        self.shared.failing.load(Ordering::Relaxed)
    }

    /// What was done so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures {
            commits: self.shared.commits.load(Ordering::Relaxed),
            written: self.shared.written.load(Ordering::Relaxed),
            failures: self.shared.failures.load(Ordering::Relaxed),
            waiting: self.shared.lock().jobs.len(),
        }
    }

    /// Writes what waits, then ends the thread.
    pub fn close(&self) {
        self.shared.lock().closing = true;
        self.shared.arrived.notify_one();
    }

    fn push(&self, job: Job, urgent: bool) -> Result<(), Unavailable> {
        let mut queue = self.shared.lock();
        if queue.jobs.len() >= JOBS_MAX || queue.closing {
            return Err(Unavailable);
        }
        // Who waits for a batch that gathers already does not wake the thread once more.
        let wake = queue.jobs.is_empty() || urgent && !queue.urgent;
        queue.jobs.push_back(job);
        queue.urgent |= urgent;
        drop(queue);
        if wake {
            self.shared.arrived.notify_one();
        }
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mut store: Store) {
        let gather = store.gather();
        while let Some(batch) = self.next(gather) {
            let mut writes = Vec::new();
            for job in batch {
                match job {
                    Job::Ask(ask) => {
                        self.write(&mut store, std::mem::take(&mut writes));
                        ask(&mut store);
                    }
                    job => writes.push(job),
                }
            }
            self.write(&mut store, writes);
        }
        if let Err(error) = store.close() {
            tracing::error!(%error, "the store was not closed; the next start takes it for a crash");
        }
    }

    /// What to do next; `None` at the end.
    fn next(&self, gather: Duration) -> Option<Vec<Job>> {
        let mut queue = self.lock();
        while queue.jobs.is_empty() && !queue.closing {
            queue = self.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        let wait = if self.failing.load(Ordering::Relaxed) { RETRY } else { gather };
        let gathers = |queue: &mut Queue| !queue.urgent && !queue.closing && queue.jobs.len() < BATCH_MAX;
        let gathered = self.arrived.wait_timeout_while(queue, wait, gathers);
        let (mut queue, _) = gathered.unwrap_or_else(PoisonError::into_inner);
        let count = queue.jobs.len().min(BATCH_MAX);
        queue.urgent = queue.jobs.len() > count;
        let batch: Vec<Job> = queue.jobs.drain(..count).collect();
        // While the store fails nobody is kept waiting for its end.
        let over = queue.closing && (batch.is_empty() || self.failing.load(Ordering::Relaxed));
        (!over).then_some(batch)
    }

    fn write(&self, store: &mut Store, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        let writes = || jobs.iter().flat_map(Job::writes);
        let outcome = store.commit(writes());
        self.failing.store(outcome.is_err(), Ordering::Relaxed);
        if let Err(error) = outcome {
            self.failures.fetch_add(1, Ordering::Relaxed);
            tracing::error!(%error, "the store does not write");
            return self.put_back(jobs);
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.written.fetch_add(writes().count() as u64, Ordering::Relaxed);
        for job in jobs {
            if let Job::Commit(_, done) = job {
                done(Ok(()));
            }
        }
    }

    /// Who waits is told; what everybody has seen already waits for the next try, in its place.
    fn put_back(&self, jobs: Vec<Job>) {
        let mut kept = Vec::new();
        for job in jobs {
            match job {
                Job::Commit(writes, done) => {
                    kept.extend(writes.into_iter().filter(|write| matches!(write, Write::Message(_))));
                    done(Err(Unavailable));
                }
                Job::Keep(write) => kept.push(write),
                Job::Ask(_) => {}
            }
        }
        let mut queue = self.lock();
        for write in kept.into_iter().rev() {
            if queue.jobs.len() < JOBS_MAX {
                queue.jobs.push_front(Job::Keep(write));
            }
        }
    }
}

impl Job {
    fn writes(&self) -> impl Iterator<Item = &Write> {
        let (one, many) = match self {
            Self::Keep(write) => (Some(write), [].as_slice()),
            Self::Commit(writes, _) => (None, writes.as_slice()),
            Self::Ask(_) => (None, [].as_slice()),
        };
        one.into_iter().chain(many)
    }
}
