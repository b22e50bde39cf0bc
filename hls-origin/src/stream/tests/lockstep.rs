//! Two renditions through random lives: whatever happens to either, one number means one moment.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::world::{Publisher, World, breaks, starts};
use crate::fixture::Encoder;

/// One thing that may happen.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Both send; the flag says who first.
    Run { ms: u64, b_first: bool },
    /// Only one sends: the other is late.
    Late { ms: u64, b: bool },
    /// One drops and returns with the clock that it would have had.
    Return { b: bool, away_ms: u64 },
    /// The encoder is restarted: both drop, both begin from zero.
    Restart { away_ms: u64 },
}

fn act() -> impl Strategy<Value = Act> {
    let whole = |fragments: u64| fragments * 200;
    prop_oneof![
        6 => (1_u64..40, any::<bool>()).prop_map(move |(n, b_first)| Act::Run { ms: whole(n), b_first }),
        2 => (1_u64..8, any::<bool>()).prop_map(move |(n, b)| Act::Late { ms: whole(n), b }),
        1 => (any::<bool>(), 0_u64..60).prop_map(move |(b, n)| Act::Return { b, away_ms: whole(n) }),
        1 => (0_u64..100).prop_map(move |n| Act::Restart { away_ms: whole(n) }),
    ]
}

fn encoder(frame: u64, level: u8) -> Encoder {
    Encoder { frame, level, frame_bytes: 40, ..Encoder::new(50) }
}

/// Sends what an encoder has made up to that frame.
fn catch_up(world: &mut World, publisher: &mut Publisher, frame: u64) {
    while publisher.encoder.frame < frame {
        let bytes = publisher.encoder.fragment(5);
        world.send(publisher, &bytes).expect("accepted");
    }
}

struct Pair {
    world: World,
    a: Publisher,
    b: Publisher,
    frame: u64,
}

impl Pair {
    fn new() -> Self {
        let mut world = World::new();
        let a = world.publish("a", encoder(0, 30));
        let b = world.publish("b", encoder(0, 31));
        Self { world, a, b, frame: 0 }
    }

    fn perform(&mut self, act: Act) {
        match act {
            Act::Run { ms, b_first } => self.run(ms, [true, true], b_first),
            Act::Late { ms, b } => self.run(ms, [b, !b], false),
            Act::Return { b, away_ms } => {
                self.world.leave(if b { &self.b } else { &self.a });
                self.run_without(away_ms, b);
                let (name, level) = if b { ("b", 31) } else { ("a", 30) };
                let back = self.world.publish(name, encoder(self.frame, level));
                *(if b { &mut self.b } else { &mut self.a }) = back;
            }
            Act::Restart { away_ms } => {
                self.world.leave(&self.a);
                self.world.leave(&self.b);
                self.world.wait(away_ms);
                self.frame = 0;
                self.a = self.world.publish("a", encoder(0, 30));
                self.b = self.world.publish("b", encoder(0, 31));
            }
        }
    }

    fn run_without(&mut self, ms: u64, b: bool) {
        self.run(ms, [b, !b], false);
    }

    fn run(&mut self, ms: u64, sends: [bool; 2], b_first: bool) {
        for _ in 0..ms / 200 {
            self.world.wait(200);
            self.frame += 5;
            let mut order = [(sends[0], &mut self.a), (sends[1], &mut self.b)];
            if b_first {
                order.reverse();
            }
            for (_, publisher) in order.into_iter().filter(|(sends, _)| *sends) {
                catch_up(&mut self.world, publisher, self.frame);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn one_number_means_one_moment_in_both(acts in prop::collection::vec(act(), 1..25)) {
        let mut pair = Pair::new();
        // number → start, and whether a discontinuity is before it; as either playlist showed it first
        let mut seen: BTreeMap<u64, (i64, bool)> = BTreeMap::new();
        for act in acts {
            pair.perform(act);
            for index in [0, 1] {
                if pair.world.view(index).playlist.is_none() {
                    continue;
                }
                let playlist = pair.world.playlist(index);
                let broken = breaks(&playlist);
                for (msn, start) in starts(&playlist) {
                    let said = (start, broken.contains(&msn));
                    let first = *seen.entry(msn).or_insert(said);
                    prop_assert_eq!(first.1, said.1, "{} of {}: {:?}", msn, index, act);
                    prop_assert!((first.0 - said.0).abs() <= 100, "{} of {}: {:?} {:?}", msn, index, first, said);
                }
            }
        }
    }
}
