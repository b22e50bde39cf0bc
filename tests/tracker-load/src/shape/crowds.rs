//! Crowds at rest, and crowds at their own pace: memory, and CPU time of each message.

use std::rc::Rc;
use std::time::Duration;

use super::{Measure, Value};
use crate::crowd::{Viewer, gather};
use crate::pace::wait_until;
use crate::target;
use crate::world::{Habit, World};
use measure::failure::Outcome;

/// Viewers who keep a message on its way each, where a shape goes as fast as it can.
const SENDERS: usize = 512;
/// For what is still on its way when a measure ends.
const SETTLE: Duration = Duration::from_secs(3);

/// 15,000 viewers join and are still.
pub(super) async fn idle(measure: Measure<'_>) -> Outcome<Vec<Value>> {
    let count = measure.viewers(15_000);
    let server = target::start(measure.target, measure.clock, None).await?;
    let world = Rc::new(measure.world(server.address));
    let empty = server.usage()?;
    let _viewers = gather(&world, count).await?;
    let full = server.usage()?;
    let bytes = full.resident_bytes.saturating_sub(empty.resident_bytes) as f64;
    Ok(vec![
        ("memory per viewer", "B", bytes / count as f64),
        ("memory of all", "MB", full.resident_bytes as f64 / 1e6),
        ("CPU per connect and announce", "µs", full.cpu_us_since(&empty) / count as f64),
    ])
}

/// Announces without offers, as fast as they are answered.
pub(super) async fn announces(measure: Measure<'_>) -> Outcome<Vec<Value>> {
    let server = target::start(measure.target, measure.clock, None).await?;
    let world = Rc::new(measure.world(server.address));
    let viewers = gather(&world, measure.viewers(1_000)).await?;
    let before = server.usage()?;
    world.start_measure();
    world.habit.set(Habit::AnnounceAgain(SENDERS));
    viewers.iter().take(SENDERS).for_each(|viewer| viewer.announce(&world, 0));
    tokio::time::sleep(measure.time).await;
    world.habit.set(Habit::Still);
    let after = server.usage()?;
    let replies = world.tally.borrow().replies as f64;
    Ok(vec![
        ("announces", "1/s", replies / measure.time.as_secs_f64()),
        ("CPU per announce", "µs", after.cpu_us_since(&before) / replies),
    ])
}

/// Offers and answers, as fast as they come back.
pub(super) async fn capacity(measure: Measure<'_>, viewers: usize) -> Outcome<Vec<Value>> {
    let result = relays(measure, viewers, None).await?;
    Ok(vec![
        ("relayed", "1/s", result.messages / measure.time.as_secs_f64()),
        ("CPU per relayed message", "µs", result.cpu_us / result.messages),
        ("server", "cores", result.cpu_us / 1e6 / measure.time.as_secs_f64()),
        ("round p50", "ms", result.round_p50_ms),
        ("lost", "offers", result.lost),
    ])
}

/// What one worker thread does in a second of its time, and what two do in theirs.
pub(super) async fn workers(measure: Measure<'_>) -> Outcome<Vec<Value>> {
    let one = relays(measure, 1_000, Some(1)).await?;
    let two = relays(measure, 1_000, Some(2)).await?;
    let per_second = |result: &Relays| result.messages / (result.cpu_us / 1e6);
    Ok(vec![
        ("one worker: relayed per CPU second", "1/s", per_second(&one)),
        ("two workers: relayed per CPU second", "1/s", per_second(&two)),
        ("two workers over one", "×", per_second(&two) / per_second(&one)),
        ("the busier of two", "share", two.busiest_share),
    ])
}

struct Relays {
    /// Offers and answers that arrived.
    messages: f64,
    cpu_us: f64,
    busiest_share: f64,
    round_p50_ms: f64,
    lost: f64,
}

async fn relays(measure: Measure<'_>, viewers: usize, workers: Option<u32>) -> Outcome<Relays> {
    let server = target::start(measure.target, measure.clock, workers).await?;
    let world = Rc::new(measure.world(server.address));
    let viewers = gather(&world, measure.viewers(viewers)).await?;
    let (before, threads_before) = (server.usage()?, server.threads()?);
    world.start_measure();
    world.habit.set(Habit::OfferAgain(SENDERS));
    for viewer in viewers.iter().take(SENDERS) {
        viewer.announce(&world, 1);
    }
    keep_going(&world, &viewers, measure.time).await;
    world.habit.set(Habit::Still);
    let (after, threads) = (server.usage()?, server.threads()?);
    let messages = {
        let tally = world.tally.borrow();
        (tally.offers + tally.answers) as f64
    };
    settle(&world).await;
    let tally = world.tally.borrow();
    Ok(Relays {
        messages,
        cpu_us: after.cpu_us_since(&before),
        busiest_share: threads.busiest_share_since(&threads_before),
        round_p50_ms: tally.round_latencies().percentile_ms(50),
        lost: tally.open() as f64,
    })
}

/// A sender whose offer was lost waits for ever; where a second brings nothing at all, everybody offers anew.
async fn keep_going(world: &World, viewers: &[Viewer], time: Duration) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    second.tick().await;
    let mut seen = 0;
    for _ in 0..time.as_secs() {
        second.tick().await;
        let answers = world.tally.borrow().answers;
        if answers == seen {
            viewers.iter().take(SENDERS).for_each(|viewer| viewer.announce(world, 1));
        }
        seen = answers;
    }
}

/// Waits for what is still on its way.
pub(super) async fn settle(world: &World) {
    wait_until(world.clock, SETTLE, || world.tally.borrow().open() == 0).await;
}
