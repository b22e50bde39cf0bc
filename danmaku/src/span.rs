//! A stretch of a row, moving or still, for as long as its line lives: and whether two of them ever meet.

use core::ops::{Add, Sub};

use protocol::time::{Duration, Instant};

/// A place or a length on the stage: pixels in 32.32 fixed point, so that every machine computes the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pixels(i64);

impl Pixels {
    /// Whole pixels.
    #[must_use]
    pub const fn whole(pixels: u32) -> Self {
        Self((pixels as i64) << 32)
    }

    /// Half of it.
    #[must_use]
    pub const fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// In pixels, for drawing.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a screen is 2^14 pixels wide: 2^-38 of a pixel is lost")]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 4_294_967_296.0
    }
}

impl Add for Pixels {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Pixels {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// What a line covers of its row: from `start` to `end`, its left edge `left` at the start, moving left at an even speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    left: Pixels,
    width: Pixels,
    /// Pixels (32.32) in a microsecond.
    speed: i64,
    start: Instant,
    end: Instant,
}

impl Span {
    /// Stands still, its left edge at `left`.
    #[must_use]
    pub fn still(left: Pixels, width: Pixels, start: Instant, hold: Duration) -> Self {
        Self { left, width, speed: 0, start, end: start + hold }
    }

    /// Moves left from `left` until it has left the stage, at the speed of `distance` in `time`.
    ///
    /// # Panics
    /// Never: a time of zero is taken as a microsecond.
    #[must_use]
    pub fn moving(left: Pixels, width: Pixels, start: Instant, distance: Pixels, time: Duration) -> Self {
        let micros = time.as_micros().cast_signed().max(1);
        let speed = (distance.0 / micros).max(1);
        let way = left.0.saturating_add(width.0).max(0);
        let life = way / speed + i64::from(way % speed != 0);
        Self { left, width, speed, start, end: start + Duration::from_micros(life.cast_unsigned()) }
    }

    /// When it is over: a moving span has left the stage then.
    #[must_use]
    pub const fn end(&self) -> Instant {
        self.end
    }

    /// Its left edge then.
    #[must_use]
    pub fn left(&self, at: Instant) -> Pixels {
        let micros = at.since(self.start).as_micros().cast_signed();
        Pixels(self.left.0.saturating_sub(self.speed.saturating_mul(micros)))
    }

    /// Its right edge then.
    #[must_use]
    pub fn right(&self, at: Instant) -> Pixels {
        self.left(at) + self.width
    }

    /// Whether the two come nearer than `gap` to each other while both live.
    ///
    /// Edges move evenly, so the distance between them is a straight line over time: where it is wide enough at both
    /// ends of the time they share, on the same side, it is wide enough all the time. Exact, in integers.
    #[must_use]
    pub fn meets(&self, other: &Self, gap: Pixels) -> bool {
        let (from, to) = (self.start.max(other.start), self.end.min(other.end));
        let behind =
            |one: &Self, two: &Self| [from, to].iter().all(|&at| two.right(at) + gap <= one.left(at));
        from < to && !behind(self, other) && !behind(other, self)
    }

    /// The same line from `at` on, as wide as `width` from now on, at its own speed.
    #[must_use]
    pub fn resumed(&self, at: Instant, width: Pixels) -> Self {
        self.moved_to(self.left(at), width, at)
    }

    /// The same line from `at` on, from another place, as wide as `width` from now on.
    #[must_use]
    pub fn moved_to(&self, left: Pixels, width: Pixels, at: Instant) -> Self {
        if self.speed == 0 {
            return Self { left, width, start: at, ..*self };
        }
        Self::moving(left, width, at, Pixels(self.speed), Duration::from_micros(1))
    }

