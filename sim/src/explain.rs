//! Why a block was bought twice: what each engine thought of it, and when.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use protocol::id::BlockKey;
use protocol::time::Instant;
use swarm::Engine;
use swarm::report::{BlockView, Reason, Status};

use crate::mesh::ViewerId;
use crate::scenario::Span;
use crate::stream::Stream;

/// What engines thought, as long as anybody asks.
#[derive(Debug)]
pub struct Journal {
    window: Span,
    entries: BTreeMap<BlockKey, Vec<Entry>>,
    last: BTreeMap<(ViewerId, BlockKey), Thought>,
}

/// What an engine thinks of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Thought {
    status: Status,
    reason: Reason,
    supply: u8,
    demand: u8,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: Instant,
    viewer: ViewerId,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Thinks(Thought),
    Bought,
}

impl Journal {
    /// A journal of blocks that are published in `window`.
    #[must_use]
    pub fn new(window: Span) -> Self {
        Self { window, entries: BTreeMap::new(), last: BTreeMap::new() }
    }

    /// Notes what has changed in an engine's mind.
    pub fn look(&mut self, now: Instant, viewer: ViewerId, engine: &Engine) {
        for view in engine.blocks() {
            let thought = thought(&view);
            if self.last.insert((viewer, view.block), thought) != Some(thought) {
                self.note(now, viewer, view.block, What::Thinks(thought));
            }
        }
    }

    /// The origin spent a block on a viewer.
    pub fn bought(&mut self, now: Instant, viewer: ViewerId, block: BlockKey) {
        self.note(now, viewer, block, What::Bought);
    }

    fn note(&mut self, at: Instant, viewer: ViewerId, block: BlockKey, what: What) {
        self.entries.entry(block).or_default().push(Entry { at, viewer, what });
    }

    /// For each block of the window that was bought more than once: every thought of every buyer.
    #[must_use]
    pub fn explain(&self, stream: &Stream) -> String {
        let mut text = String::new();
        for (block, entries) in &self.entries {
            let Some(made) = stream.segment(block.segment).filter(|made| self.window.holds(made.closed))
            else {
                continue;
            };
            let bought = entries.iter().filter(|entry| matches!(entry.what, What::Bought));
            let buyers: Vec<ViewerId> = bought.map(|entry| entry.viewer).collect();
            let Some(there) = made.finals.get(usize::from(block.block.0)) else { continue };
            if buyers.len() > 1 {
                let names: Vec<String> = buyers.iter().map(|viewer| viewer.0.to_string()).collect();
                let (segment, at) = (block.segment.segment.0, crate::books::seconds(*there));
                let _ = writeln!(
                    text,
                    "segment {segment} block {} of {}, final at {at:.3} s, bought by {}",
                    block.block.0,
                    made.blocks(),
                    names.join(", ")
                );
                let told = entries.iter().filter(|entry| buyers.contains(&entry.viewer));
                told.for_each(|entry| tell(&mut text, *there, entry));
            }
        }
        text
    }

    /// How often each reason led to a purchase of a block of the window.
    #[must_use]
    pub fn reasons(&self, stream: &Stream) -> BTreeMap<Reason, u32> {
        let mut counts = BTreeMap::new();
        for (block, entries) in &self.entries {
            let judged = stream.segment(block.segment).is_some_and(|made| self.window.holds(made.closed));
            for (index, entry) in entries.iter().enumerate().filter(|_| judged) {
                if matches!(entry.what, What::Bought) {
                    let before = entries[..index].iter().rev().filter(|other| other.viewer == entry.viewer);
                    let mut thoughts = before.filter_map(|other| match other.what {
                        What::Thinks(thought) => Some(thought.reason),
                        What::Bought => None,
                    });
                    *counts.entry(thoughts.next().unwrap_or(Reason::Unseen)).or_insert(0) += 1;
                }
            }
        }
        counts
    }
}

fn thought(view: &BlockView) -> Thought {
    Thought { status: view.status, reason: view.reason, supply: view.supply, demand: view.demand }
}

fn tell(text: &mut String, there: Instant, entry: &Entry) {
    let after = crate::books::seconds(entry.at) - crate::books::seconds(there);
    let viewer = entry.viewer.0;
    let _ = match entry.what {
        What::Bought => writeln!(text, "  {after:+.3} s viewer {viewer}: the origin sends it"),
        What::Thinks(Thought { status, reason, supply, demand }) => {
            writeln!(
                text,
                "  {after:+.3} s viewer {viewer}: {status:?}, {reason:?}, {supply} have, {demand} lack"
            )
        }
    };
}
