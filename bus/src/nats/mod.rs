//! The carrier between processes.
//!
//! One connection to NATS, and one task, the postman, that speaks to it: whoever posts, listens or ignores leaves an
//! errand (`errands`) and is not made to wait. NATS' client connects again by itself, with back-off and jitter, and
//! takes its subscriptions along; what waits meanwhile is bounded, and publishers are told when it is full.
//!
//! What had been handed over when the connection broke and was not known to have arrived is counted as unsure
//! (`confirm`): some of it may be lost, nothing else is.

mod config;
mod confirm;
mod errands;
mod postman;

use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event};
use bytes::Bytes;
use tokio::task::JoinHandle;

pub use config::{Config, Error};
use confirm::Confirm;
use errands::{Errands, Key, Post};

use crate::Subject;
use crate::counts::{Counters, add};
use crate::letter::{Full, Letter};
use crate::limits::{CLIENT_COMMANDS_MAX, INCOMING_PER_SUBJECT_MAX};
use crate::questions::Questions;
use crate::queue::Queue;

/// The first wait before connecting again; it doubles with each try.
const BACK_OFF_MIN: Duration = Duration::from_millis(50);
/// The longest wait before connecting again.
const BACK_OFF_MAX: Duration = Duration::from_secs(4);
/// A connection that says nothing is asked after this long; the second silence ends it.
const PING_AFTER: Duration = Duration::from_secs(5);

/// NATS, as the bus uses it.
#[derive(Debug)]
pub(crate) struct Nats {
    client: Client,
    shared: Arc<Shared>,
    postman: JoinHandle<()>,
}

/// What the postman and the callers share.
#[derive(Debug)]
struct Shared {
    errands: Errands,
    confirm: Confirm,
    counters: Arc<Counters>,
    questions: Arc<Questions>,
    prefix: String,
    /// The subject above those where answers for this process arrive.
    inbox: String,
}

impl Nats {
    /// Begins to connect.
    pub(crate) async fn start(
        config: &Config,
        counters: &Arc<Counters>,
        questions: &Arc<Questions>,
    ) -> Result<Self, Error> {
        let prefix = config.prefix()?;
        let servers = config.servers()?;
        let confirm = Confirm::default();
        let options = config.options()?.event_callback({
            let (counters, confirm) = (Arc::clone(counters), confirm.clone());
            move |event| {
                on_event(&event, &counters, &confirm);
                std::future::ready(())
            }
        });
        let client =
            bounded(options).connect(servers).await.map_err(|error| Error::Connect(error.to_string()))?;
        let inbox = client.new_inbox();
        let (counters, questions) = (Arc::clone(counters), Arc::clone(questions));
        let shared = Shared { errands: Errands::default(), confirm, counters, questions, prefix, inbox };
        let shared = Arc::new(shared);
        let postman = tokio::spawn(postman::run(client.clone(), Arc::clone(&shared)));
        Ok(Self { client, shared, postman })
    }

    /// A subject as NATS knows it: below the prefix of this deployment.
    pub(crate) fn subject(&self, subject: &Subject) -> async_nats::Subject {
        [&self.shared.prefix, ".", subject.as_str()].concat().into()
    }

    /// Where the answer to a question arrives.
    pub(crate) fn inbox(&self, question: u64) -> async_nats::Subject {
        format!("{}.{question}", self.shared.inbox).into()
    }

    pub(crate) fn post(
        &self,
        subject: async_nats::Subject,
        body: Bytes,
        from: Option<async_nats::Subject>,
    ) -> Result<(), Full> {
        self.shared.errands.post(Post { subject, body, from })
    }

    pub(crate) fn listen(&self, mailbox: u64, queue: &Arc<Queue<Letter>>, subject: Subject) {
        self.shared.errands.listen(Key { mailbox, subject }, Arc::clone(queue));
    }

    pub(crate) fn ignore(&self, mailbox: u64, subject: Subject) {
        self.shared.errands.ignore(Key { mailbox, subject });
    }

    pub(crate) fn forget(&self, mailbox: u64) {
        self.shared.errands.forget(mailbox);
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.postman.abort();
    }
}

fn bounded(options: ConnectOptions) -> ConnectOptions {
    options
        .retry_on_initial_connect()
        .max_reconnects(None)
        .client_capacity(CLIENT_COMMANDS_MAX)
        .subscription_capacity(INCOMING_PER_SUBJECT_MAX)
        .ping_interval(PING_AFTER)
        .reconnect_delay_callback(|attempt| back_off(attempt, getrandom::u32().unwrap_or(0)))
}

/// Half of the wait is certain, the other half is drawn, so that processes which lost the same server come back one
/// after another.
fn back_off(attempt: usize, drawn: u32) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    let whole = BACK_OFF_MIN.saturating_mul(2_u32.saturating_pow(doublings)).min(BACK_OFF_MAX);
    whole / 2 + (whole / 2).mul_f64(f64::from(drawn) / f64::from(u32::MAX))
}

fn on_event(event: &Event, counters: &Counters, confirm: &Confirm) {
    match event {
        Event::Connected => add(&counters.connections, 1),
        Event::Disconnected => add(&counters.lost_unsure, confirm.on_broken()),
        Event::SlowConsumer(_) => add(&counters.lost_full, 1),
        Event::LameDuckMode
        | Event::Draining
        | Event::Closed
        | Event::ServerError(_)
        | Event::ClientError(_) => tracing::warn!(%event, "NATS"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_maximum_and_half_of_it_is_drawn() {
        let rows = [
            (0, 25, 50),
            (1, 25, 50),
            (2, 50, 100),
            (3, 100, 200),
            (8, 2_000, 4_000),
            (usize::MAX, 2_000, 4_000),
        ];
        for (attempt, least, most) in rows {
            assert_eq!(back_off(attempt, 0).as_millis(), least, "{attempt}");
            assert_eq!(back_off(attempt, u32::MAX).as_millis(), most, "{attempt}");
        }
    }
}
