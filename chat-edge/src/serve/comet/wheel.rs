//! Who may have been silent too long: one turn a second, one entry for each connection, never moved when it speaks.
//!
//! A connection's deadline moves on whenever it is heard; its entry stays where it is, and is put where it belongs when
//! its slot comes round. So a heartbeat costs nothing here.

use protocol::time::Instant;

/// Slots of one second; later deadlines wait in the last one and are looked at again.
const SLOTS: usize = 512;
const SECOND: u64 = 1_000_000;

/// The wheel.
#[derive(Debug)]
pub(super) struct Wheel {
    slots: Vec<Vec<(u32, u32)>>,
    /// The second that was looked at last.
    at: u64,
}

impl Wheel {
    pub(super) fn new(now: Instant) -> Self {
        Self { slots: vec![Vec::new(); SLOTS], at: now.0 / SECOND }
    }

    /// The connection in this place is to be looked at when `deadline` has passed.
    pub(super) fn add(&mut self, index: usize, serial: u32, deadline: Instant) {
        let second = (deadline.0 / SECOND + 1).clamp(self.at + 1, self.at + SLOTS as u64 - 1);
        let slot = usize::try_from(second % SLOTS as u64).unwrap_or(0);
        if let (Some(slot), Ok(index)) = (self.slots.get_mut(slot), u32::try_from(index)) {
            slot.push((index, serial));
        }
    }

    /// Everybody who is to be looked at by now.
    pub(super) fn turn(&mut self, now: Instant) -> Vec<(usize, u32)> {
        let mut due = Vec::new();
        let second = now.0 / SECOND;
        while self.at < second {
            self.at += 1;
            let slot = usize::try_from(self.at % SLOTS as u64).unwrap_or(0);
            // Taken whole: a slot that keeps its room after a rush would keep it for ever.
            let entries = self.slots.get_mut(slot).map(std::mem::take).unwrap_or_default();
            due.extend(entries.into_iter().map(|(index, serial)| (index as usize, serial)));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_looked_at_once_after_the_deadline_and_at_most_a_second_late() {
        for (deadline_s, seen_at_s) in [(0, 1), (1, 2), (70, 71), (510, 511), (511, 511), (5_000, 511)] {
            let mut wheel = Wheel::new(Instant::ZERO);
            wheel.add(7, 9, Instant::from_millis(deadline_s * 1_000));
            let seen: Vec<u64> = (1..=600)
                .filter(|second| !wheel.turn(Instant::from_millis(second * 1_000)).is_empty())
                .collect();
            assert_eq!(seen, [seen_at_s], "{deadline_s}");
        }
    }
}
