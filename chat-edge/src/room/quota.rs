//! Which messages go out when there are more than anybody could read.
//!
//! Each class has a rate of its own, so that no flood of likes ever costs a gift its place. What is over it is chosen by
//! a hash of the message's number: every message of a tick has the same chance, whenever in it it came, and every edge
//! chooses the same.

use std::collections::VecDeque;

use protocol::chat::{Class, RoomEvent};
use protocol::time::Instant;

use crate::tick::Counts;

/// Messages of one class that are left when too many wait for a tick; so many more may gather before the choice is made,
/// so that a flood costs each message a constant.
const WAITING_MAX: usize = 1_024;

/// Messages left out of a tick that those who wrote them, and their followers, still see: the newest.
const SPARED_MAX: usize = 1_024;

/// Messages per second and room, by class. A second's worth may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Moderation, and the room's state.
    pub control_per_s: u32,
    /// Paid, and from the host.
    pub paid_per_s: u32,
    /// A viewer's own.
    pub own_per_s: u32,
    /// Everybody's.
    pub chat_per_s: u32,
    /// Likes, and who came in.
    pub ambient_per_s: u32,
}

impl Default for Config {
    /// People read about 20 to 60 lines a second as a stream and no more (`chat`); the other classes get what they need
    /// beside it.
    fn default() -> Self {
        Self { control_per_s: 1_000, paid_per_s: 200, own_per_s: 100, chat_per_s: 100, ambient_per_s: 20 }
    }
}

impl Config {
    const fn per_s(&self, class: Class) -> u32 {
        match class {
            Class::Control => self.control_per_s,
            Class::Paid => self.paid_per_s,
            Class::Own => self.own_per_s,
            Class::Chat => self.chat_per_s,
            Class::Ambient => self.ambient_per_s,
        }
    }
}

/// What waits for a room's next tick.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) config: Config,
    waiting: Vec<RoomEvent>,
    /// What of it is of which class.
    counts: Counts,
    shed: Counts,
    /// The newest of what was left out.
    spared: VecDeque<RoomEvent>,
    /// Millionths of a message that each class may still send.
    credit: [u64; Class::ALL.len()],
    at: Instant,
}

