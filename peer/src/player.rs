//! A player in place of a page's: loads one segment after the other as hls.js does with its defaults, and moves a picture.

use protocol::time::{Duration, Instant, StreamTime};
use swarm::io::{Listed, Playhead};
use swarm::picture::Picture;

/// A super-peer is there to have what is new.
pub(crate) const START_BEHIND_SUPER: usize = 1;
/// Before a segment that could not be had is tried again (hls.js, `retryDelayMs`).
const RETRY: Duration = Duration::from_millis(1_000);

/// A player.
#[derive(Clone, Debug)]
pub struct Player {
    start_behind: usize,
    began: Instant,
    picture: Picture,
    next: Option<Listed>,
    listed: Vec<Listed>,
    loading: bool,
    /// Nothing is wanted before.
    retry_at: Instant,
    /// The end of what is listed, and since when.
    edge: Option<(StreamTime, Instant)>,
    jumps: u32,
}

/// What a player lived through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// From its beginning to the first frame.
    pub start: Option<Duration>,
    /// How often it ran dry.
    pub stalls: u32,
    /// How long it was dry, all told.
    pub stalled: Duration,
    /// How often it gave up its place because the playlist had moved past it.
    pub jumps: u32,
}

impl Player {
    /// A player that begins now, and starts so many segments behind the playlist's end.
    #[must_use]
    pub fn new(now: Instant, start_behind: usize) -> Self {
        Self {
            start_behind,
            began: now,
            picture: Picture::default(),
            next: None,
            listed: Vec::new(),
            loading: false,
            retry_at: now,
            edge: None,
            jumps: 0,
        }
    }

    /// The playlist lists these now, oldest first.
    pub fn on_playlist(&mut self, now: Instant, listed: &[Listed], ended: bool) {
        self.advance(now);
        let (Some(oldest), Some(newest)) = (listed.first(), listed.last()) else { return };
        let edge = end_of(newest);
        if self.edge.is_none_or(|(known, _)| edge > known) {
            self.edge = Some((edge, now));
        }
        self.listed = listed.to_vec();
        let first = self.edge_place();
        match self.next {
            None => {
                self.next = first;
                self.picture.place(first.map_or(StreamTime(0), |segment| segment.start));
            }
            Some(next) if next.segment < oldest.segment && !self.loading => {
                // The playlist has moved past us.
                self.next = first;
                self.jumps += 1;
            }
            Some(_) => {}
        }
        if ended && self.next.is_some_and(|next| next.segment > newest.segment) {
            self.picture.end();
        }
    }

    /// The segment to load now, if one is to be loaded; it counts as loading from here on.
    pub fn poll_want(&mut self, now: Instant) -> Option<Listed> {
        let next = self.next?;
        let found = self.listed.iter().find(|listed| listed.segment == next.segment).copied()?;
        if self.loading || now < self.retry_at || self.picture.has_enough() {
            return None;
        }
        self.loading = true;
        Some(found)
    }

    /// The segment that was loading could not be had; it will be wanted again, later.
    pub fn on_failure(&mut self, now: Instant) {
        self.loading = false;
        self.retry_at = now + RETRY;
    }

    /// A segment was loaded and appended.
    pub fn on_segment(&mut self, now: Instant, segment: &Listed) {
        self.advance(now);
        self.loading = false;
        if self.next.is_none_or(|next| next.segment != segment.segment) {
            return;
        }
        let key = segment.segment;
        let after = protocol::id::Segment(key.segment.0 + 1);
        self.next = Some(Listed { segment: protocol::id::SegmentKey::new(key.rendition, after), ..*segment });
        self.picture.append(now, segment.start, end_of(segment));
    }

    /// Moves the picture to `now`.
    pub fn advance(&mut self, now: Instant) {
        self.picture.advance(now);
    }

    /// Where it is, for the engine; `None` before it is anywhere.
    #[must_use]
    pub fn playhead(&self) -> Option<Playhead> {
        self.next.map(|_| self.picture.playhead())
    }

    /// Milliseconds behind the live edge, which moves on between two loads of the playlist; `None` before the first frame.
    #[must_use]
    pub fn behind_ms(&self, now: Instant) -> Option<u64> {
        let (edge, since) = self.edge?;
        let live = edge.plus_millis(now.since(since).as_millis());
        let playhead = self.picture.playhead();
        playhead.playing.then(|| u64::try_from(live.millis_since(playhead.at)).unwrap_or(0))
    }

