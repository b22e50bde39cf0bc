//! The one task that speaks to NATS' client, and those that bring what arrives to the mailboxes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, Message, StatusCode, Subscriber};
use futures_util::StreamExt;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use super::Shared;
use super::errands::{Interest, Key, Post};
use crate::Subject;
use crate::counts::add;
use crate::letter::{Letter, Return};
use crate::queue::Queue;

/// After so long without work, what has gone out is asked after.
const IDLE: Duration = Duration::from_millis(100);
/// Begins the last word of a subject of our inbox that carries a count; all others are names of questions.
const COUNT: char = 'c';

/// Runs until it is aborted; with it end the tasks that it began.
pub(super) async fn run(client: Client, shared: Arc<Shared>) {
    let mut postman = Postman { client, shared, listening: BTreeMap::new(), tasks: JoinSet::new() };
    postman.open_inbox().await;
    loop {
        postman.round().await;
    }
}

struct Postman {
    client: Client,
    shared: Arc<Shared>,
    listening: BTreeMap<Key, AbortHandle>,
    tasks: JoinSet<()>,
}

impl Postman {
    async fn round(&mut self) {
        let work = if self.shared.confirm.is_open() {
            timeout(IDLE, self.shared.errands.next()).await.ok()
        } else {
            Some(self.shared.errands.next().await)
        };
        let idle = work.is_none();
        let work = work.unwrap_or_default();
        for interest in work.interest {
            self.change(interest).await;
        }
        let mut handed = 0;
        for post in work.posts {
            handed += u64::from(self.send(post).await);
        }
        self.shared.confirm.on_handed(handed);
        if let Some(count) = self.shared.confirm.ask(idle) {
            let subject = format!("{}.{COUNT}{count}", self.shared.inbox).into();
            self.send(Post { subject, body: bytes::Bytes::new(), from: None }).await;
        }
        while self.tasks.try_join_next().is_some() {}
    }

    /// Hands a letter to the client; waits where that has no room, as when NATS is away.
    async fn send(&self, post: Post) -> bool {
        let Post { subject, body, from } = post;
        let sent = match from {
            None => self.client.publish(subject, body).await,
            Some(from) => self.client.publish_with_reply(subject, from, body).await,
        };
        if let Err(error) = &sent {
            // Larger than this NATS allows, say.
            add(&self.shared.counters.lost_unsure, 1);
            tracing::warn!(%error, "NATS took no letter");
        }
        sent.is_ok()
    }

    async fn change(&mut self, (key, queue): Interest) {
        let Some(queue) = queue else {
            if let Some(task) = self.listening.remove(&key) {
                task.abort();
            }
            return;
        };
        let subject = [&self.shared.prefix, ".", key.subject.as_str()].concat();
        match self.client.subscribe(subject).await {
            Ok(subscriber) => {
                let shared = Arc::clone(&self.shared);
                let task = self.tasks.spawn(deliver(subscriber, key.subject.clone(), queue, shared));
                self.listening.insert(key, task);
            }
            Err(error) => tracing::warn!(%error, "NATS takes no interest"),
        }
    }

    async fn open_inbox(&mut self) {
        match self.client.subscribe(format!("{}.*", self.shared.inbox)).await {
            Ok(subscriber) => {
                self.tasks.spawn(answers(subscriber, Arc::clone(&self.shared)));
            }
            Err(error) => tracing::warn!(%error, "NATS takes no interest"),
        }
    }
}

/// Brings letters about one subject to a mailbox; what has no room there is lost, and counted.
async fn deliver(
    mut subscriber: Subscriber,
    subject: Subject,
    queue: Arc<Queue<Letter>>,
    shared: Arc<Shared>,
) {
    while let Some(message) = subscriber.next().await {
        let letter = Letter {
            subject: subject.clone(),
            body: message.payload,
            from: message.reply.map(Return::There),
        };
        if !queue.push(letter) {
            add(&shared.counters.lost_full, 1);
        }
    }
}

/// Brings answers to their questions, and counts back to [`super::confirm`].
async fn answers(mut subscriber: Subscriber, shared: Arc<Shared>) {
    while let Some(message) = subscriber.next().await {
        on_answer(message, &shared);
    }
}

fn on_answer(message: Message, shared: &Shared) {
    let Some((_, name)) = message.subject.rsplit_once('.') else { return };
    if let Some(count) = name.strip_prefix(COUNT) {
        if let Ok(count) = count.parse() {
            shared.confirm.on_back(count);
        }
    } else if let Ok(name) = name.parse() {
        let nobody = message.status == Some(StatusCode::NO_RESPONDERS);
        shared.questions.resolve(name, (!nobody).then_some(message.payload));
    }
}
