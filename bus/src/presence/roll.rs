//! Who is there, as far as beats tell: pure.

use std::collections::BTreeMap;

use bytes::Bytes;
use protocol::presence::Beat;
use protocol::time::{Duration, Instant};

use crate::limits::NODES_MAX;

/// A node that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name, the same in all its lives.
    pub name: String,
    /// Which of its lives this is.
    pub epoch: u64,
    /// What it tells of itself.
    pub facts: Bytes,
}

/// What became of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is there.
    Joined(Node),
    /// It tells other things of itself.
    Changed(Node),
    /// This life of it is over: it said so, fell silent, or began another. Whatever belonged to it goes in one step.
    Left(Node),
}

/// The nodes of one group.
#[derive(Debug)]
pub struct Roll {
    nodes: BTreeMap<String, Entry>,
    lifetime: Duration,
}

#[derive(Debug)]
struct Entry {
    node: Node,
    heard: Instant,
}

impl Roll {
    /// Nobody is there. Who is not heard of for `lifetime` is gone.
    #[must_use]
    pub const fn new(lifetime: Duration) -> Self {
        Self { nodes: BTreeMap::new(), lifetime }
    }

    /// A beat came. Those of a life that is over already, and of nodes past [`NODES_MAX`], change nothing.
    pub fn on_beat(&mut self, now: Instant, beat: Beat) -> Vec<Change> {
        let Beat { name, epoch, leaving, facts } = beat;
        let node = Node { name, epoch, facts: facts.into() };
        let full = self.nodes.len() >= NODES_MAX;
        match self.nodes.get_mut(&node.name) {
            Some(entry) if epoch < entry.node.epoch => Vec::new(),
            Some(entry) if epoch == entry.node.epoch && !leaving => {
                entry.heard = now;
                if entry.node.facts == node.facts {
                    return Vec::new();
                }
                entry.node = node.clone();
                vec![Change::Changed(node)]
            }
            Some(_) => self.begin_anew(now, node, leaving),
            None if leaving || full => Vec::new(),
            None => vec![self.enter(now, node)],
        }
    }

    /// Who has been silent for too long is gone. While we cannot hear (`deaf`) nobody is: silence says nothing then, and
    /// afterwards everybody has a whole lifetime again.
    pub fn on_time(&mut self, now: Instant, deaf: bool) -> Vec<Change> {
        if deaf {
            self.nodes.values_mut().for_each(|entry| entry.heard = now);
        }
        let silent = |entry: &Entry| now.since(entry.heard) > self.lifetime;
        let gone: Vec<String> =
            self.nodes.iter().filter(|(_, entry)| silent(entry)).map(|(name, _)| name.clone()).collect();
        gone.iter().filter_map(|name| self.nodes.remove(name)).map(|entry| Change::Left(entry.node)).collect()
    }

    /// Everybody who is there, by name.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values().map(|entry| &entry.node)
    }

    fn begin_anew(&mut self, now: Instant, node: Node, leaving: bool) -> Vec<Change> {
        let former = self.nodes.remove(&node.name).map(|entry| Change::Left(entry.node));
        let joined = (!leaving).then(|| self.enter(now, node));
        former.into_iter().chain(joined).collect()
    }

    fn enter(&mut self, now: Instant, node: Node) -> Change {
        self.nodes.insert(node.name.clone(), Entry { node: node.clone(), heard: now });
        Change::Joined(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_secs(3);

    fn beat(name: &str, epoch: u64, leaving: bool, facts: &str) -> Beat {
        Beat { name: name.to_owned(), epoch, leaving, facts: facts.into() }
    }

    fn node(name: &str, epoch: u64, facts: &'static str) -> Node {
        Node { name: name.to_owned(), epoch, facts: facts.into() }
    }

    #[test]
    fn each_beat_changes_what_it_should() {
        use Change::{Changed, Joined, Left};
        let mut roll = Roll::new(LIFETIME);
        let steps = [
            (beat("a", 5, false, "x"), vec![Joined(node("a", 5, "x"))]),
            (beat("a", 5, false, "x"), vec![]),
            (beat("a", 5, false, "y"), vec![Changed(node("a", 5, "y"))]),
            (beat("a", 4, false, "x"), vec![]),
            (beat("a", 4, true, "x"), vec![]),
            (beat("a", 6, false, "z"), vec![Left(node("a", 5, "y")), Joined(node("a", 6, "z"))]),
            (beat("b", 1, true, ""), vec![]),
            (beat("a", 6, true, "z"), vec![Left(node("a", 6, "z"))]),
            (beat("a", 6, true, "z"), vec![]),
        ];
        for (beat, changes) in steps {
            assert_eq!(roll.on_beat(Instant::ZERO, beat.clone()), changes, "{beat:?}");
        }
    }

    #[test]
    fn who_is_silent_past_the_lifetime_is_gone_and_only_then() {
        let mut roll = Roll::new(LIFETIME);
        roll.on_beat(Instant::ZERO, beat("a", 1, false, ""));
        roll.on_beat(Instant::from_millis(1), beat("b", 1, false, ""));
        assert_eq!(roll.on_time(Instant::from_millis(3_000), false), []);
        assert_eq!(roll.on_time(Instant::from_millis(3_001), false), [Change::Left(node("a", 1, ""))]);
        assert_eq!(roll.nodes().map(|node| node.name.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn who_cannot_hear_takes_nobody_for_gone_and_gives_everybody_time_afterwards() {
        let mut roll = Roll::new(LIFETIME);
        roll.on_beat(Instant::ZERO, beat("a", 1, false, ""));
        assert_eq!(roll.on_time(Instant::from_millis(60_000), true), []);
        assert_eq!(roll.on_time(Instant::from_millis(63_000), false), []);
        assert_eq!(roll.on_time(Instant::from_millis(63_001), false).len(), 1);
    }

    #[test]
    fn at_the_maximum_a_node_is_taken_and_one_past_it_is_not() {
        let mut roll = Roll::new(LIFETIME);
        let joined =
            (0..=NODES_MAX).map(|name| roll.on_beat(Instant::ZERO, beat(&name.to_string(), 1, false, "")));
        assert_eq!(joined.filter(|changes| !changes.is_empty()).count(), NODES_MAX);
    }
}
