//! A router after RFC 4787, packet by packet: mapping (§4.1), filtering (§5), expiry (§4.3) and what refreshes.
//!
//! It is what [`Nat::reaches`] abbreviates, and its tests hold the two together. Worlds take the abbreviation: while both
//! pages live, ICE asks for consent every five seconds (RFC 7675 §5.1), a mapping lives for two minutes (REQ-5), and a shell
//! closes a link that was silent for six seconds, so that no open link ever outlives a mapping.

use protocol::time::{Duration, Instant};

use super::Nat;

/// An idle mapping lives so long: the least that REQ-5 allows.
pub const MAPPING_LIFE: Duration = Duration::from_secs(120);
/// Mappings of one router; the one that was idle longest makes room.
pub const MAPPINGS_MAX: usize = 64;
/// Destinations that one mapping remembers.
pub const DESTINATIONS_MAX: usize = 64;
/// The first port that a router maps to.
const FIRST_PORT: u16 = 40_000;
/// Where candidates are learnt.
const STUN: Endpoint = Endpoint { host: u32::MAX, port: 3_478 };
/// Checks of one pair of candidates: each opens what the next one passes.
const CHECKS: usize = 3;

/// An address and a port on the public side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address.
    pub host: u32,
    /// The port.
    pub port: u16,
}

/// A router, and the one socket behind it.
#[derive(Clone, Debug)]
pub struct Router {
    nat: Nat,
    host: u32,
    mappings: Vec<Mapping>,
    next_port: u16,
}

#[derive(Clone, Debug)]
struct Mapping {
    /// For which destination alone; `None` for all of them.
    only: Option<Endpoint>,
    port: u16,
    /// When a packet last went out: what comes in refreshes nothing (REQ-6).
    used: Instant,
    spoken_to: Vec<Endpoint>,
}

impl Router {
    /// A router of a kind, at an address of its own.
    #[must_use]
    pub fn new(nat: Nat, host: u32) -> Self {
        Self { nat, host, mappings: Vec::new(), next_port: FIRST_PORT }
    }

    /// A packet goes out. Answers whence it seems to come; `None` where nothing goes out.
    pub fn send(&mut self, now: Instant, to: Endpoint) -> Option<Endpoint> {
        let only = match self.nat {
            Nat::Blocked => return None,
            Nat::Symmetric => Some(to),
            Nat::Open | Nat::Address | Nat::Port => None,
        };
        self.mappings.retain(|mapping| now < mapping.used + MAPPING_LIFE);
        let place = self.mappings.iter().position(|mapping| mapping.only == only);
        let place = place.unwrap_or_else(|| self.map(now, only));
        let mapping = &mut self.mappings[place];
        mapping.used = now;
        if !mapping.spoken_to.contains(&to) {
            if mapping.spoken_to.len() >= DESTINATIONS_MAX {
                mapping.spoken_to.remove(0);
            }
            mapping.spoken_to.push(to);
        }
        Some(Endpoint { host: self.host, port: mapping.port })
    }

    fn map(&mut self, now: Instant, only: Option<Endpoint>) -> usize {
        if self.mappings.len() >= MAPPINGS_MAX {
            let idle = (0..self.mappings.len()).min_by_key(|place| self.mappings[*place].used);
            idle.map(|place| self.mappings.remove(place));
        }
        let port = self.next_port;
        self.next_port = self.next_port.checked_add(1).unwrap_or(FIRST_PORT);
        self.mappings.push(Mapping { only, port, used: now, spoken_to: Vec::new() });
        self.mappings.len() - 1
    }

    /// A packet comes to one of the router's ports; true where it gets in.
    #[must_use]
    pub fn lets_in(&self, now: Instant, from: Endpoint, port: u16) -> bool {
        let living = |mapping: &&Mapping| mapping.port == port && now < mapping.used + MAPPING_LIFE;
        let Some(mapping) = self.mappings.iter().find(living) else { return false };
        match self.nat {
            Nat::Open => true,
            Nat::Address => mapping.spoken_to.iter().any(|to| to.host == from.host),
            Nat::Port | Nat::Symmetric => mapping.spoken_to.contains(&from),
            Nat::Blocked => false,
        }
    }
}

/// Where each of two finds the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// Where the first is, as the second sees it.
    pub one: Endpoint,
    /// Where the second is, as the first sees it.
    pub other: Endpoint,
}

/// ICE with STUN between two: candidates, then checks both ways. `None` where none of them gets an answer.
pub fn connect(now: Instant, one: &mut Router, other: &mut Router) -> Option<Path> {
    let (shown, others) = (one.send(now, STUN)?, other.send(now, STUN)?);
    for _ in 0..CHECKS {
        if let Some(path) = check(now, one, other, others) {
            return Some(path);
        }
        if let Some(path) = check(now, other, one, shown) {
            return Some(Path { one: path.other, other: path.one });
        }
    }
    None
}

