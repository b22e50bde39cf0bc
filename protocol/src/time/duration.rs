//! Spans of time, as one number of microseconds.

use core::iter::Sum;
use core::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};

/// A span of time, in microseconds: 64 bits count 584,000 years of them.
///
/// `core::time::Duration` counts seconds and nanoseconds apart and turns into anything else by 128-bit arithmetic; in the
/// browser's module that is 3 KB (brotli).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

impl Duration {
    /// No time.
    pub const ZERO: Self = Self(0);
    /// The longest.
    pub const MAX: Self = Self(u64::MAX);

    /// So many microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// So many milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis).saturating_mul(1_000)
    }

    /// So many seconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs).saturating_mul(1_000_000)
    }

    /// In microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// In whole milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// In whole seconds.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000
    }

    /// In seconds.
    #[must_use]
    pub const fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Both together, at most [`Self::MAX`].
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left of `self`, at least nothing.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// So many times, at most [`Self::MAX`]. In halves: of 64 bits by 64, wasm32 makes 128.
    #[must_use]
    pub const fn saturating_mul(self, times: u32) -> Self {
        let high = (self.0 >> 32) * times as u64;
        let low = (self.0 & u32::MAX as u64) * times as u64;
        if high >> 32 == 0 { Self((high << 32).saturating_add(low)) } else { Self::MAX }
    }

    /// What is left of `self`; `None` where `other` is longer.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Duration {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl SubAssign for Duration {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Mul<u32> for Duration {
    type Output = Self;
    fn mul(self, times: u32) -> Self {
        self.saturating_mul(times)
    }
}

impl Div<u32> for Duration {
    type Output = Self;
    fn div(self, parts: u32) -> Self {
        Self(self.0 / u64::from(parts.max(1)))
    }
}

impl Sum for Duration {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        spans.fold(Self::ZERO, Self::saturating_add)
    }
}

impl From<Duration> for core::time::Duration {
    fn from(span: Duration) -> Self {
        Self::from_micros(span.0)
    }
}

impl From<core::time::Duration> for Duration {
    fn from(span: core::time::Duration) -> Self {
        Self(u64::try_from(span.as_micros()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_stops_at_the_ends_and_never_wraps() {
        let second = Duration::from_secs(1);
        assert_eq!(second - Duration::from_millis(1_500), Duration::ZERO);
        assert_eq!(Duration::MAX + second, Duration::MAX);
        assert_eq!(Duration::MAX * 2, Duration::MAX);
        assert_eq!(second.checked_sub(Duration::from_micros(1_000_001)), None);
        assert_eq!(second / 0, second);
        assert_eq!(Duration::from_secs(u64::MAX), Duration::MAX);
    }

    #[test]
    fn a_span_survives_the_way_to_std_and_back() {
        for micros in [0, 1, 999_999, 1_000_001, u64::MAX] {
            let span = Duration::from_micros(micros);
            assert_eq!(Duration::from(core::time::Duration::from(span)), span);
        }
        assert_eq!(Duration::from(core::time::Duration::MAX), Duration::MAX);
    }
}
