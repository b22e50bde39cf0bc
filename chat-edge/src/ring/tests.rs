//! Crowds over sockets of random appetite: the books balance, the order holds, no frame is torn.

use proptest::prelude::*;
use protocol::chat::{Class, Reader};
use protocol::limits::CHAT_SERVER_FRAME_BYTES_MAX;

use super::*;
use crate::tick::tests::message;
use crate::tick::{Transport, Variant};

const READER: Reader = Reader { frame_bytes_max: CHAT_SERVER_FRAME_BYTES_MAX, extended: true };

#[derive(Clone, Copy, Debug)]
enum Step {
    Join { variant: Variant },
    Leave { who: usize },
    Push { kept: usize, shed: u64, class: Class, events: bool, author: Option<usize> },
    Write { who: usize, bytes: usize, times: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let variants = prop::sample::select(vec![Variant::Goim, Variant::Extended, Variant::Plain]);
    let classes = prop::sample::select(&Class::ALL[..]);
    prop_oneof![
        2 => variants.prop_map(|variant| Step::Join { variant }),
        1 => any::<usize>().prop_map(|who| Step::Leave { who }),
        8 => (0..4_usize, 0..3_u64, classes, any::<bool>(), any::<Option<usize>>())
            .prop_map(|(kept, shed, class, events, author)| Step::Push { kept, shed, class, events, author }),
        6 => (any::<usize>(), 0..400_usize, 1..8_usize)
            .prop_map(|(who, bytes, times)| Step::Write { who, bytes, times }),
    ]
}

/// A room with everything that its sockets took.
#[derive(Default)]
struct World {
    crowd: Crowd,
    /// By position, as the crowd tells.
    sockets: BTreeMap<ConnectionId, Vec<u8>>,
    left: Vec<(Vec<u8>, bool)>,
    connections: u32,
    sequence: u64,
    published: u64,
}

impl World {
    fn take(&mut self, step: Step) {
        match step {
            Step::Join { variant } => self.join(variant),
            Step::Leave { who } => {
                if let Some(position) = self.position(who) {
                    self.leave(position);
                }
            }
            Step::Push { kept, shed, class, events, author } => self.push(kept, shed, class, events, author),
            Step::Write { who, bytes, times } => {
                if let Some(position) = self.position(who) {
                    (0..times).for_each(|_| self.write(position, bytes));
                }
            }
        }
    }

    fn position(&self, who: usize) -> Option<Position> {
        Some(Position(u32::try_from(who.checked_rem(self.crowd.len())?).ok()?))
    }

    fn join(&mut self, variant: Variant) {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        self.crowd.join(connection, Form { variant, transport: Transport::Tcp });
        self.sockets.insert(connection, Vec::new());
    }

    fn leave(&mut self, position: Position) {
        let inside = self.crowd.inside_a_frame(position);
        let connection = self.crowd.connection(position).unwrap();
        self.crowd.leave(position);
        self.left.push((self.sockets.remove(&connection).unwrap(), inside));
    }

    fn push(&mut self, kept: usize, shed: u64, class: Class, events: bool, author: Option<usize>) {
        let mut say = |_: u64| {
            self.sequence += 1;
            let body =
                format!("{{\"{}\":\"\",\"n\":{}}}", if events { "cmd" } else { "test" }, self.sequence);
            message(self.sequence, class, body.as_bytes())
        };
        let messages = (0..kept as u64).map(&mut say).collect();
        let spared: Vec<RoomEvent> = (0..shed).map(&mut say).collect();
        let mut left_out = Counts::default();
        left_out.add(class, shed);
        self.published += (kept as u64 + shed) * self.crowd.len() as u64;
        let tick = Arc::new(Tick::new(messages, left_out));
        // Whoever wrote them gets what the others do not.
        let author = author.filter(|_| shed > 0).and_then(|who| self.position(who));
        let author = author.and_then(|position| self.crowd.connection(position));
        let own = author.map(|connection| (connection, Arc::new(tick.with(spared))));
        for connection in self.crowd.push_with(tick, own.into_iter().collect()).cut {
            let at = self.crowd.connections().position(|member| member == connection).unwrap();
            self.leave(Position(u32::try_from(at).unwrap()));
        }
    }

