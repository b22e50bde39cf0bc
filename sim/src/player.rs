//! A viewer's player, as hls.js behaves with its defaults on a live playlist.
//!
//! It polls the playlist every target duration (half of that when nothing was new), starts three target durations
//! behind the playlist's end, loads one segment at a time in order, plays, and stalls when its buffer is dry. It never
//! moves further from live by itself: only a stall does that.

use std::ops::Range;

use protocol::time::{Duration, Instant, StreamTime};
use swarm::io::Playhead;
use swarm::picture::{Life, Picture, START_BEHIND};

/// A player.
#[derive(Clone, Debug)]
pub struct Player {
    segment_ms: u64,
    picture: Picture,
    listed: Range<usize>,
    next: usize,
    loading: bool,
    /// It waits for the playlist of the rendition that it has turned to.
    turning: bool,
    jumps: u32,
    /// Since when its page sleeps.
    paused: Option<Instant>,
    /// How long it slept before: the picture knows nothing of that.
    slept: Duration,
}

impl Player {
    /// A player before its first playlist, of a stream in segments of `segment_ms`.
    #[must_use]
    pub fn new(segment_ms: u32) -> Self {
        Self {
            segment_ms: u64::from(segment_ms),
            picture: Picture::default(),
            listed: 0..0,
            next: 0,
            loading: false,
            turning: false,
            jumps: 0,
            paused: None,
            slept: Duration::ZERO,
        }
    }

    /// Its page falls asleep, and its picture stops.
    pub fn pause(&mut self, now: Instant) {
        self.advance(now);
        self.paused = Some(now);
    }

    /// It goes on where it was.
    pub fn resume(&mut self, now: Instant) {
        if let Some(since) = self.paused.take() {
            self.slept += now.since(since);
        }
    }

    /// The time of the picture, which sleep is no part of.
    fn shown(&self, now: Instant) -> Instant {
        self.paused.unwrap_or(now).before(self.slept)
    }

    /// A playlist came that lists these places; the first of them starts at `start`. Answers the time until the next
    /// poll, counted from the last one.
    pub fn on_playlist(&mut self, now: Instant, listed: Range<usize>, start: StreamTime) -> Duration {
        self.advance(now);
        let target = Duration::from_millis(self.segment_ms);
        let fresh = listed.end > self.listed.end;
        let first = self.listed.is_empty();
        if listed.is_empty() {
            return target / 2;
        }
        if fresh && (first || self.next < listed.start) {
            self.next = listed.end.saturating_sub(START_BEHIND).max(listed.start);
            let at = start.plus_millis((self.next - listed.start) as u64 * self.segment_ms);
            if first {
                self.picture.place(at);
            } else {
                self.jumps += 1;
            }
        }
        self.listed = listed;
        self.turning = false;
        if fresh { target } else { target / 2 }
    }

    /// The place of the segment to load now, if one is to be loaded; it counts as loading from here on.
    pub fn poll_want(&mut self) -> Option<usize> {
        if self.loading || self.turning || !self.listed.contains(&self.next) || self.picture.has_enough() {
            return None;
        }
        self.loading = true;
        Some(self.next)
    }

    /// The segment that was loading could not be had; it will be wanted again.
    pub fn on_failure(&mut self) {
        self.loading = false;
    }

    /// The segment at `place`, which starts at `start`, was loaded and appended.
    pub fn on_segment(&mut self, now: Instant, place: usize, start: StreamTime) {
        self.advance(now);
        self.loading = false;
        if place != self.next {
            return;
        }
        self.next = place + 1;
        self.picture.append(self.shown(now), start, start.plus_millis(self.segment_ms));
    }

    /// Moves the playhead to `now`.
    pub fn advance(&mut self, now: Instant) {
        self.picture.advance(self.shown(now));
    }

    /// Where it is.
    #[must_use]
    pub fn playhead(&self) -> Playhead {
        self.picture.playhead()
    }

    /// The place of the segment that it plays next after what it has.
    #[must_use]
    pub fn next(&self) -> usize {
        self.next
    }

