//! What every engine is held to, once a second and at the end: what it keeps is within its named maxima, and it is not
//! called for nothing. What it sends and plays is checked at once, where it does (`drive`).

use protocol::limits::BLOCK_BYTES;
use swarm::limits as most;
use swarm::report::Status;

use crate::mesh::ViewerId;
use crate::viewer::{CACHE_BYTES_MAX, LINKS, LINKS_OF_THE_OPERATOR};
use crate::world::{PLAYHEAD, World};

/// Beside the cache: blocks that are being hashed, or wait for their list.
const UNPROVEN_MAX: u64 = 64;
/// Blocks that wait for the uplink: an engine hands over one at a time.
const HANDED_MAX: u64 = 3;
/// Bytes of other messages that wait for it.
const TALK_MAX: u64 = 256 << 10;
/// Its tables are looked at once in so many rounds: that reaches all over its memory.
const ROUNDS: u64 = 4;
/// Calls of an engine by its timer to which it has nothing to say, past those that are usual between two looks at it: for
/// some seconds it may have reason to look every few milliseconds, a timer that leads to nothing goes on for ever.
const IN_VAIN_MAX: u32 = 1_000;
/// Those that are.
const IN_VAIN_USUAL: u32 = 10;

impl World {
    /// What an engine keeps, against what it may, and its own figures against the world's.
    pub(crate) fn audit(&mut self, id: ViewerId) {
        let timer = &mut self.viewers[id.0 as usize].shell.timer;
        let in_vain = timer.in_vain;
        timer.in_vain = in_vain.saturating_sub(IN_VAIN_USUAL);
        if in_vain > IN_VAIN_MAX {
            self.breach(id, || format!("was called {in_vain} times by timers that led to nothing"));
        }
        let round = self.now().0 / PLAYHEAD.as_micros();
        if (round + u64::from(id.0)).is_multiple_of(ROUNDS) {
            self.audit_tables(id);
            self.audit_books(id);
        }
    }

    fn audit_tables(&mut self, id: ViewerId) {
        let viewer = &self.viewers[id.0 as usize];
        let Some(engine) = viewer.engine.as_ref() else { return };
        let (shell, load) = (&viewer.shell, engine.load());
        let links = if viewer.super_peer { LINKS_OF_THE_OPERATOR } else { LINKS };
        let linked = usize::from(links.max);
        let queued: u64 = shell.links.iter().map(|(_, end)| self.mesh.end(end).queued).sum();
        // What liars' shells add is not their engines' doing.
        let queued = if viewer.lie.is_some() { 0 } else { queued };
        let block = u64::from(BLOCK_BYTES);
        let rows = [
            ("bytes of blocks", shell.held_bytes, CACHE_BYTES_MAX + UNPROVEN_MAX * block),
            ("bytes by its own account", load.bytes, CACHE_BYTES_MAX + UNPROVEN_MAX * block),
            ("bytes that wait for the uplink", queued, HANDED_MAX * block + TALK_MAX),
        ];
        let counts = [
            ("segments", load.segments, most::SEGMENTS_MAX),
            ("wishes", load.wants, most::WANTS_MAX),
            ("checks", load.checks, most::CHECKS_MAX),
            ("GETs of blocks", load.downloads, most::FETCHES_MAX),
            ("GETs of lists", load.lists, most::LISTS_MAX),
            ("GETs that wait", load.waiting, most::AHEAD_FETCHES_MAX + most::LISTS_MAX),
            ("GETs", load.gets, most::FETCHES_MAX + most::LISTS_MAX + most::AHEAD_FETCHES_MAX),
            ("links", load.linked, linked),
            ("offers", load.offers, most::OFFERS_MAX),
            ("ends of links", shell.links.iter().count(), linked + most::OFFERS_MAX),
            ("bans", load.bans, most::BANS_MAX),
            ("neighbours", load.peers, linked),
            ("requests", load.requests, most::REQUESTS_MAX),
            ("requests at one neighbour", load.requests_at_one, most::REQUESTS_PER_LINK_MAX),
            ("requests given up", load.cancelled_at_one, most::CANCELLED_MAX),
            ("segments of a neighbour", load.segments_of_one, most::HOLDINGS_MAX),
        ];
        let counts = counts.map(|(what, has, may)| (what, has as u64, may as u64));
        if let Some((what, has, may)) = rows.into_iter().chain(counts).find(|(_, has, may)| has > may) {
            self.breach(id, || format!("has {has} {what}, {may} at most"));
        }
    }