impl Gate {
    pub(super) const fn new(config: Config, now: Instant) -> Self {
        let credit = [
            config.control_per_s as u64 * MESSAGE,
            config.paid_per_s as u64 * MESSAGE,
            config.own_per_s as u64 * MESSAGE,
            config.chat_per_s as u64 * MESSAGE,
            config.ambient_per_s as u64 * MESSAGE,
        ];
        Self {
            config,
            waiting: Vec::new(),
            counts: Counts::EMPTY,
            shed: Counts::EMPTY,
            spared: VecDeque::new(),
            credit,
            at: now,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn waiting(&self) -> &[RoomEvent] {
        &self.waiting
    }

    pub(super) fn push(&mut self, event: RoomEvent) {
        let class = event.class;
        self.waiting.push(event);
        self.counts.add(class, 1);
        if self.counts.of(class) > 2 * WAITING_MAX as u64 {
            self.choose(class, WAITING_MAX);
        }
    }

    /// What goes out now, in order, and what was left out since the last time: how much, and the newest of it.
    pub(super) fn take(&mut self, now: Instant) -> (Vec<RoomEvent>, Counts, Vec<RoomEvent>) {
        let passed = now.since(self.at).as_micros();
        self.at = now;
        for class in Class::ALL {
            let per_s = u64::from(self.config.per_s(class));
            let index = usize::from(class.number());
            let full = per_s * MESSAGE;
            let credit = self.credit.get(index).copied().unwrap_or(0);
            let credit = credit.saturating_add(passed.saturating_mul(per_s)).min(full);
            let allowed = usize::try_from(credit / MESSAGE).unwrap_or(usize::MAX);
            self.choose(class, allowed);
            let sent = self.counts.of(class);
            if let Some(slot) = self.credit.get_mut(index) {
                *slot = credit - sent * MESSAGE;
            }
        }
        self.counts = Counts::EMPTY;
        let spared = std::mem::take(&mut self.spared).into();
        (std::mem::take(&mut self.waiting), std::mem::take(&mut self.shed), spared)
    }

    fn of(&self, class: Class) -> impl Iterator<Item = &RoomEvent> {
        self.waiting.iter().filter(move |event| event.class == class)
    }

    /// Leaves at most `count` messages of the class: those with the smallest hashes.
    fn choose(&mut self, class: Class, count: usize) {
        if self.counts.of(class) <= count as u64 {
            return;
        }
        let mut hashes: Vec<u64> = self.of(class).map(hash).collect();
        let over = (hashes.len() - count) as u64;
        self.shed.add(class, over);
        self.counts.remove(class, over);
        // Those with hashes past this; a hash is nobody else's, so all where none may stay is from zero on.
        let last = count.checked_sub(1).map(|last| *hashes.select_nth_unstable(last).1);
        let Self { waiting, spared, .. } = self;
        let over = |event: &mut RoomEvent| event.class == class && last.is_none_or(|last| hash(event) > last);
        for event in waiting.extract_if(.., over) {
            // Nobody writes these, so nobody misses their own.
            if class == Class::Ambient {
                continue;
            }
            if spared.len() == SPARED_MAX {
                spared.pop_front();
            }
            spared.push_back(event);
        }
    }
}

/// One message's credit: a class's rate in messages per second is its credit's growth per microsecond.
const MESSAGE: u64 = 1_000_000;

/// Spreads epoch and number evenly over 64 bits, no two numbers of an epoch to the same (Steele, Lea, Flood 2014:
/// SplitMix64's finish).
const fn hash(event: &RoomEvent) -> u64 {
    let seed = event.sequence ^ (event.epoch as u64).rotate_left(32);
    let one = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let two = (one ^ (one >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    two ^ (two >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tick::tests::message;

    fn flood(gate: &mut Gate, class: Class, sequences: std::ops::Range<u64>) {
        sequences.for_each(|sequence| gate.push(message(sequence, class, b"{}")));
    }

    #[test]
    fn each_class_has_its_rate_and_no_other_pays_for_it() {
        let mut gate = Gate::new(Config::default(), Instant::ZERO);
        flood(&mut gate, Class::Ambient, 0..1_000);
        flood(&mut gate, Class::Chat, 1_000..1_200);
        flood(&mut gate, Class::Paid, 1_200..1_400);
        let (sent, shed, _) = gate.take(Instant::ZERO);
        let count = |class| sent.iter().filter(|event| event.class == class).count();
        assert_eq!([Class::Ambient, Class::Chat, Class::Paid].map(count), [20, 100, 200]);
        assert_eq!((shed.of(Class::Ambient), shed.of(Class::Chat), shed.of(Class::Paid)), (980, 100, 0));
        flood(&mut gate, Class::Chat, 2_000..2_100);
        let (sent, shed, _) = gate.take(Instant::from_millis(250));
        assert_eq!((sent.len(), shed.of(Class::Chat)), (25, 75));
    }

    #[test]
    fn the_choice_is_spread_over_the_whole_tick_and_keeps_the_order() {
        let mut gate = Gate::new(Config { chat_per_s: 100, ..Config::default() }, Instant::ZERO);
        flood(&mut gate, Class::Chat, 0..1_000);
        let (sent, ..) = gate.take(Instant::ZERO);
        assert!(sent.is_sorted_by_key(|event| event.sequence));
        for quarter in 0..4 {
            let there = sent.iter().filter(|event| event.sequence / 250 == quarter).count();
            assert!((10..=40).contains(&there), "{there} of quarter {quarter}");
        }
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut gate = Gate::new(Config { control_per_s: 5_000, ..Config::default() }, Instant::ZERO);
        flood(&mut gate, Class::Control, 0..2 * WAITING_MAX as u64);
        assert_eq!(gate.shed.total(), 0);
        flood(&mut gate, Class::Control, 5_000..5_001);
        assert_eq!((gate.waiting.len(), gate.shed.total()), (WAITING_MAX, WAITING_MAX as u64 + 1));
        let (sent, shed, _) = gate.take(Instant::ZERO);
        assert_eq!(sent.len() as u64 + shed.total(), 2 * WAITING_MAX as u64 + 1);
    }
}
