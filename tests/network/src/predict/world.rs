//! The small network as worlds of `sim`.

use protocol::time::Duration;
use sim::home::Home;
use sim::mesh::ViewerId;
use sim::nat::Nat;
use sim::scenario::{Class, Scenario, StreamPlan, named};

/// Bytes of a segment of 2 s at 1 kbit/s.
const SEGMENT_BYTES_PER_KBIT: u32 = 250;
/// How far apart the bench's viewers join, as the browsers do (`tests/browser/bench/session.mjs`).
const JOIN_EVERY_MS: u64 = 2_250;
/// Seeds that are looked at for worlds whose people live behind the right NATs: of ten viewers of five kinds one in a
/// hundred does.
const SEEDS_MAX: u64 = 1 << 20;
/// A line that is never the reason for anything.
const PLENTY_KBIT: u32 = 100_000;

/// The network.
pub(crate) struct World<'a> {
    pub(crate) nats: &'a [Nat],
    pub(crate) kbit: u32,
    pub(crate) up_kbit: Option<u32>,
    pub(crate) down_kbit: Option<u32>,
    pub(crate) loss: f64,
    pub(crate) rtt_ms: u64,
}

impl World<'_> {
    /// Worlds of this network, each of another seed. People's homes are drawn by the seed: those are taken in which as
    /// many live behind each kind of NAT as do here.
    pub(crate) fn scenarios(&self, seconds: u32) -> impl Iterator<Item = Scenario> {
        (1..SEEDS_MAX)
            .filter_map(move |seed| self.scenario(seconds, seed))
            .filter(|scenario| self.fits(scenario))
    }

    fn scenario(&self, seconds: u32, seed: u64) -> Option<Scenario> {
        let viewers = u32::try_from(self.nats.len()).ok()?;
        let base = named("clean", Some(viewers), Some(seconds), seed)?;
        let rate = |kbit: Option<u32>| u64::from(kbit.unwrap_or(PLENTY_KBIT));
        let (up, down) = (rate(self.up_kbit), rate(self.down_kbit));
        let mut scenario = Scenario {
            name: "network",
            about: "a small network of namespaces, as it stands beside real browsers",
            stream: StreamPlan { segment_bytes: self.kbit * SEGMENT_BYTES_PER_KBIT, ..base.stream },
            people: vec![Class {
                permille: 1_000,
                up_kbit: (up, up),
                down_kbit: (down, down),
                rtt_ms: (self.rtt_ms, self.rtt_ms),
                loss: permillion(self.loss),
                jitter_ms: 0,
                uploads: true,
                nats: self.shares(),
            }],
            ..base
        };
        // They come one by one, and are warm by the window.
        let entry = Duration::from_millis(JOIN_EVERY_MS * u64::from(viewers));
        scenario.arrivals.spread = entry;
        scenario.window.from = scenario.window.from + entry;
        scenario.window.until = scenario.window.until + entry;
        Some(scenario)
    }

    fn fits(&self, scenario: &Scenario) -> bool {
        let homes = (0..scenario.viewers).map(|viewer| Home::draw(scenario, ViewerId(viewer)).nat);
        counts(homes) == counts(self.nats.iter().copied())
    }

    /// Of a thousand people, as many behind each kind as here.
    fn shares(&self) -> [u32; 5] {
        let count = u32::try_from(self.nats.len()).unwrap_or(u32::MAX).max(1);
        let mut shares = counts(self.nats.iter().copied()).map(|here| here * 1_000 / count);
        let rest = 1_000 - shares.iter().sum::<u32>();
        // What rounding left goes to a kind that is there.
        if let Some(share) = shares.iter_mut().find(|share| **share > 0) {
            *share += rest;
        }
        shares
    }
}

fn counts(nats: impl Iterator<Item = Nat>) -> [u32; 5] {
    let mut counts = [0; 5];
    for nat in nats {
        counts.iter_mut().zip(Nat::ALL).filter(|(_, kind)| *kind == nat).for_each(|(count, _)| *count += 1);
    }
    counts
}

/// Percent as packets of a million.
fn permillion(percent: f64) -> u32 {
    // In range: a share of a million.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a million")]
    let packets = (percent.clamp(0.0, 100.0) * 10_000.0).round() as u32;
    packets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_has_as_many_people_behind_each_nat_as_the_network() {
        let nats = [Nat::Open, Nat::Address, Nat::Port, Nat::Symmetric, Nat::Blocked, Nat::Port];
        let world = World {
            nats: &nats,
            kbit: 832,
            up_kbit: Some(1_664),
            down_kbit: Some(9_984),
            loss: 1.0,
            rtt_ms: 40,
        };
        let scenario = world.scenarios(30).next().expect("some seed has such people");
        let homes: Vec<Home> = (0..6).map(|viewer| Home::draw(&scenario, ViewerId(viewer))).collect();
        assert_eq!(counts(homes.iter().map(|home| home.nat)), [1, 1, 2, 1, 1]);
        assert!(homes.iter().all(|home| home.loss == 10_000));
        assert!(homes.iter().all(|home| (home.uplink.0, home.downlink.0) == (1_664_000, 9_984_000)));
        assert_eq!(scenario.stream.segment_bytes, 208_000);
    }
}