    /// Its GETs are those of its shell, and it does not say that it sent more than it got.
    fn audit_books(&mut self, id: ViewerId) {
        let viewer = &self.viewers[id.0 as usize];
        let Some(engine) = viewer.engine.as_ref() else { return };
        let (load, stats) = (engine.load(), engine.stats());
        let got = stats.origin_bytes + stats.peer_bytes + stats.super_peer_bytes + viewer.account.plain_bytes;
        let (gets, exempt) = (viewer.shell.fetches.iter().count(), viewer.super_peer);
        if gets != load.gets {
            self.breach(id, || format!("knows of {} GETs, and has {gets}", load.gets));
        }
        if stats.upload_bytes > got && !exempt {
            self.breach(id, || format!("says it sent {} bytes and received {got}", stats.upload_bytes));
        }
    }

    /// At the end an engine holds what its window shows, and nothing else.
    pub(crate) fn leave_nothing(&mut self, id: ViewerId) {
        let viewer = &self.viewers[id.0 as usize];
        let Some(engine) = viewer.engine.as_ref() else { return };
        let shown = engine
            .blocks()
            .filter(|view| matches!(view.status, Status::Checking | Status::HavePeer | Status::HaveOrigin));
        let (held, shown) = (viewer.shell.bodies.len(), shown.count());
        if held > shown {
            self.breach(id, || format!("has leaked {} handles", held - shown));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use protocol::id::{Block, BlockKey, Rendition, Segment, SegmentKey};

    use super::*;
    use crate::mesh::{Body, Payload};
    use crate::scenario::named;
    use crate::stream::Stream;

    const BODY: Body = Body {
        block: BlockKey {
            segment: SegmentKey { rendition: Rendition(0), segment: Segment(0) },
            block: Block(0),
        },
        bytes: BLOCK_BYTES,
        corrupt: false,
    };

    /// A sound world of four, in which the first viewer breaks a rule; what is said of it.
    fn told(break_it: fn(&mut World, ViewerId)) -> String {
        let scenario = named("clean", Some(4), Some(10), 7).expect("known");
        let stream = Rc::new(Stream::new(scenario.stream, scenario.seed, scenario.end()));
        let mut world = World::new(scenario, stream);
        world.run();
        assert_eq!(world.violations.first, Vec::<String>::new());
        break_it(&mut world, ViewerId(0));
        world.audit(ViewerId(0));
        world.audit_tables(ViewerId(0));
        world.leave_nothing(ViewerId(0));
        world.violations.first.concat()
    }

    #[test]
    fn whoever_breaks_a_rule_is_told_of() {
        type Row = (&'static str, fn(&mut World, ViewerId));
        let rows: [Row; 4] = [
            ("led to nothing", |world, _| world.viewers[0].shell.timer.in_vain = IN_VAIN_MAX + 1),
            ("leaked 1 handles", |world, _| _ = world.viewers[0].hold(BODY, None)),
            ("bytes of blocks", |world, _| world.viewers[0].shell.held_bytes = CACHE_BYTES_MAX * 2),
            ("wait for the uplink", |world, id| {
                let end = world.viewers[id.0 as usize].shell.links.iter().next().expect("linked").1;
                (0..4)
                    .for_each(|_| _ = world.mesh.hand(end, Payload::Data(Box::new((vec![0; 99_999], BODY)))));
            }),
        ];
        for (expected, break_it) in rows {
            let told = told(break_it);
            assert!(told.contains(expected), "{expected}: {told}");
        }
    }
}