    /// Whether it shows a moving picture.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.picture.is_moving()
    }

    /// What it lived through up to `now`: a stall that goes on is in it.
    #[must_use]
    pub fn tally(&self, now: Instant) -> Tally {
        let life = self.picture.life(now);
        Tally {
            start: life.first_frame.map(|shown| shown.since(self.began)),
            stalls: life.stalls,
            stalled: life.stalled,
            jumps: self.jumps,
        }
    }

    fn edge_place(&self) -> Option<Listed> {
        self.listed.get(self.listed.len().saturating_sub(self.start_behind)).or(self.listed.last()).copied()
    }
}

const fn end_of(segment: &Listed) -> StreamTime {
    segment.start.plus_millis(segment.duration_ms as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::id::{Rendition, Segment, SegmentKey};
    use swarm::picture::START_BEHIND;

    fn listed(number: u64) -> Listed {
        let segment = SegmentKey::new(Rendition(0), Segment(number));
        Listed { segment, start: StreamTime(number * 2_000), duration_ms: 2_000 }
    }

    fn playlist(numbers: std::ops::Range<u64>) -> Vec<Listed> {
        numbers.map(listed).collect()
    }

    const fn at(ms: u64) -> Instant {
        Instant::from_millis(ms)
    }

    #[test]
    fn it_starts_three_segments_behind_and_loads_one_after_the_other() {
        let mut player = Player::new(at(0), START_BEHIND);
        assert_eq!((player.poll_want(at(0)), player.playhead()), (None, None));
        player.on_playlist(at(100), &playlist(0..10), false);
        assert_eq!(player.poll_want(at(0)), Some(listed(7)));
        assert_eq!(player.poll_want(at(0)), None, "one at a time");
        player.on_segment(at(400), &listed(7));
        assert_eq!(player.tally(at(400)).start, Some(Duration::from_millis(400)));
        assert_eq!(player.poll_want(at(0)), Some(listed(8)));
        let playhead = player.playhead().unwrap();
        assert_eq!((playhead.at.0, playhead.buffered_until.0, playhead.playing), (14_000, 16_000, true));
        player.advance(at(900));
        assert_eq!(player.behind_ms(at(900)), Some(20_000 + 800 - 14_500));
    }

    #[test]
    fn it_stalls_when_it_is_dry_and_goes_on_when_something_comes() {
        let mut player = Player::new(at(0), START_BEHIND);
        player.on_playlist(at(0), &playlist(0..4), false);
        let first = player.poll_want(at(0)).unwrap();
        player.on_segment(at(0), &first);
        let second = player.poll_want(at(0)).unwrap();
        player.advance(at(2_500));
        assert!(!player.is_playing());
        assert_eq!(player.tally(at(3_000)).stalled, Duration::from_millis(1_000));
        player.on_failure(at(2_500));
        assert_eq!(player.poll_want(at(2_999)), None, "not at once");
        assert_eq!(player.poll_want(at(3_500)), Some(second));
        player.on_segment(at(3_500), &second);
        let tally = player.tally(at(9_000));
        assert_eq!((tally.stalls, tally.stalled), (1, Duration::from_millis(1_500)));
        player.advance(at(4_000));
        assert_eq!(player.playhead().unwrap().at, second.start.plus_millis(500), "nothing is skipped");
    }

    #[test]
    fn a_playlist_that_has_moved_on_takes_it_along() {
        let mut player = Player::new(at(0), START_BEHIND);
        player.on_playlist(at(0), &playlist(0..4), false);
        let first = player.poll_want(at(0)).unwrap();
        player.on_segment(at(0), &first);
        player.on_playlist(at(60_000), &playlist(30..34), false);
        let next = player.poll_want(at(60_000)).unwrap();
        assert_eq!((next, player.tally(at(60_000)).jumps), (listed(31), 1));
        player.on_segment(at(60_000), &next);
        assert_eq!(player.playhead().unwrap().at, next.start);
    }

    #[test]
    fn nothing_more_is_loaded_half_a_minute_ahead() {
        let mut player = Player::new(at(0), 20);
        player.on_playlist(at(0), &playlist(0..20), false);
        let loaded = std::iter::from_fn(|| {
            let segment = player.poll_want(at(0))?;
            player.on_segment(at(0), &segment);
            Some(segment)
        });
        assert_eq!(loaded.count(), 15);
    }

    #[test]
    fn the_end_of_a_stream_is_no_stall_that_goes_on() {
        let mut player = Player::new(at(0), 1);
        player.on_playlist(at(0), &playlist(0..1), false);
        let only = player.poll_want(at(0)).unwrap();
        player.on_segment(at(0), &only);
        player.on_playlist(at(3_000), &playlist(0..1), true);
        assert_eq!(player.tally(at(90_000)).stalled, Duration::ZERO);
        assert_eq!(player.behind_ms(at(90_000)), None);
    }
}