    /// A segment is on its way.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.loading
    }

    /// Goes on in another rendition, as soon as it has its playlist: `beside` gives the places that show the same there.
    pub fn turn(&mut self, beside: impl Fn(usize) -> usize) {
        // Whatever that playlist lists is news.
        let first = beside(self.listed.start);
        self.listed = first..first + 1;
        self.next = beside(self.next);
        self.turning = true;
    }

    /// The places that the playlist lists, as far as it knows.
    #[must_use]
    pub fn listed(&self) -> Range<usize> {
        self.listed.clone()
    }

    /// How often it gave up its place because the playlist had moved past it.
    #[must_use]
    pub fn jumps(&self) -> u32 {
        self.jumps
    }

    /// What its picture lived through until `now`.
    #[must_use]
    pub fn life(&self, now: Instant) -> Life {
        self.picture.life(self.shown(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: u64) -> Instant {
        Instant::from_millis(ms)
    }

    fn started() -> Player {
        let mut player = Player::new(2_000);
        player.on_playlist(at(0), 0..6, StreamTime(0));
        assert_eq!(player.poll_want(), Some(3));
        player.on_segment(at(100), 3, StreamTime(6_000));
        player
    }

    #[test]
    fn playback_starts_three_segments_behind_the_playlists_end() {
        let player = started();
        assert_eq!(player.playhead().at, StreamTime(6_000));
        assert_eq!(player.life(at(100)).first_frame, Some(at(100)));
    }

    #[test]
    fn one_segment_is_loaded_at_a_time_in_order() {
        let mut player = started();
        assert_eq!(player.poll_want(), Some(4));
        assert_eq!(player.poll_want(), None);
        player.on_segment(at(200), 4, StreamTime(8_000));
        assert_eq!(player.poll_want(), Some(5));
        player.on_segment(at(300), 5, StreamTime(10_000));
        assert_eq!(player.poll_want(), None, "the playlist has no more");
    }

    #[test]
    fn a_playlist_that_has_moved_on_makes_the_player_jump() {
        let mut player = started();
        player.advance(at(30_000));
        player.on_playlist(at(30_000), 12..18, StreamTime(24_000));
        assert_eq!(player.poll_want(), Some(15));
        player.on_segment(at(30_100), 15, StreamTime(30_000));
        assert_eq!(player.playhead().at, StreamTime(30_000));
        assert_eq!(player.jumps(), 1);
    }

    #[test]
    fn a_player_that_turns_to_another_rendition_goes_on_there_once_it_has_its_playlist() {
        let mut player = started();
        player.turn(|place| place + 100);
        assert_eq!(player.poll_want(), None, "it has no playlist yet");
        player.on_playlist(at(200), 100..106, StreamTime(0));
        assert_eq!(player.poll_want(), Some(104));
        player.on_segment(at(300), 104, StreamTime(8_000));
        player.advance(at(3_100));
        assert_eq!(player.playhead().at, StreamTime(9_000));
        assert_eq!((player.life(at(3_100)).stalls, player.jumps()), (0, 0));
    }

    #[test]
    fn a_picture_whose_page_slept_goes_on_where_it_was_and_that_is_no_stall() {
        let mut player = started();
        player.pause(at(1_100));
        player.advance(at(100_000));
        assert_eq!(player.playhead().at, StreamTime(7_000));
        player.resume(at(200_100));
        player.advance(at(200_600));
        assert_eq!(player.playhead().at, StreamTime(7_500));
        assert_eq!(player.life(at(200_600)).stalls, 0);
        player.advance(at(201_700));
        assert_eq!(player.life(at(201_700)).stalls, 1, "it had a second of media left");
        assert_eq!(player.life(at(201_700)).stalled, Duration::from_millis(600));
    }

    #[test]
    fn an_unchanged_playlist_is_polled_again_after_half_the_time() {
        let mut player = Player::new(2_000);
        assert_eq!(player.on_playlist(at(0), 0..6, StreamTime(0)), Duration::from_secs(2));
        assert_eq!(player.on_playlist(at(2_000), 0..6, StreamTime(0)), Duration::from_secs(1));
    }
}
