//! The encoder and what the origin knows of its work: segments, when each of their blocks becomes final, their lists.
//!
//! Everything is drawn before the world begins, so that a GET that waits needs no list of waiters: the moment at which
//! it can be answered is known when it arrives. Real encoders deliver fragments; a segment is known to be over when the
//! first fragment of the next one shows its keyframe.

use protocol::hash_list::{Closed, HashList, Signed};
use protocol::id::{Block, BlockKey, Digest, KeyId, Rendition, Segment, SegmentKey};
use protocol::time::{Duration, Instant, StreamTime};
use protocol::{block, limits};
use swarm::io::Listed;

use crate::random::{Fold, Purpose, Random};
use crate::scenario::StreamPlan;

/// The stream's name in URLs and lists.
pub const NAME: &str = "sim";
/// The key that signs.
pub const KEY: KeyId = KeyId(0x51_4d_00_01);
/// The rendition that everybody begins with.
pub const RENDITION: Rendition = Rendition(0);
/// Stream time at the world's time zero, in milliseconds since 1970.
const EPOCH_MS: u64 = 1_700_000_000_000;
/// Media sequence number of the first segment.
const FIRST: u64 = 1_000;
/// From the end of a fragment to its last byte at the origin.
const UPLOAD: Duration = Duration::from_millis(20);
/// A keyframe's fragment is about so many times as large as another.
const KEYFRAME_WEIGHT: u64 = 5;

/// All segments of a run: those of the first rendition, then those of the next.
#[derive(Debug)]
pub struct Stream {
    plan: StreamPlan,
    segments: Vec<Made>,
    /// Segments of each rendition.
    each: usize,
}

/// One segment.
#[derive(Debug)]
pub struct Made {
    /// Its key.
    pub key: SegmentKey,
    /// Its size.
    pub bytes: u32,
    /// When each block becomes final.
    pub finals: Vec<Instant>,
    /// When the origin knows that it is whole, and lists it.
    pub closed: Instant,
    /// Encoded lists by the number of blocks they cover, from 1; the last is the closing one.
    lists: Vec<Vec<u8>>,
}

impl Stream {
    /// The stream that `plan` and `seed` give, up to the first segment that closes after `end`.
    #[must_use]
    pub fn new(plan: StreamPlan, seed: u64, end: Instant) -> Self {
        let mut stream = Self { plan, segments: Vec::new(), each: 0 };
        for (rendition, percent) in (0..).map(Rendition).zip(plan.renditions) {
            let mut previous = Digest::ZERO;
            // All renditions have their keyframes, and so their segments, at the same times.
            for number in 0.. {
                let made = stream.make(seed, rendition, number, *percent, &mut previous);
                let closed = made.closed;
                stream.segments.push(made);
                if closed > end {
                    stream.each = usize::try_from(number + 1).unwrap_or(usize::MAX);
                    break;
                }
            }
        }
        stream
    }

    fn make(
        &self,
        seed: u64,
        rendition: Rendition,
        number: u64,
        percent: u32,
        previous: &mut Digest,
    ) -> Made {
        let key = SegmentKey::new(rendition, Segment(FIRST + number));
        let mut random = Random::new(seed, Purpose::Stream, u64::from(rendition.0) << 32 | number);
        let mean = u64::from(self.plan.segment_bytes) * u64::from(percent) / 100;
        let jitter = u64::from(self.plan.jitter_percent);
        let percent = random.within(100 - jitter, 100 + jitter);
        let bytes = u32::try_from(mean * percent / 100).unwrap_or(u32::MAX);
        let start_ms = number * u64::from(self.plan.segment_ms);
        let fragment_ms = u64::from(self.plan.fragment_ms);
        let arrivals = fragments(&mut random, &self.plan, bytes);
        let arrived =
            |index: usize| Instant::from_millis(start_ms + (index as u64 + 1) * fragment_ms) + UPLOAD;
        let closed = arrived(arrivals.len());
        let blocks = block::count(bytes).unwrap_or(limits::BLOCKS_PER_SEGMENT_MAX);
        let finals = (0..blocks).map(|at| {
            let needed = (u32::from(at) + 1) * limits::BLOCK_BYTES;
            arrivals.iter().position(|so_far| *so_far >= needed).map_or(closed, arrived)
        });
        let finals: Vec<Instant> = finals.collect();
        let lists = self.lists(key, bytes, blocks, previous);
        Made { key, bytes, finals, closed, lists }
    }

