//! What came out.

use std::time::Duration;

use serde_json::json;

/// Delays in steps of a tenth of a millisecond, up to twenty seconds.
#[derive(Clone, Debug)]
pub(crate) struct Delay {
    steps: Vec<u32>,
}

const STEP: Duration = Duration::from_micros(100);
const STEPS: usize = 200_000;

impl Default for Delay {
    fn default() -> Self {
        Self { steps: vec![0; STEPS] }
    }
}

impl Delay {
    pub(crate) fn add(&mut self, delay: Duration) {
        let step = usize::try_from(delay.as_micros() / STEP.as_micros()).unwrap_or(usize::MAX);
        if let Some(count) = self.steps.get_mut(step.min(STEPS - 1)) {
            *count += 1;
        }
    }

    /// The delay, in milliseconds, that so many of a thousand stay below.
    pub(crate) fn ms(&self, per_thousand: u64) -> f64 {
        let all: u64 = self.steps.iter().map(|count| u64::from(*count)).sum();
        let wanted = (all * per_thousand).div_ceil(1_000);
        let mut seen = 0;
        let step = self.steps.iter().position(|count| {
            seen += u64::from(*count);
            seen >= wanted
        });
        STEP.mul_f64((step.unwrap_or(STEPS) + 1) as f64).as_secs_f64() * 1_000.0
    }
}

/// Of one run.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) viewers: u64,
    /// Viewers that find no place of another's that went: what memory is divided by.
    pub(crate) new: u64,
    pub(crate) rooms: u64,
    pub(crate) expected: u64,
    pub(crate) pushed: u64,
    pub(crate) received: u64,
    pub(crate) disordered: u64,
    pub(crate) frames: u64,
    pub(crate) idle_bytes: u64,
    pub(crate) after_bytes: u64,
    pub(crate) join_cpu: Duration,
    pub(crate) push_cpu: Duration,
    pub(crate) delay: Delay,
}

impl Figures {
    /// Everything arrived, in order.
    pub(crate) const fn is_whole(&self) -> bool {
        self.received == self.expected && self.disordered == 0
    }

    fn per(&self, cpu: Duration, count: u64) -> f64 {
        cpu.as_secs_f64() * 1e6 / count.max(1) as f64
    }

    fn kib_each(&self, bytes: u64) -> f64 {
        bytes as f64 / 1_024.0 / self.new.max(1) as f64
    }

    fn rows(&self) -> [(&'static str, f64); 14] {
        [
            ("viewers", self.viewers as f64),
            ("rooms", self.rooms as f64),
            ("messages_pushed", self.pushed as f64),
            ("deliveries_expected", self.expected as f64),
            ("deliveries", self.received as f64),
            ("out_of_order", self.disordered as f64),
            ("messages_per_frame", self.received as f64 / self.frames.max(1) as f64),
            ("server_kib_per_idle_viewer", self.kib_each(self.idle_bytes)),
            ("server_kib_per_viewer_afterwards", self.kib_each(self.after_bytes)),
            ("server_us_per_join", self.per(self.join_cpu, self.viewers)),
            ("server_us_per_delivery", self.per(self.push_cpu, self.received)),
            ("server_us_per_frame", self.per(self.push_cpu, self.frames)),
            ("delay_ms_p50", self.delay.ms(500)),
            ("delay_ms_p99", self.delay.ms(990)),
        ]
    }

    /// For people.
    pub(crate) fn table(&self) -> String {
        let rows = self.rows().map(|(name, value)| format!("{name:<34}{value:>14.2}"));
        rows.join("\n")
    }

    /// For programs.
    pub(crate) fn json(&self) -> String {
        let rows = self.rows().map(|(name, value)| (name.to_owned(), json!(value)));
        serde_json::Value::Object(rows.into_iter().collect()).to_string()
    }
}
