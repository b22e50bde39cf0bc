//! Load at a given rate, whatever the tracker does: latencies, and what was lost.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::spawn_local;

use super::crowds::settle;
use super::{Measure, Value};
use crate::crowd::{Viewer, gather};
use crate::pace::{pace, wait_until};
use crate::target;
use crate::world::World;
use measure::failure::Outcome;

/// Offers per second among 1,000 viewers: each of them every two seconds, a swarm that forms anew.
const OFFERS_PER_S: u64 = 500;
/// Joins per second: a stream that begins.
const JOINS_PER_S: u64 = 500;
/// What our own viewers offer when they join.
const OFFERS_PER_JOIN: u64 = 5;
/// Offers per second between two viewers.
const BURST_PER_S: u64 = 20_000;
/// Coprime with every number of viewers, so that all take their turn and neighbours do not follow each other.
const STRIDE: u64 = 7_919;
/// Joiners who are still connecting when the last one set out.
const JOINED: Duration = Duration::from_secs(10);

/// 1,000 viewers, 500 offers and their answers per second.
pub(super) async fn relay(measure: Measure<'_>) -> Outcome<Vec<Value>> {
    let server = target::start(measure.target, measure.clock, None).await?;
    let world = Rc::new(measure.world(server.address));
    let viewers = gather(&world, measure.viewers(1_000)).await?;
    let before = server.usage()?;
    world.start_measure();
    pace(measure.clock, OFFERS_PER_S, measure.time, |number| turn(&viewers, number).announce(&world, 1))
        .await;
    settle(&world).await;
    let cpu_us = server.usage()?.cpu_us_since(&before);
    let mut values = latencies(&world);
    let tally = world.tally.borrow();
    values.push(("CPU per relayed message", "µs", cpu_us / (tally.offers + tally.answers) as f64));
    Ok(values)
}

fn turn(viewers: &[Viewer], number: u64) -> &Viewer {
    let place = (number * STRIDE) % viewers.len() as u64;
    &viewers[usize::try_from(place).unwrap_or(0)]
}

/// 500 joins per second, 5 offers each, up to 5,000 viewers.
pub(super) async fn joins(measure: Measure<'_>) -> Outcome<Vec<Value>> {
    let server = target::start(measure.target, measure.clock, None).await?;
    let world = Rc::new(measure.world(server.address));
    let count = measure.viewers(5_000);
    let mut present = gather(&world, 10).await?;
    world.start_measure();
    let joined = Rc::new(RefCell::new(Vec::with_capacity(count)));
    let time = Duration::from_millis(count as u64 * 1_000 / JOINS_PER_S);
    pace(measure.clock, JOINS_PER_S, time, |number| {
        let (world, joined) = (Rc::clone(&world), Rc::clone(&joined));
        spawn_local(async move {
            if let Ok(viewer) = Viewer::connect(&world, 10 + usize::try_from(number).unwrap_or(0)).await {
                viewer.announce(&world, OFFERS_PER_JOIN);
                joined.borrow_mut().push(viewer);
            }
        });
    })
    .await;
    wait_until(measure.clock, JOINED, || joined.borrow().len() >= count).await;
    settle(&world).await;
    present.append(&mut joined.borrow_mut());
    let missing = (count + 10).saturating_sub(present.len()) as f64;
    let mut values = latencies(&world);
    values.push(("never connected", "viewers", missing));
    Ok(values)
}

/// Two viewers, 20,000 offers per second in bursts of a millisecond.
pub(super) async fn burst(measure: Measure<'_>) -> Outcome<Vec<Value>> {
    let server = target::start(measure.target, measure.clock, None).await?;
    let world = Rc::new(measure.world(server.address));
    let viewers = gather(&world, 2).await?;
    let before = server.usage()?;
    world.start_measure();
    pace(measure.clock, BURST_PER_S, measure.time, |number| {
        // One of two, a whole millisecond each.
        let viewer = (number * 1_000 / BURST_PER_S) % 2;
        viewers[usize::try_from(viewer).unwrap_or(0)].announce(&world, 1);
    })
    .await;
    settle(&world).await;
    let after = server.usage()?;
    let tally = world.tally.borrow();
    let sent = tally.sent().max(1) as f64;
    Ok(vec![
        ("offers that arrived", "%", 100.0 * tally.offers as f64 / sent),
        ("answers that came back", "%", 100.0 * (sent - tally.open() as f64) / sent),
        ("connections ended or refused", "1", (tally.ended + tally.refusals) as f64),
        ("memory at its most", "MB", after.resident_bytes_peak as f64 / 1e6),
        ("server", "cores", after.cpu_us_since(&before) / 1e6 / measure.time.as_secs_f64()),
    ])
}

fn latencies(world: &World) -> Vec<Value> {
    let tally = world.tally.borrow();
    let (offer, answer, round) = (tally.offer_latencies(), tally.answer_latencies(), tally.round_latencies());
    vec![
        ("offer p50", "ms", offer.percentile_ms(50)),
        ("offer p99", "ms", offer.percentile_ms(99)),
        ("answer p50", "ms", answer.percentile_ms(50)),
        ("answer p99", "ms", answer.percentile_ms(99)),
        ("round p50", "ms", round.percentile_ms(50)),
        ("round p99", "ms", round.percentile_ms(99)),
        ("lost", "offers", tally.open() as f64),
    ]
}
