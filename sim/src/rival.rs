//! The rival: our own words for what p2p-media-loader 2.3.1 publishes of itself, in the same world, for comparison only.
//!
//! Whole segments, each from one neighbour; HTTP for what is due soon; at random moments HTTP for what nobody has. Its
//! source is public (github.com/Novage/p2p-media-loader, `packages/p2p-media-loader-core/src`); each number names the
//! option that it restates. Where this is simpler than the original it is kinder to it: no message waits for a lost packet
//! of the one before, a segment is whole with its last byte, what the origin failed to give is asked for again after a
//! second and not given up, GETs have no time-out, memory is free, links are made as fast as ours, and they outlive a
//! switch of rendition.
//!
//! Two departures. Its defaults are for viewers half a minute or more behind live; at the distance of plain hls.js they load
//! everything by HTTP, so it gets the setting that was found best there (`HIGH_DEMAND_MS`). And its offers go to viewers
//! drawn by lot, as its trackers do it, without our tracker.

mod links;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use protocol::time::{Duration, Instant, StreamTime};
use swarm::LinkId;

use crate::event::GetId;
use crate::mesh::{EndId, ViewerId};
use crate::random::{Purpose, Random};

/// What starts sooner than this after the picture is in high demand: HTTP at once (`highDemandTimeWindow`, 15 s by default,
/// within which everything is that a viewer 6 s behind live can still load; 2 s was measured best at this distance).
const HIGH_DEMAND_MS: i64 = 2_000;
/// HTTP loads at once (`simultaneousHttpDownloads`).
const HTTP_MAX: usize = 2;
/// Loads from neighbours at once (`simultaneousP2PDownloads`).
const PEERS_MAX: usize = 3;
/// A neighbour that sends nothing for so long has failed (`p2pNotReceivingBytesTimeoutMs`).
const SILENCE: Duration = Duration::from_millis(2_000);
/// Failures in a row after which a neighbour is left (`p2pErrorRetries`).
const STRIKES_MAX: u8 = 3;
/// Between two looks for something that nobody has, and so much more at most for each neighbour (`PEER_UPDATE_LATENCY`).
const RANDOM: Duration = Duration::from_millis(1_000);
/// The queue is looked at as the picture moves, at most so often.
const PROCESS: Duration = Duration::from_millis(1_000);
/// After a GET that failed.
const RETRY: Duration = Duration::from_millis(1_000);
/// A neighbour of unknown pace weighs so many hundredths of the best.
const UNPROVEN_PERCENT: u64 = 10;

/// One viewer's state.
#[derive(Debug)]
pub(crate) struct Rival {
    random: Random,
    peers: BTreeMap<LinkId, Peer>,
    loads: BTreeMap<usize, Load>,
    /// Bytes of segments that a load left behind, to be gone on from; and how many of them a viewer had spoilt.
    partial: BTreeMap<usize, Partial>,
    /// Segments held, and whether they are spoilt: lengths are checked, bytes are not.
    stored: BTreeMap<usize, bool>,
    /// Where GETs failed: when the next may go.
    rests: BTreeMap<usize, Instant>,
    /// What the player waits for.
    wanted: Option<usize>,
    /// What it asked for last: the queue begins there.
    requested: Option<usize>,
    processed: Instant,
    next_link: u32,
    next_request: u32,
}

/// A neighbour.
#[derive(Debug)]
struct Peer {
    end: EndId,
    loaded: BTreeSet<usize>,
    loading: BTreeSet<usize>,
    /// What is loaded from it.
    downloading: Option<usize>,
    /// What it is being sent.
    upload: Option<Upload>,
    strikes: u8,
    /// Bytes a second of the last segments, newest weighing half; 0 while unknown.
    pace: u64,
}

/// A segment on its way to a neighbour.
#[derive(Clone, Copy, Debug)]
struct Upload {
    place: usize,
    request: u32,
    next: u32,
}

/// A segment on its way here.
#[derive(Clone, Copy, Debug)]
enum Load {
    Http(Option<GetId>),
    Peer { link: LinkId, request: u32, began: Instant, heard: Instant, from: u32 },
}

#[derive(Clone, Copy, Debug, Default)]
struct Partial {
    bytes: u32,
    spoilt: bool,
}

/// A segment that the player will need.
#[derive(Clone, Copy, Debug)]
struct Item {
    place: usize,
    /// It is due soon.
    high: bool,
}

