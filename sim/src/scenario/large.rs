//! Large worlds: people of several kinds, video of 2 Mbit/s, and what goes wrong for thousands at once.

use protocol::time::{Duration, Instant};

use super::{
    Arrivals, Class, Crowd, Network, Office, OriginPlan, Rate, Region, Scenario, Span, StreamPlan, bitrate,
    small,
};

/// When the doors open: a playlist is full by then.
const DOORS_MS: u64 = 16_000;
/// Everybody who is there from the start comes within this time.
const ENTRY_MS: u64 = 10_000;
/// From the doors to the window: links are open and buffers full.
const WARM_MS: u64 = 30_000;
/// Two seconds of video at 2 Mbit/s: nine blocks.
const SEGMENT_BYTES: u32 = 500_000;

/// Three parts of the world, and one way between them (public measurements of backbones put one way across a continent
/// at 10 to 20 ms, across an ocean at 35 to 50).
const REGIONS: &[Region] = &[
    Region { permille: 500, to_ms: [1, 12, 40] },
    Region { permille: 300, to_ms: [12, 1, 45] },
    Region { permille: 200, to_ms: [40, 45, 1] },
];

/// Households with good lines: ten times the bitrate up, or more.
const BROADBAND: Class = Class {
    permille: 1_000,
    up_kbit: (10_000, 50_000),
    down_kbit: (50_000, 250_000),
    rtt_ms: (10, 50),
    loss: 500,
    jitter_ms: 2,
    uploads: true,
    nats: [1_000, 0, 0, 0, 0],
};

/// What routers of households do: four in five pairs connect, as the field measures it.
const HOUSEHOLD_NATS: [u32; 5] = [180, 200, 450, 160, 10];

/// Half of them have good lines, three in ten weak ones, one in ten is on a phone and uploads nothing, and one in ten
/// does not want to upload.
const MIXED: [Class; 4] = [
    Class { permille: 500, nats: HOUSEHOLD_NATS, ..BROADBAND },
    Class {
        permille: 300,
        up_kbit: (600, 2_000),
        down_kbit: (8_000, 30_000),
        rtt_ms: (20, 80),
        loss: 2_000,
        jitter_ms: 15,
        nats: HOUSEHOLD_NATS,
        ..BROADBAND
    },
    Class {
        permille: 100,
        up_kbit: (2_000, 10_000),
        down_kbit: (10_000, 60_000),
        rtt_ms: (60, 160),
        loss: 5_000,
        jitter_ms: 40,
        uploads: false,
        nats: [0, 100, 300, 600, 0],
    },
    Class { permille: 100, uploads: false, nats: HOUSEHOLD_NATS, ..BROADBAND },
];

/// The scenario of this name; `None` where it is none of these.
pub(super) fn named(name: &str, viewers: Option<u32>, seconds: Option<u32>, seed: u64) -> Option<Scenario> {
    let world = |of: fn(Scenario) -> Scenario, default_viewers: u32, default_s: u32| {
        of(base(viewers.unwrap_or(default_viewers), seconds.unwrap_or(default_s), seed))
    };
    Some(match name {
        "broadband" => world(|base| base, 10_000, 90),
        "mixed" => world(mixed, 10_000, 90),
        "flash-crowd" => world(flash_crowd, 10_000, 60),
        "churn" => world(churn, 1_000, 450),
        "hostile" => world(hostile, 10_000, 90),
        "conspiracy" => world(conspiracy, 1_000, 90),
        "tracker-down" => world(tracker_down, 1_000, 450),
        "origin-brownout" => world(origin_brownout, 1_000, 120),
        "lan-office" => world(lan_office, 200, 90),
        "super-peers" => world(super_peers, 1_000, 90),
        "exodus" => world(exodus, 1_000, 120),
        "switching" => world(switching, 1_000, 120),
        "sleepers" => world(sleepers, 1_000, 300),
        "ten-minutes" => world(ten_minutes, 10_000, 600),
        _ => return None,
    })
}

fn base(viewers: u32, seconds: u32, seed: u64) -> Scenario {
    let base = small::base(viewers, seconds, seed);
    Scenario {
        name: "broadband",
        about: "households with ten times the bitrate up, in three parts of the world; 2 Mbit/s video",
        stream: StreamPlan { segment_bytes: SEGMENT_BYTES, ..base.stream },
        arrivals: Arrivals {
            doors: Instant::from_millis(DOORS_MS),
            spread: Duration::from_millis(ENTRY_MS),
            ..base.arrivals
        },
        people: vec![BROADBAND],
        regions: REGIONS,
        window: Span::millis(DOORS_MS + WARM_MS, u64::from(seconds) * 1_000),
        ..base
    }
}

