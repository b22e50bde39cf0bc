//! Where the player is, and from that when a segment falls due.

use protocol::time::{Duration, Instant, StreamTime};

use crate::io::Playhead;
use crate::limits::AHEAD_MS_MAX;

/// The player's position as last told.
#[derive(Debug, Default)]
pub(crate) struct Position {
    last: Option<(Playhead, Instant)>,
    /// The first frame has been shown.
    pub(crate) started: bool,
}

impl Position {
    pub(crate) const fn tell(&mut self, playhead: Playhead, now: Instant) {
        self.started |= playhead.playing;
        self.last = Some((playhead, now));
    }

    /// The stream time of the picture now, as far as it is known.
    pub(crate) fn at(&self, now: Instant) -> Option<StreamTime> {
        let (playhead, told) = self.last?;
        let played_ms = if playhead.playing { now.since(told).as_millis() } else { 0 };
        let until = playhead.buffered_until.max(playhead.at);
        Some(playhead.at.plus_millis(played_ms).min(until))
    }

    /// There is something to show, if it is not shown already.
    pub(crate) fn has_picture(&self) -> bool {
        self.started || self.last.is_some_and(|(playhead, _)| playhead.buffered_until > playhead.at)
    }

    /// Media is buffered up to here, as last told.
    pub(crate) fn buffered_until(&self) -> Option<StreamTime> {
        self.last.map(|(playhead, _)| playhead.buffered_until)
    }

    /// When the player runs dry if what starts at `start` is missing; `None` before the first frame.
    pub(crate) fn due(&self, start: StreamTime, now: Instant) -> Option<Instant> {
        let (playhead, told) = self.last.filter(|_| self.started)?;
        let from = if playhead.playing { told } else { now };
        let lead = start.millis_since(playhead.at);
        let lead_ms = Duration::from_millis(lead.unsigned_abs());
        Some(if lead < 0 { from.before(lead_ms) } else { from + lead_ms })
    }

    /// A segment with these ends is neither past nor too far ahead.
    pub(crate) fn in_reach(&self, start: StreamTime, end: StreamTime, now: Instant) -> bool {
        self.at(now).is_none_or(|at| end > at && start.millis_since(at) <= AHEAD_MS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_due_when_the_picture_reaches_it() {
        let mut position = Position::default();
        let now = Instant::from_millis(10_000);
        assert_eq!(position.due(StreamTime(5_000), now), None);
        let playhead = Playhead { at: StreamTime(2_000), buffered_until: StreamTime(4_000), playing: true };
        position.tell(playhead, now);
        assert_eq!(position.due(StreamTime(5_000), now), Some(Instant::from_millis(13_000)));
        assert_eq!(position.due(StreamTime(1_500), now), Some(Instant::from_millis(9_500)));
        assert_eq!(position.at(Instant::from_millis(11_000)), Some(StreamTime(3_000)));
        assert_eq!(position.at(Instant::from_millis(19_000)), Some(StreamTime(4_000)));
    }

    #[test]
    fn a_paused_player_has_all_the_time_it_had_when_it_paused() {
        let mut position = Position::default();
        let playhead = Playhead { at: StreamTime(2_000), buffered_until: StreamTime(4_000), playing: true };
        position.tell(playhead, Instant::ZERO);
        position.tell(Playhead { playing: false, ..playhead }, Instant::ZERO);
        let later = Instant::from_millis(60_000);
        assert_eq!(position.due(StreamTime(5_000), later), Some(Instant::from_millis(63_000)));
    }
}
