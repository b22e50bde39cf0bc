//! Scenarios: worlds as data, by name. A scenario, a seed and a commit give one result.

use protocol::time::{Duration, Instant};

use crate::random::{Purpose, Random};

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
    /// Blocks travel between viewers; without, this is the control.
    pub p2p: bool,
    /// What is streamed.
    pub stream: StreamPlan,
    /// When viewers come.
    pub arrivals: Arrivals,
    /// What their networks do.
    pub network: Network,
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
    /// Bytes of a segment, on average.
    pub segment_bytes: u32,
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
}

/// Names that [`named`] knows.
pub const NAMES: [&str; 13] = [
    "clean",
    "together",
    "busy",
    "frozen",
    "capped",
    "lossy",
    "late-join",
    "churn-small",
    "liar",
    "tracker-down",
    "tracker-lost",
    "origin-brownout",
    "chaos",
];

/// When the first viewers come: a playlist is full by then.
const DOORS_MS: u64 = 20_000;
/// From the doors to the window: links are open and buffers full.
const WARM_MS: u64 = 20_000;
/// After the window the world goes on, so that what was published in it is spent.
pub const TAIL: Duration = Duration::from_secs(14);

/// The scenario of this name, for so many viewers, judged over so many seconds.
#[must_use]
pub fn named(name: &str, viewers: u32, seconds: u32, seed: u64) -> Option<Scenario> {
    let base = base(viewers, seconds, seed);
    let window = base.window;
    let scenario = match name {
        "clean" => base,
        "together" => together(base),
        "busy" => Scenario {
            name: "busy",
            about: "pages that share a machine too small for them: every event up to 80 ms late",
            network: Network { lag_ms: 80, ..base.network },
            ..base
        },
        "frozen" => Scenario {
            name: "frozen",
            about: "every page stands still for three seconds, every twenty",
            frozen: (0..u64::from(seconds) / 20)
                .map(|round| Span::millis(DOORS_MS + WARM_MS + 10_000 + round * 20_000, 3_000))
                .collect(),
            ..base
        },
        "capped" => capped(base),
        "lossy" => lossy(base),
        "late-join" => late_join(base),
        "churn-small" => Scenario {
            name: "churn-small",
            about: "half of the viewers leave in mid-block, and others come in their place",
            crowd: Crowd { turnover: viewers / 2, ..base.crowd },
            ..base
        },
        "liar" => Scenario {
            name: "liar",
            about: "one viewer sends wrong bytes, always",
            crowd: Crowd { liars: 1, ..base.crowd },
            ..base
        },
        "tracker-down" => Scenario {
            name: "tracker-down",
            about: "the tracker never answers",
            tracker_down: vec![Span { from: Instant::ZERO, until: Instant::NEVER }],
            ..base
        },
        "tracker-lost" => Scenario {
            name: "tracker-lost",
            about: "the tracker goes down when everybody is connected, and does not come back",
            tracker_down: vec![Span { from: window.from, until: Instant::NEVER }],
            ..base
        },
        "origin-brownout" => origin_brownout(base, window),
        "chaos" => chaos(origin_brownout(late_join(base), window)),
        _ => return None,
    };
    Some(scenario)
}

fn base(viewers: u32, seconds: u32, seed: u64) -> Scenario {
    Scenario {
        name: "clean",
        about: "nothing goes wrong; viewers poll the playlist each at its own time",
        seed,
        viewers,
        p2p: true,
        stream: StreamPlan {
            segment_bytes: 208_000,
            jitter_percent: 12,
            segment_ms: 2_000,
            fragment_ms: 200,
            listed: 6,
        },
        arrivals: Arrivals {
            doors: Instant::from_millis(DOORS_MS),
            spread: Duration::from_millis(2_000),
            late: 0,
            late_from: Instant::NEVER,
            late_spread: Duration::ZERO,
        },
        network: Network { rtt_ms: (1, 20), uplink: WIDE, downlink: WIDE, loss: 0, lag_ms: 4 },
        origin: OriginPlan { rtt_ms: 20, rate: None, brownout: None, failing: None },
        tracker_down: Vec::new(),
        frozen: Vec::new(),
        crowd: Crowd::default(),
        window: Span::millis(DOORS_MS + WARM_MS, u64::from(seconds) * 1_000),
    }
}