fn mixed(base: Scenario) -> Scenario {
    Scenario {
        name: "mixed",
        about: "a fifth uploads nothing, three in ten have weak uplinks, routers as households have them, and a tenth \
                of the tabs is in the background half of the time",
        people: MIXED.to_vec(),
        crowd: Crowd { background_permille: 100, ..base.crowd },
        ..base
    }
}

fn super_peers(base: Scenario) -> Scenario {
    let mixed = mixed(base);
    Scenario {
        name: "super-peers",
        about: "the people of `mixed`, and one peer of the operator's own for each hundred, of 200 Mbit/s; those count \
                for no viewers",
        crowd: Crowd { super_peers: (mixed.viewers / 100).max(1), ..mixed.crowd },
        ..mixed
    }
}

fn flash_crowd(base: Scenario) -> Scenario {
    Scenario {
        name: "flash-crowd",
        about: "a hundredth of the viewers watch when all others come within 60 s; judged from the first of them on",
        arrivals: Arrivals {
            late: base.viewers - (base.viewers / 100).max(1),
            late_from: base.window.from,
            late_spread: Duration::from_secs(60),
            ..base.arrivals
        },
        ..base
    }
}

fn churn(base: Scenario) -> Scenario {
    Scenario {
        name: "churn",
        about: "half of the viewers stay less than four minutes, half of those vanish without a word; others come",
        crowd: Crowd { stay: Some(Duration::from_secs(240)), ..base.crowd },
        ..base
    }
}

fn hostile(base: Scenario) -> Scenario {
    Scenario {
        name: "hostile",
        about: "a fifth of the viewers lies, in eight ways; judged over the honest",
        crowd: Crowd { lying_permille: 200, ..base.crowd },
        ..base
    }
}

fn conspiracy(base: Scenario) -> Scenario {
    let crowd = Crowd { conspiracy: true, ..hostile(base.clone()).crowd };
    let about = "a fifth of the viewers serves its like and lies to all others; judged over the honest";
    Scenario { name: "conspiracy", about, crowd, ..base }
}

fn tracker_down(base: Scenario) -> Scenario {
    let from = base.arrivals.doors + Duration::from_secs(60);
    Scenario {
        name: "tracker-down",
        about: "the tracker dies a minute after the doors opened and returns five minutes later, knowing nobody",
        tracker_down: vec![Span { from, until: from + Duration::from_secs(300) }],
        ..base
    }
}

fn origin_brownout(base: Scenario) -> Scenario {
    let needed = bitrate(&base.stream).0 * u64::from(base.viewers);
    let from = base.window.from + Duration::from_secs(20);
    let slow = Span { from, until: from + Duration::from_secs(60) };
    Scenario {
        name: "origin-brownout",
        about: "for a minute the origin gives half of what the control needs",
        origin: OriginPlan { brownout: Some((slow, Rate(needed / 2))), ..base.origin },
        ..base
    }
}

fn lan_office(base: Scenario) -> Scenario {
    let spread = Duration::from_secs(60);
    Scenario {
        name: "lan-office",
        about: "an office that shares one line of 20 Mbit/s",
        people: Vec::new(),
        regions: &[],
        network: Network {
            rtt_ms: (1, 2),
            uplink: Rate(500_000_000),
            downlink: Rate(500_000_000),
            loss: 0,
            lag_ms: 4,
        },
        office: Some(Office { members: base.viewers, down: Rate(20_000_000), up: Rate(20_000_000) }),
        arrivals: Arrivals { spread, ..base.arrivals },
        window: Span { from: base.window.from + spread, until: base.window.until + spread },
        ..base
    }
}

fn exodus(base: Scenario) -> Scenario {
    let at = base.window.from + Duration::from_secs(20);
    Scenario {
        name: "exodus",
        about: "half of the viewers leave within three seconds, and as many come back half a minute later",
        crowd: Crowd { exodus: Some((at, 500, Duration::from_secs(30))), ..base.crowd },
        ..base
    }
}

fn switching(base: Scenario) -> Scenario {
    Scenario {
        name: "switching",
        about: "two renditions, the second of 40 % of the rate; half of the viewers change theirs every half minute or so",
        stream: StreamPlan { renditions: &[100, 40], ..base.stream },
        crowd: Crowd { switching_permille: 500, ..base.crowd },
        ..base
    }
}

fn sleepers(base: Scenario) -> Scenario {
    Scenario {
        name: "sleepers",
        about: "three in ten are phones that sleep for one to three minutes, every minute or so: their pages stand still and \
                their links break",
        crowd: Crowd { sleeping_permille: 300, ..base.crowd },
        ..base
    }
}

fn ten_minutes(base: Scenario) -> Scenario {
    Scenario { name: "ten-minutes", about: "`broadband` for ten minutes of live", ..base }
}
