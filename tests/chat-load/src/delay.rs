//! Delays of very many messages, in steps of a tenth of a millisecond, up to twenty seconds.

use std::time::Duration;

const STEP: Duration = Duration::from_micros(100);
const STEPS: usize = 200_000;

/// A histogram.
#[derive(Clone, Debug)]
pub(crate) struct Delays {
    steps: Vec<u32>,
}

impl Default for Delays {
    fn default() -> Self {
        Self { steps: vec![0; STEPS] }
    }
}

impl Delays {
    /// One more.
    pub(crate) fn add(&mut self, delay: Duration) {
        let step = usize::try_from(delay.as_micros() / STEP.as_micros()).unwrap_or(usize::MAX);
        if let Some(count) = self.steps.get_mut(step.min(STEPS - 1)) {
            *count += 1;
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.steps.iter().map(|count| u64::from(*count)).sum()
    }

    /// The delay, in milliseconds, that so many of a thousand stay below; not a number where there is none.
    pub(crate) fn ms(&self, per_thousand: u64) -> f64 {
        let all = self.count();
        if all == 0 {
            return f64::NAN;
        }
        let wanted = (all * per_thousand).div_ceil(1_000);
        let mut seen = 0;
        let step = self.steps.iter().position(|count| {
            seen += u64::from(*count);
            seen >= wanted
        });
        STEP.mul_f64((step.unwrap_or(STEPS) + 1) as f64).as_secs_f64() * 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_upper_ends_of_their_steps() {
        let mut delays = Delays::default();
        assert!(delays.ms(500).is_nan());
        (1..=1_000).for_each(|ms| delays.add(Duration::from_millis(ms)));
        for (per_thousand, ms) in [(500, 500.1), (990, 990.1), (1_000, 1_000.1)] {
            assert!((delays.ms(per_thousand) - ms).abs() < 1e-6, "{per_thousand}");
        }
        delays.add(Duration::from_secs(100));
        assert!((delays.ms(1_000) - 20_000.0).abs() < 1e-6);
    }
}
