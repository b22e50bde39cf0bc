//! The market's decision about one missing block: a pure function of what a viewer knows (`docs/spec/market.md`).

use protocol::time::{Duration, Instant};

use crate::limits::{DEADLINE_ANYHOW, DEADLINE_UNSENT, DOUBLING, RANK_GRACE, RANK_PAUSE, SEEDERS_TENTHS};
use crate::report::Reason;

/// What is known about one missing block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) now: Instant,
    /// When the player runs dry without it; [`Instant::NEVER`] while that is not known.
    pub(crate) due: Instant,
    /// The player shows nothing until it has this block.
    pub(crate) urgent: bool,
    /// The origin is slow.
    pub(crate) slow: bool,
    /// One more GET may be opened.
    pub(crate) room: bool,
    /// A list proves that it exists.
    pub(crate) proven: bool,
    /// No neighbour to trade with.
    pub(crate) alone: bool,
    /// Links are being made: company may come.
    pub(crate) joining: bool,
    /// A neighbour is sending it.
    pub(crate) sending: bool,
    /// A neighbour was asked for it before.
    pub(crate) asked_before: bool,
    /// Neighbours that hold it.
    pub(crate) holders: u8,
    /// One of them can be asked now; else when the first one can.
    pub(crate) askable: bool,
    pub(crate) askable_at: Instant,
    /// Until when a promise or a rumour rests the dice.
    pub(crate) promised_until: Instant,
    /// The die counts: not in the background.
    pub(crate) rolls: bool,
    /// The roll for an early purchase said yes.
    pub(crate) early: bool,
    /// When this viewer's die lets it buy.
    pub(crate) turn: Instant,
    /// When this viewer's die lets it buy for the deadline, where the origin is slow.
    pub(crate) relief: Instant,
    /// The die is the lowest near.
    pub(crate) lowest: bool,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Ask a neighbour.
    Ask,
    /// GET it from the origin.
    Buy(Reason),
    /// Look again then, or when something happens.
    Wait(Instant, Reason),
}

/// The rules, in order; each number is the rule's in `docs/spec/market.md`.
pub(crate) fn decide(case: &Case) -> Decision {
    if case.slow {
        return decide_slowly(case);
    }
    let last = case.due.before(DEADLINE_ANYHOW);
    let late = case.due.before(DEADLINE_UNSENT);
    if case.urgent {
        // Joining is never slower than without neighbours.
        let ask = case.askable && !case.room && !case.sending;
        return if ask { Decision::Ask } else { Decision::Buy(Reason::StartUp) };
    }
    if case.proven && case.now >= last {
        return Decision::Buy(Reason::Deadline); // 7
    }
    if case.sending {
        return Decision::Wait(last, Reason::NeighbourHolds);
    }
    if case.early && case.rolls && case.proven && !case.asked_before {
        return Decision::Buy(Reason::EarlyBuy); // 5
    }
    if case.askable && (case.now < late || !case.asked_before) {
        return Decision::Ask; // 3
    }
    if case.proven && case.now >= late {
        return Decision::Buy(Reason::Deadline); // 7
    }
    decide_unhurried(case, late)
}

/// A purchase brings a block too late, and delays those of others: neighbours come first whatever the deadline, and who
/// buys for the deadline is up to the dice.
fn decide_slowly(case: &Case) -> Decision {
    if case.sending {
        return Decision::Wait(Instant::NEVER, Reason::NeighbourHolds);
    }
    if case.askable {
        return Decision::Ask;
    }
    if case.urgent {
        return Decision::Buy(Reason::StartUp);
    }
    if case.proven && case.now >= case.relief && case.now >= case.promised_until {
        return Decision::Buy(Reason::Deadline);
    }
    decide_unhurried(case, case.relief)
}

/// What to do while there is time; `late` ends it.
fn decide_unhurried(case: &Case, late: Instant) -> Decision {
    if case.alone {
        return match (case.proven, case.joining) {
            (true, false) => Decision::Buy(Reason::Alone),
            (true, true) if case.due != Instant::NEVER => Decision::Wait(late, Reason::Alone),
            _ => Decision::Wait(Instant::NEVER, Reason::Alone),
        };
    }
    let wake = if case.proven { late.max(case.now) } else { Instant::NEVER };
    if case.holders > 0 {
        return Decision::Wait(wake.min(case.askable_at), Reason::HoldersBusy);
    }
    if case.now < case.promised_until {
        return Decision::Wait(wake.min(case.promised_until), Reason::Promised);
    }
    if !case.rolls {
        return Decision::Wait(wake, Reason::DieWaiting);
    }
    if case.now >= case.turn {
        return Decision::Buy(if case.lowest { Reason::DieLowest } else { Reason::DieRound }); // 4
    }
    Decision::Wait(wake.min(case.turn), Reason::DieWaiting)
}

