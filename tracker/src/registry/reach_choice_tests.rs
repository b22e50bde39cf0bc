//! What reports change in the choice of receivers.

use protocol::id::PeerId;
use protocol::time::{Duration, Instant};
use rand_core::SeedableRng;
use rand_pcg::Pcg32;

use super::choose::receivers;
use super::io::ConnectionId;
use super::nat::Nat;
use super::place::Place;
use super::reach::{CUT_AFTER, LEARNT_AFTER, Learnt, REST};
use super::swarm::{Peer, Swarm};

const SOON: Instant = Instant::ZERO;

fn id(name: u32) -> PeerId {
    let mut bytes = [0; 20];
    bytes[..4].copy_from_slice(&name.to_be_bytes());
    PeerId(bytes)
}

/// Peers in the order of their names, so that a peer's name is its slot; all whose number is below `symmetric` show a
/// symmetric NAT.
fn swarm(size: u32, symmetric: u32) -> Swarm {
    let mut swarm = Swarm::default();
    for name in 0..size {
        let nat = if name < symmetric { Nat::Symmetric } else { Nat::Unknown };
        let peer = Peer {
            connection: ConnectionId(u64::from(name)),
            announced: SOON,
            seeder: false,
            lacks_links: name % 2 == 0,
            rendition: None,
            nat,
            place: Place::default(),
        };
        swarm.upsert(id(name), peer);
    }
    swarm
}

fn misses(swarm: &mut Swarm, maker: u32, others: impl IntoIterator<Item = u32>) {
    others.into_iter().for_each(|other| assert!(swarm.report(SOON, id(maker), id(other), false)));
}

#[test]
fn a_pair_that_failed_is_not_introduced_from_either_side_until_it_has_rested() {
    let mut random = Pcg32::seed_from_u64(1);
    let mut swarm = swarm(3, 0);
    misses(&mut swarm, 0, [1]);
    for (sender, left) in [(0, 2), (1, 2)] {
        assert_eq!(receivers(&swarm, id(sender), 10, SOON, &mut random), [left]);
        assert_eq!(receivers(&swarm, id(sender), 10, SOON + REST, &mut random).len(), 2);
    }
    swarm.report(SOON, id(0), id(1), true);
    assert_eq!(receivers(&swarm, id(0), 10, SOON, &mut random).len(), 2);
}

#[test]
fn who_misses_many_is_still_given_all_others_of_a_small_swarm() {
    let mut random = Pcg32::seed_from_u64(2);
    let mut swarm = swarm(20, 0);
    misses(&mut swarm, 0, 1..6);
    for _ in 0..100 {
        assert_eq!(receivers(&swarm, id(0), 10, SOON, &mut random).len(), 10);
    }
}

#[test]
fn whose_port_seems_to_change_is_introduced_to_others_like_it_at_worst() {
    let mut random = Pcg32::seed_from_u64(3);
    // 0 to 499 show it.
    let mut swarm = swarm(1_000, 500);
    misses(&mut swarm, 999, 600..600 + u32::from(LEARNT_AFTER));
    assert_eq!(swarm.kind(999).learnt, Some(Learnt::Symmetric));
    for _ in 0..200 {
        let chosen = receivers(&swarm, id(999), 10, SOON, &mut random);
        assert!(chosen.len() == 10 && chosen.iter().all(|slot| *slot >= 500), "{chosen:?}");
        let chosen = receivers(&swarm, id(0), 10, SOON, &mut random);
        assert!(chosen.len() == 10 && chosen.iter().all(|slot| (500..999).contains(slot)), "{chosen:?}");
    }
}

#[test]
fn whose_port_changes_is_introduced_to_those_who_have_met_its_like_first() {
    let mut random = Pcg32::seed_from_u64(7);
    let mut swarm = swarm(1_000, 200);
    (400..800).for_each(|name| assert!(swarm.report(SOON, id(name), id(0), true)));
    let proven = |slot: &usize| (400..800).contains(slot);
    let (mut met, mut all) = (0, 0);
    for _ in 0..200 {
        let chosen = receivers(&swarm, id(1), 5, SOON, &mut random);
        (met, all) = (met + chosen.iter().filter(|slot| proven(slot)).count(), all + chosen.len());
    }
    assert!(all == 1_000 && met > 950, "{met} of {all}: half of the others have shown it");
}

#[test]
fn who_has_met_none_whose_port_changes_is_introduced_to_such_at_worst() {
    let mut random = Pcg32::seed_from_u64(8);
    let mut swarm = swarm(1_000, 500);
    let symmetric = |slot: &usize| *slot < 500;
    for _ in 0..200 {
        assert!(!receivers(&swarm, id(600), 5, SOON, &mut random).iter().any(symmetric));
    }
    assert!(swarm.report(SOON, id(600), id(0), true));
    let met =
        (0..200).flat_map(|_| receivers(&swarm, id(600), 5, SOON, &mut random)).filter(symmetric).count();
    assert!(met > 300, "{met} of 1,000");
    let apart = self::swarm(6, 5);
    assert_eq!(receivers(&apart, id(5), 5, SOON, &mut random).len(), 5, "where there is nobody else");
}

#[test]
fn where_everybody_seems_hard_to_meet_they_are_introduced_all_the_same() {
    let mut random = Pcg32::seed_from_u64(4);
    let mut swarm = swarm(20, 0);
    (0..20).for_each(|name| misses(&mut swarm, name, (1..6).map(|step| (name + step) % 20)));
    let later = SOON + REST + Duration::from_secs(1);
    assert!((0..20).all(|name| receivers(&swarm, id(name), 5, later, &mut random).len() == 5));
}

#[test]
fn who_reaches_nobody_tries_one_at_a_time_and_costs_others_no_offers() {
    let mut random = Pcg32::seed_from_u64(5);
    let mut swarm = swarm(1_000, 0);
    misses(&mut swarm, 0, 1..=u32::from(CUT_AFTER));
    assert_eq!(swarm.kind(0).learnt, Some(Learnt::Cut));
    for sender in 500..700 {
        assert_eq!(receivers(&swarm, id(0), 10, SOON, &mut random).len(), 1);
        assert!(!receivers(&swarm, id(sender), 10, SOON, &mut random).contains(&0));
    }
    assert!(swarm.report(SOON, id(0), id(900), true));
    assert_eq!(receivers(&swarm, id(0), 10, SOON, &mut random).len(), 10);
}

#[test]
fn a_report_says_nothing_of_anybody_but_its_maker() {
    let mut swarm = swarm(100, 0);
    (1..100).for_each(|liar| misses(&mut swarm, liar, [0]));
    assert_eq!(swarm.kind(0).learnt, None);
    assert!(swarm.reach(0).is_none());
}

#[test]
fn reports_of_oneself_and_of_strangers_are_passed_over() {
    let mut swarm = swarm(2, 0);
    for (maker, other) in [(0, 0), (0, 9), (9, 0)] {
        assert!(!swarm.report(SOON, id(maker), id(other), false), "{maker} {other}");
    }
    assert!(swarm.reach(0).is_none());
}

#[test]
fn what_was_reported_stays_through_announces_and_ends_with_the_viewer() {
    let mut swarm = swarm(2, 0);
    misses(&mut swarm, 0, [1]);
    let peer = *swarm.get(id(0)).unwrap();
    swarm.upsert(id(0), peer);
    assert!(swarm.reach(0).is_some());
    swarm.remove(id(0));
    swarm.upsert(id(0), peer);
    assert!((0..2).all(|slot| swarm.reach(slot).is_none()));
}
