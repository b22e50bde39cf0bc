//! Randomness of the world: one seed, and from it a stream of its own for everything that draws, so that a new draw in
//! one place never shifts the draws of another.

/// A small, fast, portable generator: SplitMix64 (Steele, Lea, Flood, 2014), integers only.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

/// What a stream of draws is for; together with an index it names the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Sizes of segments and fragments.
    Stream = 1,
    /// Where viewers live: delays and rates.
    Place = 2,
    /// When they come, and when their players poll.
    Arrival = 3,
    /// The seed of an engine.
    Engine = 4,
    /// Loss on links.
    Loss = 5,
    /// Delays of WebRTC's negotiation.
    Negotiation = 6,
    /// Whom the tracker introduces.
    Tracker = 7,
    /// Who comes and goes, who lies.
    Behaviour = 8,
    /// How late timers fire.
    Lag = 9,
    /// What a scenario leaves to the seed.
    Scenario = 10,
    /// Whose customers viewers are.
    Network = 11,
    /// How unevenly packets travel.
    Jitter = 12,
    /// What the rival draws.
    Rival = 13,
}

impl Random {
    /// The stream of draws for `purpose` number `index` in the world of `seed`.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        let mut random = Self { state: seed ^ (purpose as u64).rotate_left(56) ^ index.rotate_left(24) };
        // Two draws part neighbouring seeds from each other.
        random.next();
        random.state ^= index.wrapping_mul(0xd6e8_feb8_6659_fd93);
        random.next();
        random
    }

    /// Sixty-four random bits.
    #[expect(clippy::should_implement_trait, reason = "an endless source, not an iterator")]
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A number below `bound`; 0 where the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // Multiply and shift (Lemire): biased by less than 2⁻³² for the small bounds used here.
        let wide = u128::from(self.next()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True with `millionths` in a million.
    pub fn chance(&mut self, millionths: u32) -> bool {
        millionths > 0 && self.below(1_000_000) < u64::from(millionths)
    }
}

/// SplitMix64's finaliser: spreads every bit of `word` over all of them.
#[must_use]
pub fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Folds `bytes` and `words` into one running number: state hashes and stand-ins for digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold(pub u64);

impl Fold {
    /// Folds one word in.
    pub fn word(&mut self, word: u64) {
        self.0 = mix(self.0 ^ word.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }

    /// Folds bytes in, and how many they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    /// Spreads the number over 8 × `N` / 8 bytes.
    #[must_use]
    pub fn spread<const N: usize>(self) -> [u8; N] {
        let mut out = [0; N];
        for (index, chunk) in out.chunks_mut(8).enumerate() {
            let word = mix(self.0 ^ (index as u64 + 1).wrapping_mul(0xa076_1d64_78bd_642f)).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_another_purpose_something_else() {
        let draw = |seed, purpose, index| Random::new(seed, purpose, index).next();
        assert_eq!(draw(7, Purpose::Loss, 1), draw(7, Purpose::Loss, 1));
        assert_ne!(draw(7, Purpose::Loss, 1), draw(7, Purpose::Place, 1));
        assert_ne!(draw(7, Purpose::Loss, 1), draw(7, Purpose::Loss, 2));
        assert_ne!(draw(7, Purpose::Loss, 1), draw(8, Purpose::Loss, 1));
    }

    #[test]
    fn draws_stay_within_their_bounds_and_reach_both_ends() {
        let mut random = Random::new(1, Purpose::Stream, 0);
        let drawn: Vec<u64> = (0..1_000).map(|_| random.within(3, 6)).collect();
        assert_eq!(drawn.iter().min(), Some(&3));
        assert_eq!(drawn.iter().max(), Some(&6));
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn a_chance_comes_about_as_often_as_it_should() {
        let mut random = Random::new(2, Purpose::Loss, 0);
        let hits = (0..100_000).filter(|_| random.chance(20_000)).count();
        assert!((1_800..2_200).contains(&hits), "{hits}");
        assert!(!random.chance(0));
    }
}
