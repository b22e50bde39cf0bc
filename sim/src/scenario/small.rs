//! Small worlds: a handful of viewers who are all alike, each world with one thing that goes wrong.

use protocol::time::{Duration, Instant};

use super::{
    Arrivals, Crowd, Delivery, Network, OriginPlan, Rate, Scenario, Span, StreamPlan, WIDE, bitrate,
};
use crate::random::{Purpose, Random};

/// When the first viewers come: a playlist is full by then.
const DOORS_MS: u64 = 20_000;
/// From the doors to the window: links are open and buffers full.
const WARM_MS: u64 = 20_000;
/// The scenario of this name, for so many viewers, judged over so many seconds.
pub(super) fn named(name: &str, viewers: u32, seconds: u32, seed: u64) -> Option<Scenario> {
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
        "tracker-never" => Scenario {
            name: "tracker-never",
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
        "origin-fails" => failing_origin(base, window),
        "chaos" => chaos(failing_origin(late_join(base), window)),
        _ => return None,
    };
    Some(scenario)
}

pub(super) fn base(viewers: u32, seconds: u32, seed: u64) -> Scenario {
    Scenario {
        name: "clean",
        about: "nothing goes wrong; viewers poll the playlist each at its own time",
        seed,
        viewers,
        delivery: Delivery::Market,
        stream: StreamPlan {
            segment_bytes: 208_000,
            renditions: &[100],
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
        people: Vec::new(),
        regions: &[],
        office: None,
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

fn failing_origin(base: Scenario, window: Span) -> Scenario {
    let needed = bitrate(&base.stream).0 * u64::from(base.viewers);
    let third = window.until.since(window.from) / 3;
    let slow = Span { from: window.from + third, until: window.from + third + Duration::from_secs(20) };
    let fails = Span { from: slow.until, until: slow.until + Duration::from_secs(10) };
    Scenario {
        name: "origin-fails",
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
        crowd: Crowd { liars: 1, turnover: base.viewers / 2, ..base.crowd },
        ..base
    }
}
