//! The publisher's end, whichever carrier is behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use protocol::chat::{Event, RoomKey};

use crate::counts::Counters;
use crate::events::Topic;
use crate::exchange::Exchange;
use crate::letter::{Full, Letter, Return, Unanswered};
use crate::limits::{LETTER_BYTES_MAX, SUBJECT_BYTES_MAX};
use crate::nats::{self, Nats};
use crate::questions::{Question, Questions};
use crate::{Counts, Mailbox, Subject, Subscription, events};

/// The publisher's end; clones are the same bus.
#[derive(Clone, Debug)]
pub struct Bus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    carrier: Carrier,
    counters: Arc<Counters>,
    questions: Arc<Questions>,
    mailboxes_so_far: AtomicU64,
}

#[derive(Debug)]
pub(crate) enum Carrier {
    /// Inside this process.
    Memory(Memory),
    /// Between processes.
    Nats(Nats),
}

/// A question on its way; nobody waits for its answer any more when this is dropped.
#[derive(Debug)]
pub struct Asked(Question);

/// Events stay what they are: nothing is encoded inside one process.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) letters: Exchange<Subject, Letter>,
    pub(crate) events: Exchange<Topic, Event>,
}

impl Default for Bus {
    fn default() -> Self {
        Self::memory()
    }
}

impl Bus {
    /// A bus inside this process.
    #[must_use]
    pub fn memory() -> Self {
        let counters = Arc::default();
        Self::of(Carrier::Memory(Memory::default()), counters, Arc::default())
    }

    /// A bus between processes. It is there at once, whether NATS is or not: what is posted before waits.
    ///
    /// # Errors
    /// Where the configuration cannot be used.
    pub async fn nats(config: &nats::Config) -> Result<Self, nats::Error> {
        let (counters, questions) = (Arc::<Counters>::default(), Arc::<Questions>::default());
        let nats = Nats::start(config, &counters, &questions).await?;
        Ok(Self::of(Carrier::Nats(nats), counters, questions))
    }

    fn of(carrier: Carrier, counters: Arc<Counters>, questions: Arc<Questions>) -> Self {
        Self(Arc::new(Inner { carrier, counters, questions, mailboxes_so_far: AtomicU64::new(0) }))
    }

    /// A new listener for letters, for whom at most `letters_max` wait. Over NATS further ones are lost and counted.
    #[must_use]
    pub fn open(&self, letters_max: usize) -> Mailbox {
        let name = self.0.mailboxes_so_far.fetch_add(1, Ordering::Relaxed);
        Mailbox::new(self.clone(), name, letters_max)
    }

    /// Sends a letter to everybody who listens; nobody may.
    ///
    /// # Errors
    /// Where there is no room, or the letter is larger than [`LETTER_BYTES_MAX`].
    pub fn post(&self, subject: &Subject, body: impl Into<Bytes>) -> Result<(), Full> {
        self.send(subject, body.into(), None).map(|_| ())
    }

    /// Asks whoever listens; the first answer counts.
    ///
    /// # Errors
    /// Where no answer comes within `patience`, and why.
    pub async fn ask(
        &self,
        subject: &Subject,
        body: impl Into<Bytes>,
        patience: Duration,
    ) -> Result<Bytes, Unanswered> {
        self.question(subject, body)?.answer(patience).await
    }

    /// Sends a question now, in its place among what is posted; its answer is waited for afterwards.
    ///
    /// # Errors
    /// Where it could not be sent, or nobody of this process listens.
    pub fn question(&self, subject: &Subject, body: impl Into<Bytes>) -> Result<Asked, Unanswered> {
        let question = self.0.questions.open().ok_or(Unanswered::Full)?;
        if self.send(subject, body.into(), Some(&question))? == Some(0) {
            return Err(Unanswered::Nobody);
        }
        Ok(Asked(question))
    }

