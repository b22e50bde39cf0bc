//! A link that many viewers share on their way out: an office behind one line.
//!
//! Bodies wait for the line where they come from, since TCP sends no faster than its bottleneck carries: what is aborted
//! meanwhile never leaves.

use std::collections::VecDeque;

use protocol::time::Instant;

use crate::event::GetId;
use crate::scenario::{Office, Rate};

/// The shared link.
#[derive(Clone, Debug)]
pub struct Gateway {
    down: Rate,
    up: Rate,
    down_free: Instant,
    up_free: Instant,
    /// Bodies that wait for the line, in order.
    pub(crate) queue: VecDeque<GetId>,
    /// What it is carrying.
    pub(crate) carrying: Option<GetId>,
}

impl Gateway {
    /// An idle link.
    #[must_use]
    pub fn new(office: &Office) -> Self {
        Self {
            down: office.down,
            up: office.up,
            down_free: Instant::ZERO,
            up_free: Instant::ZERO,
            queue: VecDeque::new(),
            carrying: None,
        }
    }

    /// So many bytes come in for somebody. Answers when the last of them is through.
    pub fn receive(&mut self, now: Instant, bytes: u64) -> Instant {
        self.down_free = self.down_free.max(now) + self.down.span(bytes);
        self.down_free
    }

    /// So many bytes go out.
    pub fn send(&mut self, now: Instant, bytes: u64) -> Instant {
        self.up_free = self.up_free.max(now) + self.up.span(bytes);
        self.up_free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_queues_on_the_one_link() {
        let office = Office { members: 2, down: Rate(8_000_000), up: Rate(800_000) };
        let mut gateway = Gateway::new(&office);
        assert_eq!(gateway.receive(Instant::ZERO, 1_000), Instant::from_millis(1));
        assert_eq!(gateway.receive(Instant::ZERO, 1_000), Instant::from_millis(2));
        assert_eq!(gateway.send(Instant::ZERO, 1_000), Instant::from_millis(10));
    }
}
