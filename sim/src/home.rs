//! Where a viewer lives: what its access carries, how far it is from the others, and who can reach it.

use std::num::{NonZeroU32, NonZeroU64};

use protocol::time::Duration;
use tracker::registry::{Address, Network, Place, Region};

use crate::mesh::ViewerId;
use crate::nat::Nat;
use crate::random::{Purpose, Random};
use crate::scenario::{Class, Rate, Scenario, WIDE};

/// Networks (internet service providers) of a region.
const NETWORKS: u32 = 8;

/// One viewer's circumstances.
#[derive(Clone, Copy, Debug)]
pub struct Home {
    /// What it can send.
    pub uplink: Rate,
    /// What it can receive.
    pub downlink: Rate,
    /// From the viewer to the middle of its region's network.
    pub delay: Duration,
    /// Packets lost on its access, per million.
    pub loss: u32,
    /// How much later than that a message may be, beside queues and losses.
    pub jitter: Duration,
    /// Where in the world.
    pub region: u8,
    /// Whose customer: there are some networks in each region.
    pub network: u32,
    /// What stands between it and the others.
    pub nat: Nat,
    /// It is allowed to upload.
    pub uploads: bool,
    /// It shares the office's link.
    pub in_office: bool,
}

impl Home {
    /// The home of a viewer, by the scenario's seed.
    #[must_use]
    pub fn draw(scenario: &Scenario, viewer: ViewerId) -> Self {
        let mut random = Random::new(scenario.seed, Purpose::Place, u64::from(viewer.0));
        let network = &scenario.network;
        let place = |random: &mut Random, (low, high): (u64, u64)| {
            // Half of a round trip is one way, and half of that one viewer's share of it.
            Duration::from_micros(random.within(low * 250, high * 250))
        };
        let in_office = scenario.office.is_some_and(|office| viewer.0 < office.members);
        let Some(class) = pick(&mut random, &scenario.people) else {
            let delay = place(&mut random, network.rtt_ms);
            return Self {
                uplink: network.uplink,
                downlink: network.downlink,
                delay,
                loss: network.loss,
                jitter: Duration::ZERO,
                region: 0,
                network: 0,
                nat: Nat::Open,
                uploads: true,
                in_office,
            };
        };
        let kbit = |random: &mut Random, (low, high): (u64, u64)| Rate(random.within(low, high) * 1_000);
        let (uplink, downlink) = (kbit(&mut random, class.up_kbit), kbit(&mut random, class.down_kbit));
        let delay = place(&mut random, class.rtt_ms);
        let region = region(&mut random, scenario);
        let mut network = Random::new(scenario.seed, Purpose::Network, u64::from(viewer.0));
        Self {
            uplink,
            downlink,
            delay,
            loss: class.loss,
            jitter: Duration::from_millis(class.jitter_ms),
            region,
            network: u32::from(region) * NETWORKS
                + 1
                + u32::try_from(network.below(NETWORKS.into())).unwrap_or(0),
            nat: nat(&mut random, class),
            uploads: class.uploads,
            in_office,
        }
    }

    /// Where the operator keeps its own peers: a good line, and no router before it.
    #[must_use]
    pub fn of_the_operator(self) -> Self {
        let jitter = Duration::ZERO;
        Self { uplink: WIDE, downlink: WIDE, loss: 0, jitter, nat: Nat::Open, uploads: true, ..self }
    }

    /// Blocks can travel from this viewer to others at all.
    #[must_use]
    pub fn gives(&self) -> bool {
        self.uploads && self.nat != Nat::Blocked
    }

    /// The two find a way to each other.
    #[must_use]
    pub fn reaches(&self, other: &Self) -> bool {
        (self.in_office && other.in_office) || self.nat.reaches(other.nat)
    }

    /// What an operator's tables tell the tracker of it; nothing where the world has no regions and no office.
    #[must_use]
    pub fn place(&self, scenario: &Scenario) -> Place {
        let somewhere = !scenario.regions.is_empty();
        Place {
            address: self.in_office.then_some(Address(NonZeroU64::MIN)),
            network: NonZeroU32::new(self.network).filter(|_| somewhere).map(Network),
            region: Region::parse(&format!("R{}", self.region)).filter(|_| somewhere),
        }
    }

    /// One way from here to there.
    #[must_use]
    pub fn trip(&self, other: &Self, scenario: &Scenario) -> Duration {
        let between = scenario.regions.get(usize::from(self.region));
        let between = between.and_then(|region| region.to_ms.get(usize::from(other.region)));
        self.delay + other.delay + Duration::from_millis(between.copied().unwrap_or(0))
    }
}

fn pick<'a>(random: &mut Random, people: &'a [Class]) -> Option<&'a Class> {
    let all: u64 = people.iter().map(|class| u64::from(class.permille)).sum();
    let mut drawn = if all == 0 { return None } else { random.below(all) };
    people.iter().find(|class| {
        let here = drawn < u64::from(class.permille);
        drawn = drawn.saturating_sub(u64::from(class.permille));
        here
    })
}

fn region(random: &mut Random, scenario: &Scenario) -> u8 {
    let mut drawn = random.below(1_000);
    let place = scenario.regions.iter().position(|region| {
        let here = drawn < u64::from(region.permille);
        drawn = drawn.saturating_sub(u64::from(region.permille));
        here
    });
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(0)
}

fn nat(random: &mut Random, class: &Class) -> Nat {
    let mut drawn = random.below(1_000);
    let kind = Nat::ALL.iter().zip(class.nats).find(|(_, permille)| {
        let here = drawn < u64::from(*permille);
        drawn = drawn.saturating_sub(u64::from(*permille));
        here
    });
    kind.map_or(Nat::Open, |(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::named;

    #[test]
    fn people_live_as_their_shares_say() {
        let scenario = named("mixed", None, None, 7).expect("known");
        let homes: Vec<_> = (0..4_000).map(|viewer| Home::draw(&scenario, ViewerId(viewer))).collect();
        let share = |of: fn(&Home) -> bool| homes.iter().filter(|home| of(home)).count() / 40;
        let (silent, weak) = (share(|home| !home.gives()), share(|home| home.uplink < Rate(2_000_000)));
        assert!((18..=25).contains(&silent), "{silent} % cannot upload");
        assert!((28..=40).contains(&weak), "{weak} % have a weak uplink");
        let pairs = homes.iter().zip(homes.iter().skip(1)).filter(|(one, other)| one.reaches(other)).count();
        assert!((70..=88).contains(&(pairs / 40)), "{} % of pairs connect", pairs / 40);
    }
}
