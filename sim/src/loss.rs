//! What lost packets do to a message on a reliable, unordered data channel: they delay it.
//!
//! A packet lost in the middle of a message is missed by the ones after it and repaired in a round trip (RFC 9260
//! §7.2.4 wants three of them). One lost at its tail has nothing after it: it waits for the retransmission timer, unless
//! later messages on the link report the gap. That is what a tail probe is for.

use protocol::time::Duration;

use crate::random::Random;

/// Payload of one packet: what Chromium's SCTP puts into one.
pub const PACKET_BYTES: u64 = 1_150;
/// Packets at a message's end that are not repaired fast: measured, one block in twenty or fewer waits for the timer
/// where two packets in a hundred are lost, so it is the last one only.
const TAIL_PACKETS: u64 = 1;
/// The retransmission timer on a link of short round trips: dcSCTP's minimum of 400 ms and a delayed acknowledgement.
const TIMER: Duration = Duration::from_millis(450);
/// From the arrival of the packet that shows a gap to its repair, beside the round trip.
const REPAIR: Duration = Duration::from_millis(10);
/// The first congestion window: ten packets (RFC 9260 §7.2.1, as dcSCTP has it).
const WINDOW_BYTES: u64 = 10 * PACKET_BYTES;
/// A window past this changes nothing here.
const WINDOW_BYTES_MAX: u64 = 1 << 20;

/// The sender's view of one direction of a link.
#[derive(Clone, Copy, Debug)]
pub struct Congestion {
    window: u64,
}

/// What became of a message when its last packet was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// How much later than the bare path it arrives.
    pub late: Duration,
    /// Its tail was lost: it arrives this much earlier if news on the link shows the gap at once.
    pub tail_lost: bool,
}

impl Default for Congestion {
    fn default() -> Self {
        Self { window: WINDOW_BYTES }
    }
}

impl Congestion {
    /// The fate of a message of `bytes` over a path of `rtt` that loses `loss` packets per million; sending it took
    /// `sending`.
    pub fn send(
        &mut self,
        random: &mut Random,
        bytes: u64,
        rtt: Duration,
        loss: u32,
        sending: Duration,
    ) -> Fate {
        let late = (rtt * self.rounds(bytes)).saturating_sub(sending);
        if loss == 0 {
            return Fate { late, tail_lost: false };
        }
        let packets = bytes.div_ceil(PACKET_BYTES).max(1);
        let tail = packets.min(TAIL_PACKETS);
        let middle_lost = (tail..packets).filter(|_| random.chance(loss)).count();
        let tail_lost = (0..tail).any(|_| random.chance(loss));
        let again = (0..middle_lost + usize::from(tail_lost)).any(|_| random.chance(loss));
        if middle_lost > 0 || tail_lost {
            self.window = (self.window / 2).max(WINDOW_BYTES);
        }
        let repair = if tail_lost {
            TIMER
        } else if middle_lost > 0 {
            rtt + REPAIR
        } else {
            Duration::ZERO
        };
        let again = if again { TIMER } else { Duration::ZERO };
        Fate { late: late + repair + again, tail_lost }
    }

    /// Round trips spent on waiting for the window to open, and the window afterwards.
    fn rounds(&mut self, bytes: u64) -> u32 {
        let mut rounds = 0;
        let mut sent = self.window;
        while sent < bytes && self.window < WINDOW_BYTES_MAX {
            self.window *= 2;
            sent += self.window;
            rounds += 1;
        }
        rounds
    }
}

/// How much later than the bare path a lost tail arrives once the gap is shown.
#[must_use]
pub fn repaired(rtt: Duration) -> Duration {
    rtt + REPAIR
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    const RTT: Duration = Duration::from_millis(40);

    #[test]
    fn without_loss_only_the_first_messages_wait_for_the_window() {
        let mut random = Random::new(1, Purpose::Loss, 0);
        let mut congestion = Congestion::default();
        let mut late = || congestion.send(&mut random, 61_440, RTT, 0, Duration::ZERO).late;
        assert_eq!((late(), late(), late()), (RTT * 2, RTT, Duration::ZERO));
    }

    #[test]
    fn two_percent_of_loss_delay_most_blocks_a_little_and_few_a_lot() {
        let mut random = Random::new(1, Purpose::Loss, 0);
        let mut congestion = Congestion { window: WINDOW_BYTES_MAX };
        let sending = Duration::from_millis(500);
        let mut late: Vec<Duration> =
            (0..1_000).map(|_| congestion.send(&mut random, 61_440, RTT, 20_000, sending).late).collect();
        late.sort_unstable();
        // Measured, idle and unordered, at 43 ms: 453 / 542 / 1,067 ms against 425 without loss.
        assert!(late[500] <= RTT * 2, "{:?}", late[500]);
        assert!(late[990] >= Duration::from_millis(400), "{:?}", late[990]);
        assert!(late[999] <= Duration::from_millis(1_000), "{:?}", late[999]);
    }
}
