//! Readers that stop: what each of them costs, whether what they do not get is declared, and whether others feel it.

use std::time::Duration;

use super::fanout::{SETTLE, joined};
use super::{Measure, Value};
use crate::crowd::Crowd;
use crate::publisher::{self, Schedule};
use crate::target::{Batch, Server};
use measure::failure::Outcome;
use measure::usage;

/// Long bodies fill a reader's buffers within the run.
const BODY_BYTES: usize = 4_000;
const PER_S: u64 = 20;

/// 100 of 5,000 viewers stop reading.
pub(super) fn stalled(measure: Measure<'_>) -> Outcome<Vec<Value>> {
    let Measure { target, clock, seconds, .. } = measure;
    if !target.knows_slow_readers() {
        return Ok(Vec::new());
    }
    let (viewers, stalled) = (measure.viewers(5_000), measure.viewers(100) / 2 * 2);
    let stalled = stalled.min(viewers / 10).max(2);
    let server = Server::start(target, clock, Batch::Own)?;
    let mut crowd = Crowd::new(target.dialect(), server.address, clock, 1)?;
    crowd.gather(viewers, 1)?;
    crowd.stall(stalled);
    let (before, kernel_before) = (server.usage()?, usage::tcp_bytes()?);
    let span = Duration::from_secs(u64::from(seconds) * 3);
    let messages = PER_S * span.as_secs();
    let schedule = Schedule { rooms: 1, messages, span, first: 1, body_bytes: BODY_BYTES };
    let publisher = publisher::start(target.door(), server.publish, schedule, clock)?;
    let expected = messages * (viewers - stalled) as u64;
    crowd.listen(span.mul_f64(0.95), u64::MAX)?;
    let mut unsent = usage::unsent_bytes(server.address.port())?;
    let (during, kernel) = (server.usage()?, usage::tcp_bytes()?);
    crowd.listen(span + SETTLE, expected)?;
    joined(publisher)?;
    unsent.sort_unstable();
    let worst = unsent.iter().rev().take(stalled).sum::<u64>() as f64 / stalled as f64;
    let mut values = vec![
        ("unsent in the kernel per stalled reader", "KiB", worst / 1_024.0),
        ("kernel memory of all TCP per stalled reader", "KiB", kib(kernel, kernel_before, stalled)),
        ("server memory per stalled reader", "KiB", during.kib_each_since(&before, stalled)),
        ("delay p99 of the others", "ms", crowd.tally.delays.ms(990)),
        ("lost by the others", "%", (1.0 - crowd.tally.received as f64 / expected as f64) * 100.0),
    ];
    if target.is_ours() {
        crowd.listen(Duration::from_secs(1), u64::MAX)?;
        let [published, delivered, dropped] =
            ["published_total", "delivered_total", "dropped_total"].map(|name| server.metric(name, ""));
        let undeclared = published? as f64 - delivered? as f64 - dropped? as f64;
        // What lies in a stalled reader's cursor is neither: at most a ring for each.
        values.push((
            "neither delivered nor declared, per stalled reader",
            "messages",
            undeclared / stalled as f64,
        ));
        values.push(("cut", "readers", server.metric("slow_readers_total", "")? as f64));
    }
    Ok(values)
}

fn kib(now: u64, before: u64, count: usize) -> f64 {
    (now as f64 - before as f64) / 1_024.0 / count as f64
}