/// One viewer's die for one block, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Roll {
    /// How many near rolled lower.
    pub(crate) rank: u8,
    pub(crate) die: u32,
    /// The dice of the whole swarm, where it is larger than the neighbourhood.
    pub(crate) swarm: Option<u32>,
    /// How late a neighbour's news may be.
    pub(crate) lag: Duration,
    /// How slow the origin is.
    pub(crate) slow: Duration,
}

/// When a die lets its roller buy: at `first` for the lowest near; for rank r at `base` + grace + r × 200 ms; and in a
/// swarm larger than the neighbourhood not before the threshold s/N, which doubles every 900 ms, has reached the die.
///
/// News travels behind the blocks that its bearer is sending: `lag`, the time of one block on a neighbour's uplink, is
/// added to the grace, and half of it to each rank's pause.
pub(crate) fn turn(roll: &Roll, first: Instant, base: Instant) -> Instant {
    let Roll { die, swarm, slow, .. } = *roll;
    let by_rank = by_rank(roll, first, base);
    let Some(swarm) = swarm else { return by_rank };
    let mut threshold = (u64::from(u32::MAX) + 1) * SEEDERS_TENTHS / (10 * u64::from(swarm.max(1)));
    let mut opened = base.min(first);
    while u64::from(die) >= threshold.max(1) && threshold <= u64::from(u32::MAX) {
        threshold = threshold.max(1) * 2;
        opened = opened.max(base) + DOUBLING + slow;
    }
    by_rank.max(opened)
}

/// When the deadline lets a roller buy from a slow origin: the lowest near so much sooner as the origin takes.
pub(crate) fn relief(roll: &Roll, due: Instant) -> Instant {
    let late = due.before(DEADLINE_UNSENT + roll.slow);
    by_rank(roll, late, late)
}

fn by_rank(roll: &Roll, first: Instant, base: Instant) -> Instant {
    let Roll { rank, lag, .. } = *roll;
    match rank {
        0 => first,
        rank => base + RANK_GRACE + lag + (RANK_PAUSE + lag / 2) * u32::from(rank),
    }
}

