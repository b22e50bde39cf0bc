//! One of three edges is killed while its room is talked in: how soon its viewers are back elsewhere, and what they miss.

use std::time::Duration;

use super::fanout::{BODY_BYTES, SETTLE, joined};
use super::{Measure, Value};
use crate::crowd::{Crowd, Dialect};
use crate::publisher::{self, Schedule};
use crate::target::Deployment;
use measure::failure::{Failure, Outcome};

const VIEWERS: usize = 6_000;
const EDGES: usize = 3;
const PER_S: u64 = 20;
/// What the node list tells clients to wait before they come back, and how much of it is chance.
const WAIT: Duration = Duration::from_secs(3);
const JITTER: f64 = 0.3;
/// The talk goes on for so long after the end of the edge.
const AFTER: Duration = Duration::from_secs(10);

/// A process that numbers, three edges, NATS between them; a third of the viewers loses its edge.
pub(super) fn killed(measure: Measure<'_>) -> Outcome<Vec<Value>> {
    let Measure { target, clock, seconds, .. } = measure;
    let Some(program) = target.many() else { return Ok(Vec::new()) };
    let viewers = measure.viewers(VIEWERS) / EDGES * EDGES;
    let mut deployment = Deployment::start(program, EDGES, clock)?;
    let mut crowd = Crowd::at_several(Dialect::Ours, deployment.addresses(), clock, 1)?;
    crowd.gather(viewers, 1)?;
    crowd.let_come_back(WAIT, JITTER);
    let (before, span) = (Duration::from_secs(seconds.into()), Duration::from_secs(seconds.into()) + AFTER);
    let messages = PER_S * span.as_secs();
    let schedule = Schedule { rooms: 1, messages, span, first: 1, body_bytes: BODY_BYTES };
    let publisher = publisher::start(target.door(), deployment.publish(), schedule, clock)?;
    crowd.listen(before, u64::MAX)?;
    deployment.kill_an_edge()?;
    let expected = messages * viewers as u64;
    crowd.listen(AFTER + SETTLE, expected)?;
    joined(publisher)?;
    let tally = &crowd.tally;
    if tally.live != viewers {
        return Err(Failure(format!("only {} of {viewers} viewers are back", tally.live)));
    }
    let lost = (1.0 - tally.received as f64 / expected as f64) * 100.0;
    let back = |per_thousand| tally.comebacks.ms(per_thousand) / 1_000.0;
    Ok(vec![
        ("viewers who lost their edge", "1", tally.comebacks.count() as f64),
        ("back elsewhere p50", "s", back(500)),
        ("back elsewhere p99", "s", back(990)),
        ("the last one back", "s", back(1_000)),
        ("lost", "%", lost),
        ("out of order", "%", tally.disordered as f64 / expected as f64 * 100.0),
    ])
}