    fn write(&mut self, position: Position, bytes: usize) {
        let connection = self.crowd.connection(position).unwrap();
        if let Some((tick, written)) = self.crowd.next(position) {
            let taken = bytes.min(tick.len() - written);
            self.sockets.get_mut(&connection).unwrap().extend(&tick[written..written + taken]);
            self.crowd.wrote(position, taken);
        }
    }
}

/// Whole frames and how many; the numbers in them rise.
fn check_stream(bytes: &[u8], torn: bool) -> Result<u64, TestCaseError> {
    let (mut count, mut last) = (0, 0);
    for frame in READER.frames(bytes) {
        let Ok(frame) = frame else {
            prop_assert!(torn, "a frame is torn");
            break;
        };
        let body = std::str::from_utf8(frame.body).unwrap();
        let number: u64 = body.rsplit_once(':').unwrap().1.trim_end_matches('}').parse().unwrap();
        prop_assert!(number > last, "{} after {}", number, last);
        last = number;
        count += 1;
    }
    Ok(count)
}

proptest! {
    #[test]
    fn published_times_members_is_delivered_and_declared_drops(steps in prop::collection::vec(step(), 1..300)) {
        let mut world = World::default();
        for step in steps {
            world.take(step);
            let account = world.crowd.account();
            prop_assert_eq!(account.published_so_far().total(), world.published);
        }
        // Half of those who are left read to the end, the others go.
        while let Some(position) = world.position(0) {
            if world.crowd.len() % 2 == 0 {
                while world.crowd.next(position).is_some() {
                    world.write(position, usize::MAX);
                }
            }
            world.leave(position);
        }
        let account = *world.crowd.account();
        prop_assert_eq!(account.waiting(), Counts::default());
        prop_assert!(world.crowd.tails.is_empty());
        let mut seen = 0;
        for (bytes, torn) in &world.left {
            seen += check_stream(bytes, *torn)?;
        }
        // A tick of which only a part was taken counts as not delivered, though some of its frames may have arrived.
        prop_assert!(seen >= account.delivered_so_far().total());
        if world.left.iter().all(|(_, torn)| !torn) {
            prop_assert_eq!(seen, account.delivered_so_far().total());
        }
    }
}

fn one_member() -> World {
    let mut world = World::default();
    world.join(Variant::Goim);
    world
}

#[test]
fn a_reader_at_the_end_of_the_ring_loses_nothing_and_one_past_it_goes_on_with_the_newest() {
    for (ticks, slow) in [(TICKS_MAX, 0), (TICKS_MAX + 1, TICKS_MAX as u64)] {
        let mut world = one_member();
        (0..ticks).for_each(|_| world.push(1, 0, Class::Paid, true, None));
        assert_eq!(world.crowd.account().dropped_so_far(Drop::Slow).of(Class::Paid), slow, "{ticks}");
    }
}

#[test]
fn what_a_slow_reader_had_begun_it_gets_whole_before_the_newest() {
    let mut world = one_member();
    world.push(1, 0, Class::Chat, true, None);
    world.write(Position(0), 10);
    (0..TICKS_MAX).for_each(|_| world.push(1, 0, Class::Chat, true, None));
    assert!(world.crowd.inside_a_frame(Position(0)));
    while world.crowd.next(Position(0)).is_some() {
        world.write(Position(0), 7);
    }
    let account = world.crowd.account();
    assert_eq!((account.delivered_so_far().total(), account.waiting().total()), (2, 0));
    assert_eq!(account.dropped_so_far(Drop::Slow).total(), TICKS_MAX as u64 - 1);
}

#[test]
fn a_member_that_never_catches_up_is_cut_after_its_last_skip_and_one_that_does_stays() {
    let mut world = one_member();
    let round = |world: &mut World| (0..TICKS_MAX).for_each(|_| world.push(1, 0, Class::Chat, true, None));
    round(&mut world);
    for _ in 0..SKIPS_MAX {
        round(&mut world);
    }
    assert_eq!(world.crowd.len(), 1);
    while world.crowd.next(Position(0)).is_some() {
        world.write(Position(0), usize::MAX);
    }
    for _ in 0..=SKIPS_MAX {
        round(&mut world);
    }
    assert_eq!(world.crowd.len(), 1, "it had caught up");
    round(&mut world);
    assert_eq!(world.crowd.len(), 0);
}

#[test]
fn the_ring_is_bounded_in_messages_too_and_keeps_the_newest_tick_whatever_it_holds() {
    let mut world = one_member();
    world.push(MESSAGES_MAX / 2, 0, Class::Chat, true, None);
    world.push(MESSAGES_MAX / 2, 0, Class::Chat, true, None);
    assert_eq!(world.crowd.ticks.len(), 2);
    world.push(1, 0, Class::Chat, true, None);
    assert_eq!(world.crowd.ticks.len(), 2);
    world.push(MESSAGES_MAX + 1, 0, Class::Chat, true, None);
    assert_eq!(world.crowd.ticks.len(), 1);
}