/// How long a swarm of this size needs to spread a block: about log₂ N hops, each a request and a transmission.
pub(crate) fn spread_time(swarm: u32) -> Duration {
    crate::limits::SPREAD_START + crate::limits::SPREAD_HOP * swarm.max(1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn case() -> Case {
        let now = Instant::from_millis(100_000);
        Case {
            now,
            due: now + SECOND * 5,
            urgent: false,
            slow: false,
            room: true,
            proven: true,
            alone: false,
            joining: false,
            sending: false,
            asked_before: false,
            holders: 0,
            askable: false,
            askable_at: Instant::NEVER,
            promised_until: Instant::ZERO,
            rolls: true,
            early: false,
            turn: Instant::NEVER,
            relief: Instant::NEVER,
            lowest: false,
        }
    }

    fn due_in(ms: u64) -> Instant {
        case().now + Duration::from_millis(ms)
    }

    #[test]
    fn each_rule_decides_its_case() {
        use Decision::{Ask, Buy};
        let busy = Case { holders: 1, askable_at: Instant::NEVER, ..case() };
        let held = Case { holders: 1, askable: true, ..case() };
        let rows = [
            ("a neighbour holds it", held, Ask),
            (
                "my die is the lowest",
                Case { turn: case().now, lowest: true, ..case() },
                Buy(Reason::DieLowest),
            ),
            ("my round has come", Case { turn: case().now, ..case() }, Buy(Reason::DieRound)),
            ("uplinks are short", Case { early: true, ..case() }, Buy(Reason::EarlyBuy)),
            ("nobody there", Case { alone: true, ..case() }, Buy(Reason::Alone)),
            ("no first frame yet", Case { urgent: true, ..case() }, Buy(Reason::StartUp)),
            (
                "no first frame, though a neighbour sends it",
                Case { urgent: true, sending: true, ..held },
                Buy(Reason::StartUp),
            ),
            ("holders busy to the last", Case { due: due_in(999), ..busy }, Buy(Reason::Deadline)),
            ("sent too slowly", Case { sending: true, due: due_in(399), ..held }, Buy(Reason::Deadline)),
            (
                "promised too late",
                Case { promised_until: Instant::NEVER, due: due_in(999), ..case() },
                Buy(Reason::Deadline),
            ),
            ("late, but a holder never asked", Case { due: due_in(900), ..held }, Ask),
            (
                "late, and asked in vain",
                Case { due: due_in(900), asked_before: true, ..held },
                Buy(Reason::Deadline),
            ),
        ];
        for (name, case, decision) in rows {
            assert_eq!(decide(&case), decision, "{name}");
        }
    }

    #[test]
    fn from_a_slow_origin_a_deadline_buys_only_what_nobody_near_has_or_fetches() {
        use Decision::{Ask, Buy, Wait};
        let slow = Case { slow: true, due: due_in(100), relief: case().now, ..case() };
        let held = Case { holders: 1, askable: true, asked_before: true, ..slow };
        let rows = [
            ("nobody has it", slow, Buy(Reason::Deadline)),
            (
                "my turn is still to come",
                Case { relief: due_in(50), ..slow },
                Wait(due_in(50), Reason::DieWaiting),
            ),
            ("promised", Case { promised_until: due_in(900), ..slow }, Wait(case().now, Reason::Promised)),
            ("held, though asked in vain", held, Ask),
            ("being sent", Case { sending: true, ..held }, Wait(Instant::NEVER, Reason::NeighbourHolds)),
            ("no first frame, and held", Case { urgent: true, ..held }, Ask),
            ("no first frame, and not held", Case { urgent: true, ..slow }, Buy(Reason::StartUp)),
            (
                "at first sight",
                Case { early: true, relief: due_in(50), ..slow },
                Wait(due_in(50), Reason::DieWaiting),
            ),
        ];
        for (name, case, decision) in rows {
            assert_eq!(decide(&case), decision, "{name}");
        }
    }

    #[test]
    fn a_slow_origin_is_turned_to_so_much_sooner_and_one_after_the_other() {
        let due = Instant::from_millis(20_000);
        let at =
            |rank| relief(&Roll { rank, die: 0, swarm: None, lag: Duration::ZERO, slow: SECOND * 2 }, due);
        assert_eq!(at(0), due.before(DEADLINE_UNSENT + SECOND * 2));
        assert_eq!(at(2), at(0) + RANK_GRACE + RANK_PAUSE * 2);
    }

    #[test]
    fn each_wait_ends_when_its_reason_does() {
        let late = case().due.before(DEADLINE_UNSENT);
        let last = case().due.before(DEADLINE_ANYHOW);
        let soon = due_in(300);
        let rows = [
            ("being sent", Case { sending: true, ..case() }, last, Reason::NeighbourHolds),
            ("holders busy", Case { holders: 1, askable_at: soon, ..case() }, soon, Reason::HoldersBusy),
            ("promised", Case { promised_until: soon, ..case() }, soon, Reason::Promised),
            ("another's turn", Case { turn: soon, ..case() }, soon, Reason::DieWaiting),
            (
                "in the background",
                Case { rolls: false, turn: case().now, ..case() },
                late,
                Reason::DieWaiting,
            ),
            ("company may come", Case { alone: true, joining: true, ..case() }, late, Reason::Alone),
            (
                "not there yet, alone",
                Case { alone: true, proven: false, ..case() },
                Instant::NEVER,
                Reason::Alone,
            ),
        ];
        for (name, case, until, reason) in rows {
            assert_eq!(decide(&case), Decision::Wait(until, reason), "{name}");
        }
    }

    #[test]
    fn in_a_small_swarm_the_rank_alone_decides_when() {
        let (first, base) = (Instant::from_millis(1_000), Instant::from_millis(2_000));
        let roll = |rank, lag| Roll { rank, die: 0, swarm: None, lag, slow: Duration::ZERO };
        assert_eq!(turn(&roll(0, SECOND), first, base), first);
        assert_eq!(turn(&roll(2, Duration::ZERO), first, base), base + RANK_GRACE + RANK_PAUSE * 2);
        assert_eq!(turn(&roll(2, SECOND), first, base), base + RANK_GRACE + RANK_PAUSE * 2 + SECOND * 2);
    }

    #[test]
    fn in_a_large_swarm_a_high_die_waits_for_the_threshold_to_double() {
        let base = Instant::from_millis(2_000);
        let at = |die| {
            turn(
                &Roll { rank: 0, die, swarm: Some(1_500), lag: Duration::ZERO, slow: Duration::ZERO },
                base,
                base,
            )
        };
        let threshold = u32::MAX / 1_000;
        assert_eq!(at(threshold - 1), base);
        assert_eq!(at(threshold + 1), base + DOUBLING);
        assert_eq!(at(threshold * 3), base + DOUBLING * 2);
        assert_eq!(at(u32::MAX), base + DOUBLING * 10);
    }
}
