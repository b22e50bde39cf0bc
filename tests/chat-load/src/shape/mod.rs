//! The shapes of load: each is a function from a server to its figures.

mod fanout;
mod idle;
mod killed;
mod stalled;

use std::time::Duration;

use crate::cli::{Options, Shape};
use crate::target::{Batch, Target};
use measure::clock::Clock;
use measure::failure::Outcome;

use fanout::Fanout;

/// One measure of one server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure<'a> {
    pub(crate) target: &'a Target,
    pub(crate) clock: Clock,
    pub(crate) seconds: u32,
    divide: usize,
}

/// A figure before it is known whose it is: name, unit, value.
pub(crate) type Value = (&'static str, &'static str, f64);

impl Measure<'_> {
    /// So many viewers, at the scale of this run; at least 20.
    pub(crate) fn viewers(&self, count: usize) -> usize {
        (count / self.divide).max(20)
    }
}

/// Takes the measure; nothing where the server cannot do what is measured.
pub(crate) fn measure(shape: Shape, target: &Target, clock: Clock, options: &Options) -> Outcome<Vec<Value>> {
    let divide = usize::try_from(options.divide).unwrap_or(1);
    let measure = Measure { target, clock, seconds: options.seconds, divide };
    let ms = |ms| Batch::Every(Duration::from_millis(ms));
    match shape {
        Shape::Idle => idle::idle(measure),
        Shape::Unbatched => Fanout { viewers: 10_000, rooms: 1, per_s: 5.0, batch: Batch::Own }.take(measure),
        Shape::Second => Fanout { viewers: 10_000, rooms: 1, per_s: 40.0, batch: ms(1_000) }.take(measure),
        Shape::Quarter => Fanout { viewers: 10_000, rooms: 1, per_s: 40.0, batch: ms(250) }.take(measure),
        Shape::Rooms => Fanout { viewers: 10_000, rooms: 1_000, per_s: 1.0, batch: Batch::Own }.take(measure),
        Shape::Quiet => Fanout { viewers: 500, rooms: 50, per_s: 0.5, batch: Batch::Own }.quiet(measure),
        Shape::Stalled => stalled::stalled(measure),
        Shape::Killed => killed::killed(measure),
    }
}

/// The name of a shape in tables.
pub(crate) const fn name(shape: Shape) -> &'static str {
    match shape {
        Shape::Idle => "idle",
        Shape::Unbatched => "unbatched",
        Shape::Second => "second",
        Shape::Quarter => "quarter",
        Shape::Rooms => "rooms",
        Shape::Quiet => "quiet",
        Shape::Stalled => "stalled",
        Shape::Killed => "killed",
    }
}