fn together(base: Scenario) -> Scenario {
    Scenario {
        name: "together",
        about: "nothing goes wrong, but all viewers poll the playlist within 50 ms",
        arrivals: Arrivals { spread: Duration::from_millis(50), ..base.arrivals },
        ..base
    }
}

fn capped(base: Scenario) -> Scenario {
    let bitrate = bitrate(&base.stream);
    Scenario {
        name: "capped",
        about: "uplinks of 1.2 times the bitrate and 2 % of packets lost",
        network: Network {
            rtt_ms: (1, 4),
            uplink: Rate(bitrate.0 * 12 / 10),
            downlink: Rate(50_000_000),
            loss: 20_000,
            lag_ms: 4,
        },
        ..base
    }
}

fn lossy(base: Scenario) -> Scenario {
    Scenario {
        name: "lossy",
        about: "ordinary households: 10 Mbit/s up, 50 down, 40 ms apart, 1 % of packets lost",
        network: Network {
            rtt_ms: (30, 50),
            uplink: Rate(10_000_000),
            downlink: Rate(50_000_000),
            loss: 10_000,
            lag_ms: 4,
        },
        ..base
    }
}

fn late_join(base: Scenario) -> Scenario {
    Scenario {
        name: "late-join",
        about: "a quarter of the viewers come one after another while the others watch",
        arrivals: Arrivals {
            late: (base.viewers / 4).max(1),
            late_from: base.window.from,
            late_spread: base.window.until.since(base.window.from) / 2,
            ..base.arrivals
        },
        ..base
    }
}

fn origin_brownout(base: Scenario, window: Span) -> Scenario {
    let needed = bitrate(&base.stream).0 * u64::from(base.viewers);
    let third = window.until.since(window.from) / 3;
    let slow = Span { from: window.from + third, until: window.from + third + Duration::from_secs(20) };
    let fails = Span { from: slow.until, until: slow.until + Duration::from_secs(10) };
    Scenario {
        name: "origin-brownout",
        about: "the origin gives half of what the control needs for 20 s, then fails for 10 s",
        origin: OriginPlan { brownout: Some((slow, Rate(needed / 2))), failing: Some(fails), ..base.origin },
        ..base
    }
}

/// Everything at once, how much of each drawn from the seed: no figure is expected of it but that every rule is kept.
fn chaos(base: Scenario) -> Scenario {
    let mut random = Random::new(base.seed, Purpose::Scenario, 0);
    let down = Span::millis(base.window.from.0 / 1_000 + random.below(10_000), random.below(20_000));
    Scenario {
        name: "chaos",
        about: "everything at once, how much of each drawn from the seed",
        network: Network {
            rtt_ms: (1, random.within(2, 200)),
            uplink: Rate(random.within(200_000, 5_000_000)),
            downlink: Rate(random.within(2_000_000, 20_000_000)),
            loss: u32::try_from(random.below(50_000)).unwrap_or(0),
            lag_ms: random.within(1, 200),
        },
        tracker_down: vec![down],
        crowd: Crowd { liars: 1, turnover: base.viewers / 2 },
        ..base
    }
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
        Self { p2p: false, ..self.clone() }
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
            let scenario = named(name, 8, 60, 1).expect(name);
            assert_eq!(scenario.name, name);
            assert!(scenario.window.from > scenario.arrivals.doors);
        }
        assert!(named("paradise", 8, 60, 1).is_none());
    }

    #[test]
    fn a_rate_says_how_long_bytes_take() {
        assert_eq!(Rate(8_000).span(1_000), Duration::from_secs(1));
        assert_eq!(bitrate(&named("clean", 2, 60, 1).expect("known").stream), Rate(832_000));
    }
}
