//! Waiting for what others do, and doing something at a rate.

use std::time::Duration;

use measure::clock::{Clock, us};

/// Waits until `done`, looking every 5 ms; false where that took longer than `limit`.
pub(crate) async fn wait_until(clock: Clock, limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let end = clock.now_us() + us(limit);
    let mut look = tokio::time::interval(Duration::from_millis(5));
    while !done() {
        if clock.now_us() >= end {
            return false;
        }
        look.tick().await;
    }
    true
}

/// Calls `act` with 0, 1, 2, … so often that it was called `per_s` times each second, for `limit`.
pub(crate) async fn pace(clock: Clock, per_s: u64, limit: Duration, mut act: impl FnMut(u64)) {
    let start = clock.now_us();
    let limit_us = us(limit);
    let mut step = tokio::time::interval(Duration::from_millis(1));
    let mut done = 0;
    loop {
        step.tick().await;
        let elapsed_us = (clock.now_us() - start).min(limit_us);
        let due = elapsed_us * per_s / 1_000_000;
        (done..due).for_each(&mut act);
        done = due;
        if elapsed_us == limit_us {
            return;
        }
    }
}