    /// Every list of one segment, signed by a stand-in; `previous` becomes the closing list's link.
    fn lists(&self, key: SegmentKey, bytes: u32, blocks: u16, previous: &mut Digest) -> Vec<Vec<u8>> {
        let full = block::full(bytes);
        let mut lists = Vec::new();
        for count in 1..=blocks {
            let closing = count == blocks;
            let hashes = (0..count).map(|at| digest(BlockKey::new(key, Block(at)), false)).collect();
            let closed = closing.then_some(Closed { bytes, duration_ms: self.plan.segment_ms });
            debug_assert!(closing || count <= full, "an open list covers full blocks only");
            let list = HashList {
                stream: NAME.into(),
                segment: key,
                start: self.start(key),
                closed,
                hashes,
                previous: *previous,
                key: KEY,
            };
            let signed = list.signed_bytes();
            if closing {
                *previous = link(&signed);
            }
            lists.push(list.attach(signature(&signed)).encode());
        }
        lists
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &StreamPlan {
        &self.plan
    }

    /// All segments, oldest first.
    #[must_use]
    pub fn segments(&self) -> &[Made] {
        &self.segments
    }

    /// A segment's place in [`Self::segments`].
    #[must_use]
    pub fn place(&self, key: SegmentKey) -> Option<usize> {
        let number = usize::try_from(key.segment.0.checked_sub(FIRST)?).ok()?;
        let rendition = usize::from(key.rendition.0);
        (rendition < self.plan.renditions.len() && number < self.each)
            .then_some(rendition * self.each + number)
    }

    /// The place of the segment of another rendition that shows the same.
    #[must_use]
    pub fn beside(&self, place: usize, rendition: Rendition) -> usize {
        usize::from(rendition.0) * self.each + place % self.each.max(1)
    }

    /// One segment.
    #[must_use]
    pub fn segment(&self, key: SegmentKey) -> Option<&Made> {
        self.segments.get(self.place(key)?)
    }

    /// The stream time of a segment's first sample.
    #[must_use]
    pub fn start(&self, key: SegmentKey) -> StreamTime {
        let number = key.segment.0.saturating_sub(FIRST);
        StreamTime(EPOCH_MS + number * u64::from(self.plan.segment_ms))
    }

    /// The stream time that the encoder films at `now`.
    #[must_use]
    pub fn filmed(&self, now: Instant) -> StreamTime {
        StreamTime(EPOCH_MS + now.0 / 1_000)
    }

    /// A rendition's playlist at `now`: places of the segments that it lists.
    #[must_use]
    pub fn playlist(&self, rendition: Rendition, now: Instant) -> std::ops::Range<usize> {
        let first = usize::from(rendition.0) * self.each;
        let all = self.segments.get(first..first + self.each).unwrap_or_default();
        let whole = all.partition_point(|segment| segment.closed <= now);
        first + whole.saturating_sub(self.plan.listed as usize)..first + whole
    }

    /// A segment as a playlist names it.
    #[must_use]
    pub fn listed(&self, place: usize) -> Option<Listed> {
        let made = self.segments.get(place)?;
        Some(Listed { segment: made.key, start: self.start(made.key), duration_ms: self.plan.segment_ms })
    }
}

impl Made {
    /// Bytes of one block; 0 where there is none.
    #[must_use]
    pub fn block_bytes(&self, at: Block) -> u32 {
        block::range(at, self.bytes).map_or(0, |range| range.end - range.start)
    }

    /// How many blocks it has.
    #[must_use]
    pub fn blocks(&self) -> u16 {
        u16::try_from(self.finals.len()).unwrap_or(u16::MAX)
    }

    /// The moment from which a list can be had that covers `blocks` blocks; the closing list always answers.
    #[must_use]
    pub fn list_at(&self, blocks: u16) -> Instant {
        let wanted = usize::from(blocks.max(1));
        self.finals.get(wanted - 1).copied().unwrap_or(self.closed)
    }

