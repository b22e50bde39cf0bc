//! When a room's messages go out, and which of them: an edge's side of one room.
//!
//! In a quiet room a message goes out at once. The busier the room, the longer it gathers ([`pace`]). What is more than
//! the room's quotas is left out, fairly and counted ([`quota`]); what is left keeps the room's order.
//!
//! Sans-IO: [`Room::publish`] in, [`Room::poll_tick`] out, [`Room::deadline`] says when to ask again.

pub mod pace;
pub mod quota;

use std::sync::Arc;

use protocol::chat::RoomEvent;
use protocol::time::Instant;

use crate::tick::Tick;
use pace::Pace;
use quota::Gate;

/// What an operator sets for every room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// How long messages gather.
    pub pace: pace::Config,
    /// How many go out.
    pub quota: quota::Config,
}

/// One room.
#[derive(Debug)]
pub struct Room {
    pace: Pace,
    gate: Gate,
}

impl Room {
    /// A room in which nothing happened yet.
    #[must_use]
    pub const fn new(config: Config, now: Instant) -> Self {
        Self { pace: Pace::new(config.pace, now), gate: Gate::new(config.quota, now) }
    }

    /// The operator changed the rules. What waits already goes by the new ones.
    pub const fn reconfigure(&mut self, config: Config) {
        self.pace.config = config.pace;
        self.gate.config = config.quota;
    }

    /// A message of the room; they come in its order.
    pub fn publish(&mut self, event: RoomEvent) {
        self.gate.push(event);
    }

    /// Messages that wait for a tick.
    #[must_use]
    pub fn waiting(&self) -> &[RoomEvent] {
        self.gate.waiting()
    }

    /// The tick that is due, if one is.
    pub fn poll_tick(&mut self, now: Instant) -> Option<Arc<Tick>> {
        if self.gate.is_empty() || now < self.pace.next() {
            return None;
        }
        let (messages, shed, spared) = self.gate.take(now);
        self.pace.on_tick(now, messages.len());
        Some(Arc::new(Tick::new(messages, shed).sparing(spared)))
    }

    /// When a tick is due; [`Instant::NEVER`] where nothing waits.
    #[must_use]
    pub const fn deadline(&self) -> Instant {
        if self.gate.is_empty() { Instant::NEVER } else { self.pace.next() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tick::tests::message;
    use proptest::prelude::*;
    use protocol::chat::Class;

    proptest! {
        #[test]
        fn every_message_goes_out_in_order_or_is_declared(
            arrivals in prop::collection::vec((0..300_u64, 0..5_u8), 1..400)
        ) {
            let quota = quota::Config { chat_per_s: 20, ..quota::Config::default() };
            let mut room = Room::new(Config { quota, ..Config::default() }, Instant::ZERO);
            let (mut now, mut sent, mut shed, mut last) = (Instant::ZERO, 0, 0, 0);
            let count = arrivals.len() as u64;
            let mut collect = |tick: Arc<Tick>| -> Result<(), TestCaseError> {
                for message in &tick.messages {
                    prop_assert!(message.sequence > last);
                    last = message.sequence;
                }
                sent += tick.messages.len() as u64;
                shed += tick.shed.total();
                Ok(())
            };
            for (sequence, (gap, class)) in (1..).zip(arrivals) {
                now = Instant(now.0 + gap * 1_000);
                room.publish(message(sequence, Class::from_number(class).unwrap(), b"{}"));
                if let Some(tick) = room.poll_tick(now) {
                    collect(tick)?;
                }
            }
            while room.deadline() != Instant::NEVER {
                now = now.max(room.deadline());
                collect(room.poll_tick(now).expect("it is due"))?;
            }
            prop_assert_eq!(sent + shed, count);
        }
    }
}
