//! Scenarios: worlds as data, by name. A scenario, a seed and a commit give one result.

use protocol::time::{Duration, Instant};

mod large;
mod small;

/// A rate in bits per second of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(pub u64);

impl Rate {
    /// How long `bytes` take.
    #[must_use]
    pub fn span(self, bytes: u64) -> Duration {
        Duration::from_micros(bytes.saturating_mul(8_000_000).div_ceil(self.0.max(1)))
    }
}

/// A link that is never the reason for anything: one machine's own, where a pair of browsers moves 27 MB/s.
pub const WIDE: Rate = Rate(200_000_000);

/// A whole world, described.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it asks of the market, in a sentence.
    pub about: &'static str,
    /// The seed of everything random.
    pub seed: u64,
    /// How many viewers come, all told.
    pub viewers: u32,
    /// How segments reach viewers.
    pub delivery: Delivery,
    /// What is streamed.
    pub stream: StreamPlan,
    /// When viewers come.
    pub arrivals: Arrivals,
    /// What their networks do, where all are alike.
    pub network: Network,
    /// What kinds of people come; where there are none, `network` is everybody's.
    pub people: Vec<Class>,
    /// Where in the world they are; nowhere in particular where there are none.
    pub regions: &'static [Region],
    /// The link that some of them share.
    pub office: Option<Office>,
    /// What the origin can give.
    pub origin: OriginPlan,
    /// When the tracker does not answer.
    pub tracker_down: Vec<Span>,
    /// When every page stands still: the machine that they share has other things to do.
    pub frozen: Vec<Span>,
    /// What some viewers do.
    pub crowd: Crowd,
    /// Segments published in this span are judged.
    pub window: Span,
}

/// How segments reach viewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// By our engine.
    Market,
    /// As p2p-media-loader moves them (`rival.rs`).
    Rival,
    /// From the origin alone: the control.
    Plain,
}

/// A span of world time, its end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub from: Instant,
    /// The first moment after it.
    pub until: Instant,
}

impl Span {
    /// From `from_ms` for `length_ms`.
    #[must_use]
    pub const fn millis(from_ms: u64, length_ms: u64) -> Self {
        Self { from: Instant::from_millis(from_ms), until: Instant::from_millis(from_ms + length_ms) }
    }

    /// `moment` lies in it.
    #[must_use]
    pub fn holds(&self, moment: Instant) -> bool {
        self.from <= moment && moment < self.until
    }
}

/// What is streamed.
#[derive(Clone, Copy, Debug)]
pub struct StreamPlan {
    /// Bytes of a segment of the first rendition, on average.
    pub segment_bytes: u32,
    /// Of each rendition, how much of that a segment has, in percent.
    pub renditions: &'static [u32],
    /// How much a segment may be larger or smaller, in percent.
    pub jitter_percent: u32,
    /// Milliseconds of a segment: also the target duration.
    pub segment_ms: u32,
    /// Milliseconds of a fragment: what reaches the origin at once.
    pub fragment_ms: u32,
    /// Segments of a playlist.
    pub listed: u32,
}

/// When viewers come.
#[derive(Clone, Copy, Debug)]
pub struct Arrivals {
    /// The first of them.
    pub doors: Instant,
    /// The first viewers come spread over this span, and their polls stay so.
    pub spread: Duration,
    /// So many of them, the last ones, come late instead.
    pub late: u32,
    /// When the late ones begin to come.
    pub late_from: Instant,
    /// Over how long they come.
    pub late_spread: Duration,
}

/// What the networks of viewers do.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// Round trip between two viewers, from and to, in milliseconds.
    pub rtt_ms: (u64, u64),
    /// Each viewer's uplink, shared by all its links.
    pub uplink: Rate,
    /// Each viewer's downlink, shared by everything that it receives.
    pub downlink: Rate,
    /// Packets lost between two viewers, per million.
    pub loss: u32,
    /// How late a page's event loop may be with anything, in milliseconds.
    pub lag_ms: u64,
}

/// A kind of people.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// So many of a thousand.
    pub permille: u32,
    /// Uplinks, from and to, in kbit/s.
    pub up_kbit: (u64, u64),
    /// Downlinks.
    pub down_kbit: (u64, u64),
    /// Round trip between two of them in one region, in milliseconds.
    pub rtt_ms: (u64, u64),
    /// Packets lost on their access, per million.
    pub loss: u32,
    /// How much later than others a message may be, in milliseconds.
    pub jitter_ms: u64,
    /// Allowed to upload.
    pub uploads: bool,
    /// So many of a thousand behind each kind of [`crate::nat::Nat::ALL`].
    pub nats: [u32; 5],
}

/// A part of the world.
#[derive(Clone, Copy, Debug)]
pub struct Region {
    /// So many of a thousand live there.
    pub permille: u32,
    /// One way to each region, in milliseconds.
    pub to_ms: [u64; 3],
}