/// What the shell is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// GET a segment from this byte on.
    Http(usize, u32),
    /// Abort a GET.
    Abort(GetId),
    /// Ask a neighbour for a segment from this byte on.
    Ask { link: LinkId, request: u32, place: usize, from: u32 },
    /// Tell it that its answer is not wanted any more.
    Cancel { link: LinkId, request: u32, place: usize },
    /// Tell everybody what is here, all of it.
    Announce,
}

/// What the world is like for one look at the queue.
#[derive(Clone, Debug)]
struct Look {
    now: Instant,
    position: StreamTime,
    /// Places that the playlist lists, with their starts.
    listed: Vec<(usize, StreamTime)>,
    segment_ms: u64,
}

impl Rival {
    /// A viewer who has just come.
    #[must_use]
    pub(crate) fn new(seed: u64, viewer: ViewerId) -> Self {
        Self {
            random: Random::new(seed, Purpose::Rival, u64::from(viewer.0)),
            peers: BTreeMap::new(),
            loads: BTreeMap::new(),
            partial: BTreeMap::new(),
            stored: BTreeMap::new(),
            rests: BTreeMap::new(),
            wanted: None,
            requested: None,
            processed: Instant::ZERO,
            next_link: 0,
            next_request: 0,
        }
    }

    /// What the player will need, from what it asked for last on; what is here already is left out.
    fn queue(&self, look: &Look) -> Vec<Item> {
        let Some(first) = self.requested else { return Vec::new() };
        let ahead =
            look.listed.iter().filter(|(place, _)| *place >= first && !self.stored.contains_key(place));
        let item = |(place, start): &(usize, StreamTime)| {
            let until_start = start.millis_since(look.position);
            let past = start.plus_millis(look.segment_ms).millis_since(look.position) < 0;
            Item { place: *place, high: until_start <= HIGH_DEMAND_MS && !past }
        };
        ahead.map(item).collect()
    }

    /// Looks at the whole queue.
    fn process(&mut self, look: &Look) -> Vec<Step> {
        self.processed = look.now;
        let (queue, mut steps) = (self.queue(look), Vec::new());
        self.forget_past(&queue, &mut steps);
        for (index, item) in queue.iter().enumerate() {
            let later = &queue[index + 1..];
            if item.high {
                self.demand(item.place, later, look.now, &mut steps);
            } else if self.is_near(item.place) && !self.loads.contains_key(&item.place) {
                let room = self.by_peers() < PEERS_MAX
                    || (self.is_held_near(item.place) && self.abort_last(later, false, &mut steps));
                if room {
                    self.ask(item.place, look.now, &mut steps);
                }
            }
        }
        steps
    }

    /// Loads that nobody needs any more end.
    fn forget_past(&mut self, queue: &[Item], steps: &mut Vec<Step>) {
        let needed =
            |place: &usize| self.wanted == Some(*place) || queue.iter().any(|item| item.place == *place);
        let past: Vec<usize> = self.loads.keys().filter(|place| !needed(place)).copied().collect();
        for place in past {
            self.end(place, steps);
            self.partial.remove(&place);
        }
    }

    /// A segment in high demand: HTTP, whatever it takes; a neighbour where HTTP is at its maximum.
    fn demand(&mut self, place: usize, later: &[Item], now: Instant, steps: &mut Vec<Step>) {
        let rests = self.rests.get(&place).is_some_and(|until| now < *until);
        if matches!(self.loads.get(&place), Some(Load::Http(_))) || rests {
            return;
        }
        if self.by_http() < HTTP_MAX || self.abort_last(later, true, steps) {
            self.end(place, steps);
            self.load(place, steps);
        } else if !self.loads.contains_key(&place)
            && (self.by_peers() < PEERS_MAX || self.abort_last(later, false, steps))
        {
            self.ask(place, now, steps);
        }
    }

