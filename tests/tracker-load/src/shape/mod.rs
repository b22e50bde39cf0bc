//! The shapes of load: each is a function from a tracker to its figures.

mod crowds;
mod rates;
mod storm;

use std::net::SocketAddr;
use std::time::Duration;

use crate::cli::{Options, Shape};
use crate::target::Target;
use crate::world::World;
use measure::clock::Clock;
use measure::failure::Outcome;
use measure::report::Figure;

/// One measure of one tracker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure<'a> {
    pub(crate) target: &'a Target,
    pub(crate) clock: Clock,
    pub(crate) time: Duration,
    divide: usize,
}

/// A figure before it is known whose it is: name, unit, value.
type Value = (&'static str, &'static str, f64);

impl Measure<'_> {
    /// The viewers' world, of a tracker that listens there.
    pub(crate) fn world(&self, address: SocketAddr) -> World {
        World::new(self.clock, address, self.target.speaks)
    }

    /// So many viewers, at the scale of this run; at least 20, so that five offers find somebody.
    pub(crate) fn viewers(&self, count: usize) -> usize {
        (count / self.divide).max(20)
    }
}

/// Takes the measure; nothing where the tracker cannot do what is measured.
pub(crate) async fn measure(
    shape: Shape,
    target: &Target,
    clock: Clock,
    options: &Options,
) -> Outcome<Vec<Figure>> {
    let divide = usize::try_from(options.divide).unwrap_or(1);
    let measure = Measure { target, clock, time: Duration::from_secs(options.seconds), divide };
    let values = match shape {
        Shape::Idle => crowds::idle(measure).await?,
        Shape::Announces => crowds::announces(measure).await?,
        _ if !target.relays() => Vec::new(),
        Shape::Relay => rates::relay(measure).await?,
        Shape::Joins => rates::joins(measure).await?,
        Shape::Burst => rates::burst(measure).await?,
        Shape::Capacity => crowds::capacity(measure, 1_000).await?,
        Shape::Capacity15k => crowds::capacity(measure, 15_000).await?,
        Shape::Workers if target.is_ours() => crowds::workers(measure).await?,
        Shape::Workers => Vec::new(),
        Shape::Storm => storm::storm(measure).await?,
    };
    let figure = |(name, unit, value)| Figure {
        shape: format!("{shape:?}").to_lowercase(),
        server: target.name,
        name,
        unit,
        value,
    };
    Ok(values.into_iter().map(figure).collect())
}