/// A link that the first viewers share on their way out.
#[derive(Clone, Copy, Debug)]
pub struct Office {
    /// So many of them.
    pub members: u32,
    /// Into the office.
    pub down: Rate,
    /// Out of it.
    pub up: Rate,
}

/// What the origin can give.
#[derive(Clone, Debug)]
pub struct OriginPlan {
    /// Round trip between the origin and a viewer, in milliseconds.
    pub rtt_ms: u64,
    /// All it can send; `None` where that is plenty.
    pub rate: Option<Rate>,
    /// When it can send less, and how much.
    pub brownout: Option<(Span, Rate)>,
    /// When each of its answers is a failure.
    pub failing: Option<Span>,
}

/// What some viewers do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Crowd {
    /// So many send wrong bytes: the first of those that come in time.
    pub liars: u32,
    /// So many leave in the midst of things, spread over the window, and as many come in their place.
    pub turnover: u32,
    /// So many of a thousand lie, each kind of [`crate::lies::Lie`] as many as the other.
    pub lying_permille: u32,
    /// All of these conspire.
    pub conspiracy: bool,
    /// Half of the viewers stay longer than this; others come in their place.
    pub stay: Option<Duration>,
    /// At once so many of a thousand leave, and come back after a while.
    pub exodus: Option<(Instant, u32, Duration)>,
    /// So many of a thousand change the rendition every now and then.
    pub switching_permille: u32,
    /// So many of a thousand are in the background half of the time.
    pub background_permille: u32,
    /// So many of a thousand are phones, which sleep for minutes every now and then.
    pub sleeping_permille: u32,
    /// The first so many are the operator's own peers: exempt from the cap, and no viewers.
    pub super_peers: u32,
}

/// Names that [`named`] knows.
pub const NAMES: [&str; 27] = [
    "broadband",
    "mixed",
    "capped",
    "flash-crowd",
    "churn",
    "hostile",
    "conspiracy",
    "tracker-down",
    "origin-brownout",
    "lan-office",
    "super-peers",
    "exodus",
    "ten-minutes",
    "switching",
    "sleepers",
    "clean",
    "together",
    "busy",
    "frozen",
    "lossy",
    "late-join",
    "churn-small",
    "liar",
    "tracker-never",
    "tracker-lost",
    "origin-fails",
    "chaos",
];

/// After the window the world goes on, so that what was published in it is spent.
pub const TAIL: Duration = Duration::from_secs(14);

/// The scenario of this name, for so many viewers, judged over so many seconds; each has a size and a length of its own
/// where none is given.
#[must_use]
pub fn named(name: &str, viewers: Option<u32>, seconds: Option<u32>, seed: u64) -> Option<Scenario> {
    large::named(name, viewers, seconds, seed)
        .or_else(|| small::named(name, viewers.unwrap_or(8), seconds.unwrap_or(120), seed))
}

/// The stream's mean rate.
#[must_use]
pub fn bitrate(plan: &StreamPlan) -> Rate {
    Rate(u64::from(plan.segment_bytes) * 8_000 / u64::from(plan.segment_ms.max(1)))
}

impl Scenario {
    /// The same world without P2P: plain HLS players.
    #[must_use]
    pub fn control(&self) -> Self {
        Self { delivery: Delivery::Plain, ..self.clone() }
    }

    /// The same world with the rival's players.
    #[must_use]
    pub fn rival(&self) -> Self {
        Self { delivery: Delivery::Rival, ..self.clone() }
    }

    /// For how many seconds of the stream viewers are judged.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.window.until.since(self.window.from).as_millis() / 1_000
    }

    /// The command that runs it again.
    #[must_use]
    pub fn replay(&self) -> String {
        let (name, viewers, seed) = (self.name, self.viewers, self.seed);
        let seconds = self.seconds();
        format!(
            "cargo run --release -p sim -- --viewers {viewers} --seconds {seconds} --seed {seed} --scenario {name}"
        )
    }

    /// When the world ends.
    #[must_use]
    pub fn end(&self) -> Instant {
        self.window.until + TAIL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_scenario_and_another_has_none() {
        for name in NAMES {
            let scenario = named(name, Some(8), Some(60), 1).expect(name);
            assert_eq!(scenario.name, name);
            assert!(scenario.window.from > scenario.arrivals.doors);
        }
        assert!(named("paradise", None, None, 1).is_none());
    }

    #[test]
    fn a_rate_says_how_long_bytes_take() {
        assert_eq!(Rate(8_000).span(1_000), Duration::from_secs(1));
        assert_eq!(bitrate(&named("clean", Some(2), Some(60), 1).expect("known").stream), Rate(832_000));
    }
}
