//! When a viewer announces again.
//!
//! Small swarms announce every 30 s, so that newcomers find each other soon; in large ones the interval grows so that
//! one swarm costs at most [`Interval::announces_per_s`], up to 120 s; when the whole tracker is busy, all of them grow
//! ([`super::load`]). Each reply shortens it by a random part, so that viewers who came in the same second do not come back
//! in the same second.

use core::num::NonZeroU32;

use rand_core::Rng;

use super::load::Load;

/// The rule of the announce interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Never sooner, in seconds, the random part aside.
    pub min_s: u32,
    /// Never later, in seconds.
    pub max_s: u32,
    /// Announces per second that one swarm may cost before its interval grows.
    pub announces_per_s: NonZeroU32,
    /// Announces per second of all swarms before every interval grows.
    pub announces_total_per_s: NonZeroU32,
}

const TOTAL_PER_S: NonZeroU32 = NonZeroU32::new(10_000).unwrap();
const ANNOUNCES_PER_S: NonZeroU32 = NonZeroU32::new(50).unwrap();
/// The random part: at most one tenth of the interval.
const JITTER_DIVISOR: u32 = 10;

impl Interval {
    /// 30 s (what bittorrent-tracker's client assumes until it is told) to 120 s (what the field's trackers tell);
    /// 50 announces per second are 1 to 2 % of one core, and let a swarm of 1,500 keep 30 s; 10,000 with an offer each
    /// are half a core.
    pub const DEFAULT: Self =
        Self { min_s: 30, max_s: 120, announces_per_s: ANNOUNCES_PER_S, announces_total_per_s: TOTAL_PER_S };

    /// Seconds until the next announce in a swarm of `size` peers, before the random part.
    #[must_use]
    pub fn base(&self, size: usize) -> u32 {
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        (size / self.announces_per_s).min(self.max_s).max(self.min_s)
    }

    /// Seconds until the next announce, with the random part; at least 1.
    pub fn draw(&self, size: usize, load: &Load, random: &mut impl Rng) -> u32 {
        let base = load.stretched(self.base(size)).min(self.max_s);
        let part = base / JITTER_DIVISOR;
        let shorter = (u64::from(random.next_u32()) * u64::from(part + 1)) >> u32::BITS;
        (base - shorter as u32).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::SeedableRng;
    use rand_pcg::Pcg32;

    #[test]
    fn the_interval_grows_with_the_swarm_between_its_bounds() {
        let rows = [
            (0, 30),
            (1, 30),
            (1_500, 30),
            (1_549, 30),
            (1_550, 31),
            (3_000, 60),
            (6_000, 120),
            (usize::MAX, 120),
        ];
        for (size, seconds) in rows {
            assert_eq!(Interval::DEFAULT.base(size), seconds, "swarm of {size}");
        }
    }

    #[test]
    fn the_random_part_is_at_most_a_tenth_and_reaches_both_ends() {
        let mut random = Pcg32::seed_from_u64(3);
        let draws: Vec<u32> =
            (0..1_000).map(|_| Interval::DEFAULT.draw(6_000, &Load::default(), &mut random)).collect();
        assert_eq!((draws.iter().min(), draws.iter().max()), (Some(&108), Some(&120)));
    }
}
