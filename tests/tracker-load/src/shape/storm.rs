//! The storm: a tracker dies under 15,000 viewers and is back at once, and so are they, all in the same moment.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::spawn_local;

use super::{Measure, Value};
use crate::crowd::{Viewer, gather};
use crate::pace::wait_until;
use crate::target;
use crate::world::{Habit, World};
use measure::failure::Outcome;

/// The first wait of a viewer that was not let in; it doubles up to [`WAIT_MAX`], as our own clients do.
const WAIT_FIRST: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(30);
/// A storm that is not over by then is not survived.
const OVER: Duration = Duration::from_secs(120);

struct Storm {
    world: Rc<World>,
    back: RefCell<Vec<Viewer>>,
    /// When each was back in the swarm, in microseconds of the bench's clock.
    attempts: RefCell<u64>,
}

/// Kills the tracker, starts it again on its port, and lets everybody return without waiting first.
pub(super) async fn storm(measure: Measure<'_>) -> Outcome<Vec<Value>> {
    let count = measure.viewers(15_000);
    let server = target::start(measure.target, measure.clock, None).await?;
    let address = server.address;
    let world = Rc::new(measure.world(address));
    drop(gather(&world, count).await?);
    server.kill().await?;
    let server = target::start_at(measure.target, measure.clock, None, address).await?;
    let empty = server.usage()?;
    world.start_measure();
    world.habit.set(Habit::ComeAgain);
    let storm = Rc::new(Storm { world, back: RefCell::default(), attempts: RefCell::default() });
    let start_us = measure.clock.now_us();
    for number in 0..count {
        spawn_local(come_back(Rc::clone(&storm), number));
    }
    let replies = || storm.world.tally.borrow().replies;
    let mut half_us = 0;
    let all = wait_until(measure.clock, OVER, || {
        if half_us == 0 && replies() * 2 >= count as u64 {
            half_us = measure.clock.now_us() - start_us;
        }
        replies() >= count as u64
    })
    .await;
    let took_us = measure.clock.now_us() - start_us;
    let after = server.usage()?;
    let lost = count.saturating_sub(storm.back.borrow().iter().filter(|viewer| !viewer.is_over()).count());
    Ok(vec![
        ("half are back after", "s", half_us as f64 / 1e6),
        ("all are back after", "s", if all { took_us as f64 / 1e6 } else { f64::NAN }),
        ("never back", "viewers", lost as f64),
        ("attempts of each", "1", *storm.attempts.borrow() as f64 / count as f64),
        ("memory at its most", "MB", after.resident_bytes_peak as f64 / 1e6),
        ("CPU per return", "µs", after.cpu_us_since(&empty) / count as f64),
    ])
}

async fn come_back(storm: Rc<Storm>, number: usize) {
    let mut wait = WAIT_FIRST;
    loop {
        *storm.attempts.borrow_mut() += 1;
        if let Ok(viewer) = Viewer::connect(&storm.world, number).await {
            viewer.announce(&storm.world, 0);
            storm.back.borrow_mut().push(viewer);
            return;
        }
        tokio::time::sleep(jittered(wait, number, storm.world.clock.now_us())).await;
        wait = (wait * 2).min(WAIT_MAX);
    }
}

/// Somewhere between nothing and `wait`: full jitter, from the viewer's number and the time (splitmix64's finisher).
fn jittered(wait: Duration, number: usize, now_us: u64) -> Duration {
    let mut bits = now_us ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    wait.mul_f64(((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64)
}
