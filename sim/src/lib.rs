//! A deterministic world: real engines, the real tracker registry, emulated players, links and origin, virtual time.
//!
//! One seed and one commit give one result. [`compare`] runs a scenario and its control, the same world with plain HLS
//! players; [`report`] says what came of it. Everything in a run is checked against ground truth that the world keeps
//! itself ([`books`]): no wrong byte is played or passed on, nobody sends more than it received, no output names what
//! is gone, no engine spins or keeps bytes that it does not use.
//!
//! **Invariant:** nothing here reads a clock or entropy; time is the heap of [`timeline`], chance is [`random`].
//! **Invariant:** an event is small and owns nothing, so that the world can grow to thousands of viewers.
//! **Leaves out:** relays (TURN), and messages other than blocks on downlinks' queues.

pub mod access;
mod arrivals;
mod audit;
pub mod bench;
pub mod bodies;
pub mod books;
mod drive;
pub mod event;
pub mod explain;
pub mod fold;
pub mod home;
pub mod lies;
pub mod loss;
pub mod mesh;
pub mod nat;
mod nearness;
pub mod office;
pub mod origin;
pub mod player;
pub mod plot;
pub mod random;
mod rendezvous;
pub mod replay;
pub mod report;
mod rival;
pub mod row;
pub mod scenario;
pub mod slab;
pub mod sleep;
pub mod stream;
pub mod table;
pub mod timeline;
pub mod viewer;
mod watch;
mod web;
mod wires;
pub mod world;

use std::rc::Rc;

use explain::Journal;
use report::{Comparison, Report};
use scenario::Scenario;
use stream::Stream;
use world::World;

/// Runs a scenario to its end.
#[must_use]
pub fn run(scenario: &Scenario) -> World {
    let stream = Rc::new(Stream::new(scenario.stream, scenario.seed, scenario.end()));
    let mut world = World::new(scenario.clone(), stream);
    world.run();
    world
}

/// Runs a scenario to its end and keeps what its engines thought.
#[must_use]
pub fn run_explained(scenario: &Scenario) -> World {
    let stream = Rc::new(Stream::new(scenario.stream, scenario.seed, scenario.end()));
    let mut world = World::new(scenario.clone(), stream);
    world.journal = Some(Journal::new(scenario.window));
    world.run();
    world
}

/// Runs a scenario and its control.
#[must_use]
pub fn compare(scenario: &Scenario) -> Comparison {
    Comparison {
        run: Report::of(&run(scenario)),
        control: Report::of(&run(&scenario.control())),
        rival: None,
    }
}