    /// At a random moment: HTTP for what nobody near has, each with a chance that falls with the number of neighbours.
    fn at_random(&mut self, look: &Look) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.by_http() >= HTTP_MAX || self.peers.is_empty() {
            return steps;
        }
        let rests = |place: &usize| self.rests.get(place).is_some_and(|until| look.now < *until);
        let free = |item: &&Item| !self.is_near(item.place) && !self.loads.contains_key(&item.place);
        let queue = self.queue(look);
        let mut places: Vec<usize> = queue.iter().filter(free).map(|item| item.place).collect();
        places.retain(|place| !rests(place));
        let crowd = self.peers.len() + 1;
        places.truncate(HTTP_MAX * crowd);
        // Shares of a million, as the world draws chances.
        let mut chance = places.len() as u64 * 1_000_000 / crowd as u64;
        shuffle(&mut places, &mut self.random);
        for place in places {
            if self.by_http() >= HTTP_MAX || chance == 0 {
                break;
            }
            if self.random.below(1_000_000) < chance {
                self.load(place, &mut steps);
            }
            chance = chance.saturating_sub(1_000_000);
        }
        steps
    }

    /// When to look for something at random the next time.
    fn next_random(&mut self) -> Duration {
        let most = RANDOM.as_micros() * self.peers.len() as u64;
        RANDOM + Duration::from_micros(self.random.below(most))
    }

    fn load(&mut self, place: usize, steps: &mut Vec<Step>) {
        self.loads.insert(place, Load::Http(None));
        let from = self.partial.get(&place).map_or(0, |partial| partial.bytes);
        steps.extend([Step::Http(place, from), Step::Announce]);
    }

    /// Asks a neighbour that has the segment and sends nothing else, the faster ones more often.
    fn ask(&mut self, place: usize, now: Instant, steps: &mut Vec<Step>) {
        let idle = |(_, peer): &(&LinkId, &Peer)| peer.downloading.is_none() && peer.loaded.contains(&place);
        let holders: Vec<(LinkId, u64)> =
            self.peers.iter().filter(idle).map(|(link, peer)| (*link, peer.pace)).collect();
        let best = holders.iter().map(|(_, pace)| *pace).max().unwrap_or(0);
        let least = (best * UNPROVEN_PERCENT / 100).max(1);
        let all: u64 = holders.iter().map(|(_, pace)| (*pace).max(least)).sum();
        let mut drawn = self.random.below(all);
        let chosen = holders.iter().find(|(_, pace)| {
            let here = drawn < (*pace).max(least);
            drawn = drawn.saturating_sub((*pace).max(least));
            here
        });
        let Some(link) = chosen.map(|(link, _)| *link) else { return };
        self.next_request += 1;
        let request = self.next_request;
        let from = self.partial.get(&place).map_or(0, |partial| partial.bytes);
        if let Some(peer) = self.peers.get_mut(&link) {
            peer.downloading = Some(place);
        }
        self.loads.insert(place, Load::Peer { link, request, began: now, heard: now, from });
        steps.push(Step::Ask { link, request, place, from });
    }

    /// Ends whatever load of a segment there is; its bytes stay.
    fn end(&mut self, place: usize, steps: &mut Vec<Step>) {
        match self.loads.remove(&place) {
            Some(Load::Http(get)) => steps.extend(get.map(Step::Abort)),
            Some(Load::Peer { link, request, .. }) => {
                if let Some(peer) = self.peers.get_mut(&link) {
                    peer.downloading = None;
                }
                steps.push(Step::Cancel { link, request, place });
            }
            None => {}
        }
    }

    /// Makes room by ending the load that is needed last of those `later` in the queue; false where there is none.
    fn abort_last(&mut self, later: &[Item], http: bool, steps: &mut Vec<Step>) -> bool {
        let kind = |item: &&Item| {
            self.loads.get(&item.place).is_some_and(|load| matches!(load, Load::Http(_)) == http)
        };
        let Some(last) = later.iter().rev().find(kind).map(|item| item.place) else { return false };
        self.end(last, steps);
        self.partial.remove(&last);
        true
    }

    /// Neighbours that have sent nothing for too long; one with too many failures is to be left.
    fn end_silent(&mut self, now: Instant, steps: &mut Vec<Step>) -> Vec<LinkId> {
        let silent = self.loads.iter().filter_map(|(place, load)| match load {
            Load::Peer { link, heard, .. } if *heard + SILENCE <= now => Some((*place, *link)),
            Load::Peer { .. } | Load::Http(_) => None,
        });
        let silent: Vec<(usize, LinkId)> = silent.collect();
        let mut leave = Vec::new();
        for (place, link) in silent {
            self.end(place, steps);
            let Some(peer) = self.peers.get_mut(&link) else { continue };
            peer.strikes += 1;
            peer.pace = 0;
            if peer.strikes >= STRIKES_MAX {
                leave.push(link);
            }
        }
        leave
    }

    /// What was played lies too far back to be kept.
    fn evict(&mut self, look: &Look) {
        let needed = |place: &usize| {
            let start = look.listed.iter().find(|(listed, _)| listed == place).map(|(_, start)| *start);
            start.is_some_and(|start| {
                start.plus_millis(look.segment_ms).millis_since(look.position) > -HIGH_DEMAND_MS
            })
        };
        self.stored.retain(|place, _| needed(place));
        self.partial.retain(|place, _| needed(place));
    }

    /// Somebody near has it, or loads it by HTTP.
    fn is_near(&self, place: usize) -> bool {
        self.peers.values().any(|peer| peer.loaded.contains(&place) || peer.loading.contains(&place))
    }

    fn is_held_near(&self, place: usize) -> bool {
        self.peers.values().any(|peer| peer.loaded.contains(&place))
    }

    fn by_http(&self) -> usize {
        self.loads.values().filter(|load| matches!(load, Load::Http(_))).count()
    }

    fn by_peers(&self) -> usize {
        self.loads.len() - self.by_http()
    }
}

