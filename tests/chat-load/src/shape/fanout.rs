//! Rooms in which somebody speaks: CPU time of each delivery, delay, order, loss.

use std::time::Duration;

use super::{Measure, Value};
use crate::crowd::Crowd;
use crate::publisher::{self, Schedule};
use crate::target::{Batch, Server};
use measure::failure::{Failure, Outcome};

/// Bytes of each body.
pub(super) const BODY_BYTES: usize = 100;
/// For what is still on its way when a measure ends.
pub(super) const SETTLE: Duration = Duration::from_secs(10);
/// So long everything goes on before it is measured.
const LEAD: Duration = Duration::from_secs(2);
/// Viewers rest so long between two reads, so that a server's cost is not that of waking them.
const NAP: Duration = Duration::from_millis(1);

/// A load.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fanout {
    pub(super) viewers: usize,
    pub(super) rooms: usize,
    /// Messages per second in each room.
    pub(super) per_s: f64,
    pub(super) batch: Batch,
}

/// What came of it.
struct Result {
    deliveries: f64,
    expected: f64,
    cpu_us: f64,
    crowd: Crowd,
}

impl Fanout {
    /// Costs, and delays that a resting crowd makes a little longer.
    pub(super) fn take(self, measure: Measure<'_>) -> Outcome<Vec<Value>> {
        if self.batch != Batch::Own && !measure.target.batches() {
            // Others batch as they do: what comes of it is a figure too.
            return Self { batch: Batch::Own, ..self }.take(measure);
        }
        let result = self.run(measure, NAP)?;
        let tally = &result.crowd.tally;
        let mut values = vec![
            ("CPU per delivery", "µs", result.cpu_us / result.deliveries),
            ("deliveries per CPU second", "M", result.deliveries / result.cpu_us),
            ("messages per write", "1", result.deliveries / tally.frames.max(1) as f64),
            ("delay p50", "ms", tally.delays.ms(500)),
            ("delay p99", "ms", tally.delays.ms(990)),
        ];
        values.extend(result.faults());
        Ok(values)
    }

    /// Delays, with viewers that read at once.
    pub(super) fn quiet(self, measure: Measure<'_>) -> Outcome<Vec<Value>> {
        let result = self.run(measure, Duration::ZERO)?;
        let tally = &result.crowd.tally;
        let mut values =
            vec![("delay p50", "ms", tally.delays.ms(500)), ("delay p99", "ms", tally.delays.ms(990))];
        values.extend(result.faults());
        Ok(values)
    }

    fn run(self, measure: Measure<'_>, nap: Duration) -> Outcome<Result> {
        let Measure { target, clock, seconds, .. } = measure;
        let rooms = if self.rooms == 1 { 1 } else { measure.viewers(self.rooms) };
        let viewers = if rooms == 1 { measure.viewers(self.viewers) } else { rooms * 10 };
        let server = Server::start(target, clock, self.batch)?;
        let mut crowd = Crowd::new(target.dialect(), server.address, clock, 1)?;
        crowd.gather(viewers, rooms)?;
        let span = Duration::from_secs(seconds.into());
        let messages = (self.per_s * (LEAD + span).as_secs_f64()) as u64 * rooms as u64;
        let schedule = Schedule { rooms, messages, span: LEAD + span, first: 1, body_bytes: BODY_BYTES };
        let each = viewers as u64 / rooms as u64;
        crowd.nap = nap;
        let publisher = publisher::start(target.door(), server.publish, schedule, clock)?;
        // A quiet room's first messages go alone, and pay for pages and paths that later ones find.
        crowd.listen(LEAD, u64::MAX)?;
        let (before, led) = (server.usage()?, crowd.tally.received);
        crowd.tally.frames = 0;
        crowd.tally.delays = crate::delay::Delays::default();
        crowd.listen(span + SETTLE, messages * each)?;
        let after = server.usage()?;
        joined(publisher)?;
        if target.is_ours() {
            check_books(&server, messages * each, &mut crowd)?;
        }
        Ok(Result {
            deliveries: (crowd.tally.received - led) as f64,
            expected: (messages * each - led) as f64,
            cpu_us: after.cpu_us_since(&before),
            crowd,
        })
    }
}

impl Result {
    fn faults(&self) -> [Value; 2] {
        let tally = &self.crowd.tally;
        [
            ("lost", "%", (1.0 - self.deliveries / self.expected) * 100.0),
            ("out of order", "%", tally.disordered as f64 / self.deliveries * 100.0),
        ]
    }
}

/// Waits for the publisher.
pub(super) fn joined(publisher: std::thread::JoinHandle<Outcome>) -> Outcome {
    publisher.join().map_err(|_| Failure("the publisher ended early".to_owned()))?
}

/// Our books, to the last message: published × members = delivered + declared drops, and every delivery arrived.
fn check_books(server: &Server, expected: u64, crowd: &mut Crowd) -> Outcome {
    let mut last = [0; 3];
    for _ in 0..20 {
        // The comets tell of themselves twice a second.
        crowd.listen(Duration::from_millis(250), u64::MAX)?;
        last = ["published_total", "delivered_total", "dropped_total"]
            .map(|name| server.metric(name, "").unwrap_or(0));
        if last[0] == expected && last[0] == last[1] + last[2] {
            return Ok(());
        }
    }
    Err(Failure(format!("the books do not balance: {last:?} published, delivered, dropped of {expected}")))
}