    /// The newest list at `now`.
    #[must_use]
    pub fn list(&self, now: Instant) -> Option<&[u8]> {
        let covered = self.finals.partition_point(|at| *at <= now);
        self.lists.get(covered.checked_sub(1)?).map(Vec::as_slice)
    }
}

/// Bytes that have arrived after each fragment of a segment of `bytes`: the first, with the keyframe, is the largest.
fn fragments(random: &mut Random, plan: &StreamPlan, bytes: u32) -> Vec<u32> {
    let count = (plan.segment_ms / plan.fragment_ms.max(1)).max(1);
    let weights: Vec<u64> =
        (0..count).map(|at| if at == 0 { KEYFRAME_WEIGHT * 10 } else { random.within(7, 13) }).collect();
    let total: u64 = weights.iter().sum();
    let mut so_far = 0;
    let arrived = weights.iter().map(|weight| {
        so_far += weight;
        u32::try_from(u64::from(bytes) * so_far / total.max(1)).unwrap_or(u32::MAX)
    });
    arrived.collect()
}

/// What stands for SHA-256 of a block here: a function of its name and of whether it is as the origin sent it.
#[must_use]
pub fn digest(block: BlockKey, corrupt: bool) -> Digest {
    let mut fold = Fold(0x5348_4f41_4c00_0001);
    fold.word(block.segment.segment.0);
    fold.word(u64::from(block.segment.rendition.0) << 16 | u64::from(block.block.0));
    fold.word(u64::from(corrupt));
    Digest(fold.spread())
}

/// What stands for SHA-256 of a list's signed bytes.
#[must_use]
pub fn link(signed: &[u8]) -> Digest {
    let mut fold = Fold(0x5348_4f41_4c00_0002);
    fold.bytes(signed);
    Digest(fold.spread())
}

/// What stands for Ed25519 over a list's signed bytes.
#[must_use]
pub fn signature(signed: &[u8]) -> [u8; 64] {
    let mut fold = Fold(0x5348_4f41_4c00_0003);
    fold.bytes(signed);
    fold.spread()
}

/// The list as [`protocol::hash_list`] reads it, or nothing.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Signed> {
    Signed::decode(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::named;

    fn stream() -> Stream {
        let scenario = named("clean", Some(2), Some(20), 7).expect("known");
        Stream::new(scenario.stream, scenario.seed, Instant::from_millis(30_000))
    }

    #[test]
    fn blocks_become_final_in_order_while_their_segment_grows() {
        for made in stream().segments() {
            assert_eq!(block::count(made.bytes), Some(made.blocks()));
            assert!(made.finals.is_sorted());
            assert_eq!(made.finals.last(), Some(&made.closed));
            assert!(made.finals[0] < made.closed, "the first block is final before the segment ends");
        }
    }

    #[test]
    fn lists_decode_prove_themselves_and_chain() {
        let stream = stream();
        let mut previous = Digest::ZERO;
        for made in stream.segments() {
            for count in 1..=made.blocks() {
                let bytes = made.list(made.list_at(count)).expect("there is a list then");
                let signed = decode(bytes).expect("it decodes");
                assert!(signed.list.hashes.len() >= usize::from(count));
                assert_eq!(signed.signature, signature(&signed.signed));
                assert_eq!(signed.list.previous, previous);
                assert_eq!(signed.list.closed.is_some(), signed.list.hashes.len() == made.finals.len());
            }
            let closing = decode(made.list(made.closed).expect("closed")).expect("it decodes");
            previous = link(&closing.signed);
        }
    }

    #[test]
    fn a_playlist_lists_whole_segments_only() {
        let stream = stream();
        let now = Instant::from_millis(20_000);
        let listed = stream.playlist(RENDITION, now);
        assert_eq!(listed.len(), 6);
        assert!(stream.segments()[listed.end - 1].closed <= now);
        assert!(stream.segments()[listed.end].closed > now);
    }

    #[test]
    fn renditions_show_the_same_at_the_same_times_in_segments_of_their_own() {
        let plan = crate::scenario::StreamPlan { renditions: &[100, 40], ..*stream().plan() };
        let both = Stream::new(plan, 7, Instant::from_millis(30_000));
        let now = Instant::from_millis(20_000);
        let (first, second) = (both.playlist(RENDITION, now), both.playlist(Rendition(1), now));
        assert_eq!(
            first.clone().map(|place| both.beside(place, Rendition(1))).collect::<Vec<_>>(),
            second.clone().collect::<Vec<_>>()
        );
        for (one, other) in first.zip(second) {
            let (one, other) = (&both.segments()[one], &both.segments()[other]);
            assert_eq!(
                (one.key.segment, one.closed, both.start(one.key)),
                (other.key.segment, other.closed, both.start(other.key))
            );
            assert!(other.bytes < one.bytes);
            assert_eq!(both.place(other.key).map(|place| both.segments()[place].key), Some(other.key));
        }
        assert_eq!(both.place(SegmentKey::new(Rendition(2), Segment(FIRST))), None);
    }

    #[test]
    fn wrong_bytes_have_another_digest() {
        let block = BlockKey::default();
        assert_ne!(digest(block, false), digest(block, true));
    }
}