/// A check from `asker` to a candidate, and its answer to where the check seemed to come from.
fn check(now: Instant, asker: &mut Router, answerer: &mut Router, candidate: Endpoint) -> Option<Path> {
    let seen = asker.send(now, candidate)?;
    if !answerer.lets_in(now, seen, candidate.port) {
        return None;
    }
    let answer = answerer.send(now, seen)?;
    asker.lets_in(now, answer, seen.port).then_some(Path { one: seen, other: answer })
}

/// A packet of the first over a path that was found; true where the second gets it.
pub fn carries(now: Instant, path: Path, one: &mut Router, other: &Router) -> bool {
    one.send(now, path.other).is_some_and(|seen| other.lets_in(now, seen, path.other.port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Instant = Instant::ZERO;
    /// RFC 7675 §5.1.
    const CONSENT: Duration = Duration::from_secs(5);

    fn pairs() -> impl Iterator<Item = (Router, Router)> {
        let all = Nat::ALL.into_iter();
        all.flat_map(|one| Nat::ALL.map(|other| (Router::new(one, 1), Router::new(other, 2))))
    }

    #[test]
    fn packet_by_packet_the_same_reach_each_other_as_in_the_table() {
        for (mut one, mut other) in pairs() {
            let expected = one.nat.reaches(other.nat);
            let found = connect(START, &mut one, &mut other);
            assert_eq!(found.is_some(), expected, "{:?} {:?}", one.nat, other.nat);
        }
    }

    #[test]
    fn a_path_that_idled_for_two_minutes_carries_nothing_and_a_moment_less_everything() {
        for (mut one, mut other) in pairs() {
            let Some(path) = connect(START, &mut one, &mut other) else { continue };
            let kinds = (one.nat, other.nat);
            let last = (START + MAPPING_LIFE).before(Duration::from_micros(1));
            assert!(carries(last, path, &mut one.clone(), &other), "{kinds:?}");
            assert!(!carries(START + MAPPING_LIFE, path, &mut one, &other), "{kinds:?}");
        }
    }

    #[test]
    fn after_expiry_new_candidates_find_whom_the_old_ones_found() {
        for (mut one, mut other) in pairs() {
            let before = connect(START, &mut one, &mut other);
            let after = connect(START + MAPPING_LIFE * 2, &mut one, &mut other);
            assert_eq!(before.is_some(), after.is_some(), "{:?} {:?}", one.nat, other.nat);
            assert!(before.is_none() || before != after, "the ports are new ones");
        }
    }

    #[test]
    fn consent_every_five_seconds_keeps_a_path_for_hours() {
        for (mut one, mut other) in pairs() {
            let Some(path) = connect(START, &mut one, &mut other) else { continue };
            let back = Path { one: path.other, other: path.one };
            let mut now = START;
            while now < START + Duration::from_secs(3 * 3_600) {
                now = now + CONSENT;
                assert!(carries(now, path, &mut one, &other), "{:?} {:?} at {now:?}", one.nat, other.nat);
                assert!(carries(now, back, &mut other, &one), "{:?} {:?} at {now:?}", one.nat, other.nat);
            }
        }
    }

    #[test]
    fn what_only_comes_in_keeps_nothing_alive() {
        let (mut one, mut other) = (Router::new(Nat::Port, 1), Router::new(Nat::Port, 2));
        let path = connect(START, &mut one, &mut other).expect("they reach each other");
        let mut now = START;
        let mut heard = 0;
        while now < START + Duration::from_secs(600) {
            now = now + CONSENT;
            heard += u32::from(carries(now, path, &mut one, &other));
        }
        assert_eq!(heard, 23, "the other never answers, and its mapping ends after two minutes");
    }

    #[test]
    fn a_router_remembers_so_many_mappings_and_forgets_the_idlest_past_that() {
        let mut router = Router::new(Nat::Symmetric, 1);
        let to = |host: usize| Endpoint { host: u32::try_from(host).unwrap_or(0), port: 9 };
        let first = router.send(START, to(0)).expect("it goes out");
        for host in 1..MAPPINGS_MAX {
            router.send(Instant(host as u64), to(host));
        }
        let now = Instant(MAPPINGS_MAX as u64);
        assert!(router.lets_in(now, to(0), first.port));
        router.send(now, to(MAPPINGS_MAX));
        assert!(!router.lets_in(now, to(0), first.port));
        assert_eq!(router.mappings.len(), MAPPINGS_MAX);
    }
}