    /// The same line, faster or slower from its start on by `to` for every `from` of its speed.
    #[must_use]
    pub fn at_speed(&self, to: u32, from: u32) -> Self {
        if !self.is_moving() || to == from {
            return *self;
        }
        let speed = (self.speed.saturating_mul(i64::from(to)) / i64::from(from.max(1))).max(1);
        Self::moving(self.left, self.width, self.start, Pixels(speed), Duration::from_micros(1))
    }

    /// The same line from `at` on, pushed back until it is behind `ahead`, and no faster.
    #[must_use]
    pub fn pushed_behind(&self, ahead: &Self, gap: Pixels, at: Instant) -> Self {
        let left = self.left(at).max(ahead.right(at) + gap);
        let speed = self.speed.min(ahead.speed).max(1);
        Self::moving(left, self.width, at, Pixels(speed), Duration::from_micros(1))
    }

    /// Whether it moves.
    #[must_use]
    pub const fn is_moving(&self) -> bool {
        self.speed > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Pixels = Pixels::whole(8);

    fn moving(width: u32, start_ms: u64) -> Span {
        let (stage, width) = (Pixels::whole(1_000), Pixels::whole(width));
        Span::moving(stage, width, Instant::from_millis(start_ms), stage + width, Duration::from_secs(8))
    }

    fn still(left: u32, width: u32, start_ms: u64) -> Span {
        let (left, width) = (Pixels::whole(left), Pixels::whole(width));
        Span::still(left, width, Instant::from_millis(start_ms), Duration::from_secs(4))
    }

    #[test]
    fn spans_meet_exactly_where_they_come_too_near() {
        // 100 px wide: 1,100 px in 8 s, so its tail is 8 px inside the stage after 786 ms.
        let rows = [
            ("at the same moment", moving(100, 0), moving(100, 0), true),
            ("before the tail is in", moving(100, 0), moving(100, 785), true),
            ("after the tail is in", moving(100, 0), moving(100, 787), false),
            ("a longer one is faster and catches up", moving(100, 0), moving(500, 787), true),
            ("a longer one that starts late enough", moving(100, 0), moving(500, 2_800), false),
            ("a shorter one never catches up", moving(500, 0), moving(100, 3_000), false),
            ("still lines in one place", still(400, 200, 0), still(450, 200, 1_000), true),
            ("one after the other", still(400, 200, 0), still(450, 200, 4_000), false),
            ("side by side", still(100, 200, 0), still(308, 200, 0), false),
            ("side by side, too near", still(100, 200, 0), still(307, 200, 0), true),
            ("a line runs into a still one", still(400, 200, 0), moving(100, 0), true),
            ("a line gets there when the still one is gone", still(400, 200, 0), moving(100, 1_400), false),
            ("a still one where a line has passed", moving(100, 0), still(500, 200, 4_500), false),
        ];
        for (name, one, two, meets) in rows {
            assert_eq!(one.meets(&two, GAP), meets, "{name}");
            assert_eq!(two.meets(&one, GAP), meets, "{name}, the other way round");
        }
    }

    #[test]
    fn a_moving_span_ends_when_it_has_left_the_stage() {
        let span = moving(100, 1_000);
        let before = Instant(span.end().0 - 1_000);
        assert!(span.right(span.end()) <= Pixels::default());
        assert!(span.right(before) > Pixels::default());
    }

    #[test]
    fn a_span_goes_on_from_where_it_is() {
        let span = moving(100, 0);
        let at = Instant::from_millis(3_000);
        let resumed = span.resumed(at, Pixels::whole(100));
        assert_eq!(resumed.left(at), span.left(at));
        assert_eq!(resumed.end(), span.end());
        let later = Instant::from_millis(5_000);
        assert_eq!(resumed.left(later), span.left(later));
    }

    #[test]
    fn a_span_pushed_behind_another_never_meets_it() {
        let (ahead, at) = (moving(100, 0), Instant::from_millis(500));
        let behind = moving(500, 400);
        assert!(behind.meets(&ahead, GAP));
        assert!(!behind.pushed_behind(&ahead, GAP, at).meets(&ahead, GAP));
    }
}
