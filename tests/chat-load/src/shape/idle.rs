//! A crowd at rest: what a viewer costs when it joins, while it is still, and after it has heard much.

use std::time::Duration;

use super::fanout::{BODY_BYTES, SETTLE, joined};
use super::{Measure, Value};
use crate::crowd::Crowd;
use crate::publisher::{self, Schedule};
use crate::target::{Batch, Server};
use measure::failure::Outcome;

/// How long after the last of them a join still costs something.
const JOINED: Duration = Duration::from_secs(2);
/// How long after the burst memory is looked at.
const AFTER: Duration = Duration::from_secs(30);
const BURST: u64 = 100;

/// 15,000 viewers join and are still; then 100 messages come within 10 seconds.
pub(super) fn idle(measure: Measure<'_>) -> Outcome<Vec<Value>> {
    let Measure { target, clock, .. } = measure;
    let (few, many) = (measure.viewers(5_000), measure.viewers(15_000));
    let server = Server::start(target, clock, Batch::Own)?;
    let mut crowd = Crowd::new(target.dialect(), server.address, clock, 1)?;
    // Warm first: what the allocator keeps is not what a viewer costs.
    crowd.gather(measure.viewers(1_000), 1)?;
    crowd.disperse()?;
    crowd.listen(JOINED, u64::MAX)?;
    crowd.gather(few, 1)?;
    crowd.listen(JOINED, u64::MAX)?;
    let before = server.usage()?;
    crowd.gather(many, 1)?;
    crowd.listen(JOINED, u64::MAX)?;
    let idle = server.usage()?;
    let schedule = Schedule {
        rooms: 1,
        messages: BURST,
        span: Duration::from_secs(10),
        first: 1,
        body_bytes: BODY_BYTES,
    };
    let publisher = publisher::start(target.door(), server.publish, schedule, clock)?;
    crowd.listen(schedule.span + SETTLE, BURST * many as u64)?;
    joined(publisher)?;
    crowd.listen(AFTER, u64::MAX)?;
    let after = server.usage()?;
    let new = many - few;
    Ok(vec![
        ("memory per viewer", "KiB", idle.kib_each_since(&before, new)),
        ("memory per viewer after a burst", "KiB", after.kib_each_since(&before, new)),
        ("CPU per connect and join", "µs", idle.cpu_us_since(&before) / new as f64),
    ])
}