    /// Answers a letter; nothing happens where it asked nothing.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub fn answer(&self, question: &Letter, body: impl Into<Bytes>) -> Result<(), Full> {
        let body = body.into();
        match (&question.from, &self.0.carrier) {
            (None, _) => Ok(()),
            (Some(Return::Here(name)), _) => {
                self.0.questions.resolve(*name, Some(body));
                Ok(())
            }
            (Some(Return::There(inbox)), Carrier::Nats(nats)) if body.len() <= LETTER_BYTES_MAX => {
                self.0.counters.told(nats.post(inbox.clone(), body, None))
            }
            (Some(Return::There(_)), _) => self.0.counters.told(Err(Full)),
        }
    }

    /// A new subscriber to events, for whom at most `parcels_max` wait.
    #[must_use]
    pub fn subscribe(&self, parcels_max: usize) -> Subscription {
        Subscription::new(self, parcels_max)
    }

    /// Hands the event to everybody who wants it.
    ///
    /// # Errors
    /// Where there is no room; in memory nobody gets it then.
    pub fn publish(&self, event: &Event) -> Result<(), Full> {
        let outcome = match &self.0.carrier {
            Carrier::Memory(memory) => memory.events.deliver(&Topic::of(event), event).map(|_| ()),
            Carrier::Nats(nats) => {
                nats.post(nats.subject(&events::subject_of(event)), event.encode().into(), None)
            }
        };
        self.0.counters.told(outcome)
    }

    /// Resolves when all that was posted, held and listened to so far has reached NATS; at once in memory.
    ///
    /// # Errors
    /// Where it has not within `patience`.
    pub async fn settle(&self, patience: Duration) -> Result<(), Unanswered> {
        let Carrier::Nats(nats) = &self.0.carrier else { return Ok(()) };
        let question = self.0.questions.open().ok_or(Unanswered::Full)?;
        nats.post(nats.inbox(question.name), Bytes::new(), None)?;
        wait(question, patience).await.map(|_| ())
    }

    /// Whether NATS is there; memory always is.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        match &self.0.carrier {
            Carrier::Memory(_) => true,
            Carrier::Nats(nats) => nats.is_connected(),
        }
    }

    /// Counts since this bus was made.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.counters.now()
    }

    /// Sends a letter; to how many, where that is known.
    fn send(
        &self,
        subject: &Subject,
        body: Bytes,
        question: Option<&Question>,
    ) -> Result<Option<usize>, Full> {
        let outcome = match &self.0.carrier {
            _ if body.len() > LETTER_BYTES_MAX || subject.as_str().len() > SUBJECT_BYTES_MAX => Err(Full),
            Carrier::Memory(memory) => {
                let from = question.map(|question| Return::Here(question.name));
                memory.letters.deliver(subject, &Letter { subject: subject.clone(), body, from }).map(Some)
            }
            Carrier::Nats(nats) => {
                let from = question.map(|question| nats.inbox(question.name));
                nats.post(nats.subject(subject), body, from).map(|()| None)
            }
        };
        self.0.counters.told(outcome)
    }

    pub(crate) fn carrier(&self) -> &Carrier {
        &self.0.carrier
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// The subject of a room's events.
    #[must_use]
    pub fn room_subject(room: &RoomKey) -> Subject {
        events::room_subject(room)
    }
}

impl Asked {
    /// The answer.
    ///
    /// # Errors
    /// Where none comes within `patience`, and why.
    pub async fn answer(self, patience: Duration) -> Result<Bytes, Unanswered> {
        wait(self.0, patience).await
    }
}

async fn wait(mut question: Question, patience: Duration) -> Result<Bytes, Unanswered> {
    match tokio::time::timeout(patience, &mut question.outcome).await {
        Ok(Ok(Some(answer))) => Ok(answer),
        Ok(Ok(None) | Err(_)) => Err(Unanswered::Nobody),
        Err(_) => Err(Unanswered::Late),
    }
}