fn shuffle(places: &mut [usize], random: &mut Random) {
    for last in (1..places.len()).rev() {
        let other = usize::try_from(random.below(last as u64 + 1)).unwrap_or(last);
        places.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look() -> Look {
        let listed = (0..4).map(|place| (place, StreamTime(place as u64 * 2_000))).collect();
        Look { now: Instant::from_millis(5_000), position: StreamTime(0), listed, segment_ms: 2_000 }
    }

    fn rival(holds: &[(u32, usize)]) -> Rival {
        let mut rival = Rival { requested: Some(0), ..Rival::new(7, ViewerId(0)) };
        for (link, place) in holds {
            let peer = rival.peers.entry(LinkId(*link)).or_insert_with(|| links::stranger(EndId(0)));
            peer.loaded.insert(*place);
        }
        rival
    }

    #[test]
    fn what_is_due_soon_comes_by_http_and_the_rest_from_whoever_has_it() {
        let mut rival = rival(&[(1, 2), (2, 3)]);
        let steps = rival.process(&look());
        let expected = [
            Step::Http(0, 0),
            Step::Announce,
            Step::Http(1, 0),
            Step::Announce,
            Step::Ask { link: LinkId(1), request: 1, place: 2, from: 0 },
            Step::Ask { link: LinkId(2), request: 2, place: 3, from: 0 },
        ];
        assert_eq!(steps, expected);
        assert_eq!(rival.process(&look()), [], "everything is under way");
    }

    #[test]
    fn a_segment_that_becomes_due_is_taken_from_its_neighbour_and_goes_on_by_http() {
        let mut rival = rival(&[(1, 2)]);
        rival.process(&look());
        rival.partial.insert(2, Partial { bytes: 65_535, spoilt: false });
        rival.stored.extend([(0, false), (1, false)]);
        rival.loads.retain(|place, _| *place == 2);
        let steps = rival.process(&Look { position: StreamTime(2_500), ..look() });
        let expected =
            [Step::Cancel { link: LinkId(1), request: 1, place: 2 }, Step::Http(2, 65_535), Step::Announce];
        assert_eq!(steps, expected);
    }

    #[test]
    fn at_random_only_what_nobody_has_is_loaded() {
        let mut rival = rival(&[(1, 2)]);
        rival.stored.extend([(0, false), (1, false)]);
        // One candidate and one neighbour: a chance of a half each time.
        let mut loaded = 0;
        for _ in 0..1_000 {
            rival.loads.clear();
            let steps = rival.at_random(&look());
            assert!(steps.is_empty() || steps == [Step::Http(3, 0), Step::Announce], "{steps:?}");
            loaded += usize::from(!steps.is_empty());
        }
        assert!((400..600).contains(&loaded), "{loaded}");
        rival.peers.clear();
        assert_eq!(rival.at_random(&look()), [], "without neighbours it is not done");
    }

    #[test]
    fn a_neighbour_that_is_silent_for_two_seconds_three_times_is_left() {
        let mut rival = rival(&[(1, 2)]);
        rival.stored.extend([(0, false), (1, false)]);
        for strike in 1..=3 {
            rival.process(&look());
            let later = look().now + SILENCE;
            let mut steps = Vec::new();
            let leave = rival.end_silent(later, &mut steps);
            assert_eq!(steps, [Step::Cancel { link: LinkId(1), request: strike, place: 2 }]);
            assert_eq!(leave.len(), usize::from(strike == 3));
        }
    }
}
