//! The origin, as players and engines see it: playlists, segments, blocks, hash lists.
//!
//! A GET of a block or a list that is due but not there yet waits at most one target duration and is then refused with
//! 503 and Retry-After; one that is not due, or never, gets 404. All bodies share the origin's rate.

use std::collections::VecDeque;

use protocol::id::{BlockKey, SegmentKey};
use protocol::time::{Duration, Instant};
use swarm::FetchFailure;

use crate::event::GetId;
use crate::scenario::OriginPlan;
use crate::stream::Stream;

/// What a playlist, or a list's envelope, weighs.
const SMALL_BYTES: u64 = 1_000;
/// What Retry-After says, in milliseconds.
const RETRY_MS: u32 = 1_000;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The media playlist.
    Playlist,
    /// A whole segment, by its place.
    Segment(usize),
    /// A segment from this byte on, by its place.
    Rest(usize, u32),
    /// A block.
    Block(BlockKey),
    /// The hash list of a segment that covers at least so many blocks.
    List(SegmentKey, u16),
}

/// The origin.
#[derive(Debug)]
pub struct Origin {
    plan: OriginPlan,
    /// Bodies that wait for its rate, in order; what was aborted meanwhile is passed over.
    pub(crate) queue: VecDeque<GetId>,
    /// What it is sending, where its rate is limited.
    pub(crate) sending: Option<GetId>,
}

/// What comes of a GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// So many bytes of body.
    Body(u64),
    /// Nothing.
    Failure(FetchFailure),
}

impl Origin {
    /// An idle origin.
    #[must_use]
    pub fn new(plan: OriginPlan) -> Self {
        Self { plan, queue: VecDeque::new(), sending: None }
    }

    /// From a viewer to the origin, or back.
    #[must_use]
    pub fn delay(&self) -> Duration {
        Duration::from_micros(self.plan.rtt_ms * 500)
    }

    /// When a GET that arrives at `now` will be answered, and how.
    #[must_use]
    pub fn answer(&self, stream: &Stream, now: Instant, resource: Resource) -> (Instant, Answer) {
        if self.fails(now) {
            return (now, Answer::Failure(FetchFailure::Unreachable));
        }
        let patience = Duration::from_millis(u64::from(stream.plan().segment_ms));
        let absent = (now, Answer::Failure(FetchFailure::Absent));
        let (there, bytes) = match resource {
            Resource::Playlist => (now, SMALL_BYTES),
            Resource::Segment(place) => match stream.segments().get(place) {
                Some(made) if made.closed <= now => (now, u64::from(made.bytes)),
                _ => return absent,
            },
            Resource::Rest(place, from) => match stream.segments().get(place) {
                Some(made) if made.closed <= now => (now, u64::from(made.bytes.saturating_sub(from))),
                _ => return absent,
            },
            Resource::Block(block) => {
                let Some(made) = due(stream, now, block.segment) else { return absent };
                let Some(there) = made.finals.get(usize::from(block.block.0)) else {
                    return (made.closed.max(now).min(now + patience), absent.1);
                };
                (*there, u64::from(made.block_bytes(block.block)))
            }
            Resource::List(segment, blocks) => {
                let Some(made) = due(stream, now, segment) else { return absent };
                (made.list_at(blocks), SMALL_BYTES)
            }
        };
        let at = there.max(now);
        if at > now + patience {
            return (now + patience, Answer::Failure(FetchFailure::NotYet { retry_ms: RETRY_MS }));
        }
        if self.fails(at) {
            return (at, Answer::Failure(FetchFailure::Unreachable));
        }
        (at, Answer::Body(bytes))
    }

    /// How long a body of `bytes` takes to leave, from `now` on.
    #[must_use]
    pub fn sending_time(&self, now: Instant, bytes: u64) -> Duration {
        let slow = self.plan.brownout.filter(|(span, _)| span.holds(now)).map(|(_, rate)| rate);
        slow.or(self.plan.rate).map_or(Duration::ZERO, |rate| rate.span(bytes))
    }

    fn fails(&self, now: Instant) -> bool {
        self.plan.failing.is_some_and(|span| span.holds(now))
    }
}

/// The segment, where it exists or is the next to begin.
fn due(stream: &Stream, now: Instant, key: SegmentKey) -> Option<&crate::stream::Made> {
    let place = stream.place(key)?;
    let growing = stream.playlist(key.rendition, now).end;
    (place <= growing + 1).then(|| &stream.segments()[place])
}

#[cfg(test)]
mod tests {
    use protocol::id::Block;

    use super::*;
    use crate::scenario::{Rate, Span, named};

    fn world() -> (Origin, Stream) {
        let scenario = named("clean", Some(2), Some(20), 7).expect("known");
        (Origin::new(scenario.origin), Stream::new(scenario.stream, 7, Instant::from_millis(40_000)))
    }

    #[test]
    fn a_block_is_had_at_once_when_final_waited_for_when_due_and_refused_when_far_off() {
        let (origin, stream) = world();
        let made = &stream.segments()[5];
        let block = Resource::Block(BlockKey::new(made.key, Block(1)));
        let (there, size) = (made.finals[1], u64::from(made.block_bytes(Block(1))));
        let late = there + Duration::from_secs(3);
        assert_eq!(origin.answer(&stream, late, block), (late, Answer::Body(size)));
        let soon = there.before(Duration::from_millis(500));
        assert_eq!(origin.answer(&stream, soon, block), (there, Answer::Body(size)));
        let early = there.before(Duration::from_millis(2_500));
        let refused = Answer::Failure(FetchFailure::NotYet { retry_ms: 1_000 });
        assert_eq!(origin.answer(&stream, early, block), (early + Duration::from_secs(2), refused));
        let absurd = there.before(Duration::from_secs(8));
        assert_eq!(origin.answer(&stream, absurd, block), (absurd, Answer::Failure(FetchFailure::Absent)));
    }

    #[test]
    fn a_list_waits_for_the_blocks_it_is_to_cover() {
        let (origin, stream) = world();
        let made = &stream.segments()[5];
        let asked = made.finals[0];
        let (at, answer) = origin.answer(&stream, asked, Resource::List(made.key, 2));
        assert_eq!(at, made.finals[1]);
        assert!(matches!(answer, Answer::Body(_)));
    }

    #[test]
    fn a_weak_origin_takes_its_time_and_a_failing_one_fails() {
        let (_, stream) = world();
        let plan = OriginPlan {
            rtt_ms: 20,
            rate: Some(Rate(8_000)),
            brownout: None,
            failing: Some(Span::millis(10_000, 1_000)),
        };
        let origin = Origin::new(plan);
        assert_eq!(origin.sending_time(Instant::ZERO, 1_000), Duration::from_secs(1));
        let failing = Instant::from_millis(10_500);
        let unreachable = Answer::Failure(FetchFailure::Unreachable);
        assert_eq!(origin.answer(&stream, failing, Resource::Playlist), (failing, unreachable));
    }
}
