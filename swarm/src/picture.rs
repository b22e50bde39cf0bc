//! A picture that moves without a video element: media is appended, the picture moves through it, runs dry, and goes on
//! when more comes. For shells that drive an engine and have no page: they decide what to load, and when.
//!
//! The numbers are hls.js's defaults, because a page's player is what they stand in for.

use protocol::time::{Duration, Instant, StreamTime};

use crate::io::Playhead;

/// Segments behind the playlist's end at which a viewer starts (hls.js, `liveSyncDurationCount`).
pub const START_BEHIND: usize = 3;
/// Media ahead of the picture past which nothing more is loaded (hls.js, `maxBufferLength`), in milliseconds.
const AHEAD_MS: i64 = 30_000;

/// A picture.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    state: State,
    position: StreamTime,
    /// When it was there.
    since: Instant,
    buffered_until: StreamTime,
    life: Life,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the first frame.
    #[default]
    Starting,
    Moving,
    /// Dry since then.
    Dry(Instant),
    /// The stream has ended, and everything of it was shown.
    Over,
}

/// What a picture lived through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// When the first frame was shown.
    pub first_frame: Option<Instant>,
    /// How often it ran dry.
    pub stalls: u32,
    /// How long it was dry, all told.
    pub stalled: Duration,
}

impl Picture {
    /// Playback is to start here, where nothing has been shown yet.
    pub fn place(&mut self, at: StreamTime) {
        (self.position, self.buffered_until) = (at, at);
    }

    /// Media from `start` to `end` was appended. Where it does not join what was there, playback resumes at its start.
    pub fn append(&mut self, now: Instant, start: StreamTime, end: StreamTime) {
        self.advance(now);
        if self.buffered_until < start {
            self.position = start;
        }
        self.buffered_until = end;
        match self.state {
            State::Starting => self.life.first_frame = Some(now),
            State::Dry(since) => self.life.stalled += now.since(since),
            State::Over => {}
            State::Moving => return,
        }
        (self.state, self.since) = (State::Moving, now);
    }

    /// The stream has ended: a picture that is dry has nothing to wait for.
    pub fn end(&mut self) {
        if let State::Dry(_) = self.state {
            self.state = State::Over;
        }
    }

    /// Moves it to `now`.
    pub fn advance(&mut self, now: Instant) {
        if self.state != State::Moving {
            return;
        }
        let left = self.buffered_until.millis_since(self.position).unsigned_abs();
        let dry = self.since + Duration::from_millis(left);
        if now < dry {
            // Whole milliseconds only, so that nothing is lost in rounding.
            let played = now.since(self.since).as_millis();
            self.position = self.position.plus_millis(played);
            self.since = self.since + Duration::from_millis(played);
        } else {
            (self.position, self.since, self.state) = (self.buffered_until, dry, State::Dry(dry));
            self.life.stalls += 1;
        }
    }

    /// Where it is, for the engine. A picture that waits for media counts as playing: it is not paused.
    #[must_use]
    pub fn playhead(&self) -> Playhead {
        let playing = matches!(self.state, State::Moving | State::Dry(_));
        Playhead { at: self.position, buffered_until: self.buffered_until, playing }
    }

    /// Whether it moves.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.state == State::Moving
    }

    /// Whether as much lies ahead of it as a player loads.
    #[must_use]
    pub const fn has_enough(&self) -> bool {
        self.buffered_until.millis_since(self.position) >= AHEAD_MS
    }

    /// What it lived through up to `now`: a stall that goes on is in it.
    #[must_use]
    pub fn life(&self, now: Instant) -> Life {
        let dry = match self.state {
            State::Dry(since) => now.since(since),
            State::Starting | State::Moving | State::Over => Duration::ZERO,
        };
        Life { stalled: self.life.stalled.saturating_add(dry), ..self.life }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: u64) -> Instant {
        Instant::from_millis(ms)
    }

    /// It was placed at 6 s, and what is there up to 8 s came after 100 ms.
    fn started() -> Picture {
        let mut picture = Picture::default();
        picture.place(StreamTime(6_000));
        assert!(!picture.playhead().playing);
        picture.append(at(100), StreamTime(6_000), StreamTime(8_000));
        picture
    }

    #[test]
    fn it_moves_from_the_first_media_on() {
        let mut picture = started();
        assert_eq!(picture.life(at(100)).first_frame, Some(at(100)));
        picture.advance(at(900));
        let playhead = picture.playhead();
        assert_eq!((playhead.at.0, playhead.buffered_until.0, playhead.playing), (6_800, 8_000, true));
    }

    #[test]
    fn a_dry_picture_stalls_and_more_media_ends_the_stall() {
        let mut picture = started();
        picture.advance(at(5_100));
        assert_eq!((picture.playhead().at, picture.is_moving()), (StreamTime(8_000), false));
        assert_eq!(picture.life(at(5_100)).stalled, Duration::from_secs(3));
        picture.append(at(6_100), StreamTime(8_000), StreamTime(10_000));
        picture.advance(at(7_100));
        assert_eq!(picture.playhead().at, StreamTime(9_000), "nothing is skipped");
        let life = picture.life(at(7_100));
        assert_eq!((life.stalls, life.stalled), (1, Duration::from_secs(4)));
    }

    #[test]
    fn media_that_does_not_join_is_where_playback_resumes() {
        let mut picture = started();
        picture.append(at(30_000), StreamTime(40_000), StreamTime(42_000));
        assert_eq!(picture.playhead().at, StreamTime(40_000));
    }

    #[test]
    fn half_a_minute_ahead_is_enough() {
        let mut picture = started();
        picture.append(at(100), StreamTime(8_000), StreamTime(35_999));
        assert!(!picture.has_enough());
        picture.append(at(100), StreamTime(35_999), StreamTime(36_000));
        assert!(picture.has_enough());
    }

    #[test]
    fn the_end_of_a_stream_is_no_stall_that_goes_on() {
        let mut picture = started();
        picture.end();
        assert!(picture.is_moving(), "there is still something to show");
        picture.advance(at(3_000));
        picture.end();
        assert_eq!(picture.life(at(90_000)).stalled, Duration::ZERO);
        assert!(!picture.playhead().playing);
        picture.append(at(90_000), StreamTime(8_000), StreamTime(10_000));
        assert!(picture.is_moving(), "it goes on after all");
    }
}
