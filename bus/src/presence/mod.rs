//! Who is there: nodes of a kind say so to each other, and hear when one is gone.
//!
//! Each node posts a [`Beat`] in every [`Pace::beat`], and at once when somebody new is heard, so that a newcomer knows
//! the others without waiting. Who is silent for [`Pace::lifetime`] is gone; who leaves says so. A node that comes back
//! has a greater epoch, and then its former life is over, whatever its last beat said: what hung on it goes in one step.
//!
//! **Invariant:** while this node cannot hear, it takes nobody for gone.

mod roll;

use std::sync::Arc;

use protocol::presence::Beat;
use protocol::time::Duration;
pub use roll::{Change, Node, Roll};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Interval, MissedTickBehavior};

use crate::clock::Clock;
use crate::{Bus, Mailbox, Subject};

/// Beats that wait to be read: those of all nodes, twice.
const BEATS_MAX: usize = 2 * crate::limits::NODES_MAX;

/// How often, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two beats of a node.
    pub beat: Duration,
    /// A node that is not heard of for so long is gone; three beats may be lost.
    pub lifetime: Duration,
}

impl Default for Pace {
    /// A dead node is known within 4 s.
    fn default() -> Self {
        Self { beat: Duration::from_secs(1), lifetime: Duration::from_millis(3_500) }
    }
}

/// This node among its like. Dropping it falls silent; [`Self::leave`] says so before.
#[derive(Debug)]
pub struct Presence {
    bus: Bus,
    subject: Subject,
    node: Node,
    nodes: watch::Receiver<Arc<[Node]>>,
    task: JoinHandle<()>,
}

impl Presence {
    /// From now on `node` is there, for all who speak of presence on this subject.
    #[must_use]
    pub fn start(bus: &Bus, subject: Subject, node: Node, pace: Pace) -> Self {
        let mailbox = bus.open(BEATS_MAX);
        mailbox.listen(&subject);
        let (sender, nodes) = watch::channel(Arc::from([node.clone()]));
        let mut roll = Roll::new(pace.lifetime);
        let clock = Clock::start();
        roll.on_beat(clock.now(), beat(&node, false));
        let watcher = Watcher {
            bus: bus.clone(),
            subject: subject.clone(),
            mailbox,
            node: node.clone(),
            roll,
            clock,
            sender,
        };
        let task = tokio::spawn(watcher.run(interval(pace.beat)));
        Self { bus: bus.clone(), subject, node, nodes, task }
    }

    /// Everybody who is there, this node among them, by name.
    #[must_use]
    pub fn nodes(&self) -> Arc<[Node]> {
        Arc::clone(&self.nodes.borrow())
    }

    /// The same as a value to wait on: it changes when a node comes, changes or goes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<[Node]>> {
        self.nodes.clone()
    }

    /// Says that this node goes. The others know at once.
    pub fn leave(self) {
        self.task.abort();
        // Where even that is too much, the others hear the silence.
        let _ = self.bus.post(&self.subject, beat(&self.node, true).encode());
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn beat(node: &Node, leaving: bool) -> Beat {
    Beat { name: node.name.clone(), epoch: node.epoch, leaving, facts: node.facts.to_vec() }
}

fn interval(beat: Duration) -> Interval {
    let mut interval = tokio::time::interval(beat.into());
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

struct Watcher {
    bus: Bus,
    subject: Subject,
    mailbox: Mailbox,
    node: Node,
    roll: Roll,
    clock: Clock,
    sender: watch::Sender<Arc<[Node]>>,
}

impl Watcher {
    async fn run(mut self, mut ticks: Interval) {
        loop {
            let changes = tokio::select! {
                letter = self.mailbox.next() => match Beat::decode(&letter.body) {
                    Ok(heard) => self.on_heard(heard),
                    Err(_) => Vec::new(),
                },
                _ = ticks.tick() => self.on_tick(),
            };
            if !changes.is_empty() {
                self.sender.send_replace(self.roll.nodes().cloned().collect());
            }
        }
    }

    /// Our own beats come back too; another's with our name is a second process of that name, and the later one stays.
    fn on_heard(&mut self, heard: Beat) -> Vec<Change> {
        if heard.name == self.node.name {
            if heard.epoch != self.node.epoch {
                tracing::warn!(name = heard.name, "another node has this one's name");
            }
            return Vec::new();
        }
        let changes = self.roll.on_beat(self.clock.now(), heard);
        if changes.iter().any(|change| matches!(change, Change::Joined(_))) {
            self.say();
        }
        changes
    }

    fn on_tick(&mut self) -> Vec<Change> {
        self.say();
        let now = self.clock.now();
        self.roll.on_beat(now, beat(&self.node, false));
        self.roll.on_time(now, !self.bus.is_connected())
    }

    fn say(&self) {
        // The next beat is due soon.
        let _ = self.bus.post(&self.subject, beat(&self.node, false).encode());
    }
}
