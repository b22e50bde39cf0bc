//! The uplink: one block on the wire and one waiting, over all links together (rule 8).
//!
//! What is sent is smoothed to 85 % of the uplink that receipts measure: above 80 %, with data both ways, queues grow
//! without end and stall for seconds. The receipt of a block is its receiver's `Have`; until it comes, a probe after
//! the last byte makes SCTP repair a lost tail.

use protocol::id::BlockKey;
use protocol::limits::BLOCK_BYTES;
use protocol::peer::{Refusal, RequestId};
use protocol::time::{Duration, Instant};

use crate::io::LinkId;
use crate::limits::{
    BUSY_RETRY_MAX_MS, BUSY_RETRY_MIN_MS, EARLIER, NEAR, PROBE_PERIOD, PROBES_MAX, RATES_KEPT,
    RECEIPT_MICROS_MIN, ROUND_TRIP_MAX, SMOOTH_PERCENT, WIRE_TIME_MAX, WIRE_TIME_MIN,
};

/// A request that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) link: LinkId,
    pub(crate) id: RequestId,
    pub(crate) block: BlockKey,
    pub(crate) bytes: u32,
    /// When the asker turns to the origin.
    pub(crate) due: Instant,
    /// Neighbours that hold the block too.
    pub(crate) holders: u8,
}

impl Job {
    /// Goes before another: by deadline where one of the two is near; else the rarer block, for it has still to be
    /// passed on.
    fn precedes(&self, other: &Self, now: Instant) -> bool {
        let near = now + NEAR;
        if self.due < near || other.due < near || self.holders == other.holders {
            self.due + EARLIER < other.due
        } else {
            self.holders < other.holders
        }
    }
}

/// The block on the wire.
#[derive(Clone, Copy, Debug)]
struct Wire {
    job: Job,
    sent: Instant,
    /// How long the link's send buffer took to be empty again.
    drained: Option<Duration>,
    probes: u8,
    probe_at: Instant,
}

/// The uplink's state.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    wire: Option<Wire>,
    /// The block before it, gone without a receipt yet.
    tail: Option<Wire>,
    waiting: Option<Job>,
    /// The measured uplink in kbit/s; 0 while unknown.
    pub(crate) uplink_kbit: u32,
    /// What the last few receipts measured.
    rates: Vec<u32>,
    /// Smoothing: nothing is sent before.
    free_at: Instant,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It waits its turn.
    Accepted,
    /// It takes the place of this one, which is refused.
    Displaced(Job),
    /// The uplink is taken.
    Refused(Refusal),
}

impl Upload {
    /// Takes a request in; an unfair asker gets only an idle uplink.
    pub(crate) fn admit(&mut self, job: Job, unfair: bool, now: Instant) -> Admission {
        let idle = self.wire.is_none() && self.waiting.is_none();
        // What would come too late is not begun, unless there is nothing else to do.
        let late = self.would_be_late(&job, now);
        match self.waiting {
            _ if unfair && !idle => Admission::Refused(Refusal::Unfair),
            _ if late && !idle => Admission::Refused(Refusal::Busy),
            None => {
                self.waiting = Some(job);
                Admission::Accepted
            }
            Some(later) if job.precedes(&later, now) => {
                self.waiting = Some(job);
                Admission::Displaced(later)
            }
            Some(_) => Admission::Refused(Refusal::Busy),
        }
    }

    /// The block would come after its asker has turned to the origin; half as long again as it takes, for what is lost.
    fn would_be_late(&self, job: &Job, now: Instant) -> bool {
        now.max(self.free_at) + self.time_of(job.bytes) * 3 / 2 > job.due
    }

    /// Takes out the one that waits if it would come too late by now, and the asker has not waited for it in vain yet.
    pub(crate) fn hopeless(&mut self, now: Instant) -> Option<Job> {
        let job = self.waiting.filter(|job| now < job.due && self.would_be_late(job, now))?;
        self.waiting = None;
        Some(job)
    }

    /// Takes the block off the wire whose receiver lets nothing in; who that is.
    pub(crate) fn stuck(&mut self, now: Instant) -> Option<LinkId> {
        let until = self.wire_until()?;
        let stuck = |wire: &mut Wire| wire.drained.is_none() && now >= until;
        self.tail = Some(self.wire.take_if(stuck)?);
        self.tail.map(|wire| wire.job.link)
    }

    /// When the block on the wire counts as gone: a receiver may be eight times slower than our uplink, or lose packets.
    fn wire_until(&self) -> Option<Instant> {
        let wire = self.wire?;
        let span = match self.uplink_kbit {
            0 => WIRE_TIME_MAX,
            _ => (self.time_of(wire.job.bytes) * 8).clamp(WIRE_TIME_MIN, WIRE_TIME_MAX),
        };
        Some(wire.sent + span)
    }

    /// The next block to send, if the wire is free.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Job> {
        self.expire(now);
        if self.wire.is_some() || now < self.free_at {
            return None;
        }
        self.waiting.take()
    }

    /// The block goes on the wire.
    pub(crate) fn sent(&mut self, job: Job, now: Instant) {
        let probe_at = now + self.time_of(job.bytes) + PROBE_PERIOD;
        self.wire = Some(Wire { job, sent: now, drained: None, probes: 0, probe_at });
        self.free_at = now + self.smoothed(job.bytes);
    }

    /// The link's send buffer ran empty.
    pub(crate) fn drained(&mut self, link: LinkId, now: Instant) {
        if let Some(wire) = self.wire.as_mut().filter(|wire| wire.job.link == link) {
            wire.drained.get_or_insert(now.since(wire.sent));
        }
    }

    /// The receiver has the block. The time it took, less the round trip, measures the uplink.
    pub(crate) fn receipt(&mut self, link: LinkId, block: BlockKey, round_trip: Duration, now: Instant) {
        let theirs = |wire: &mut Wire| wire.job.link == link && wire.job.block == block;
        let (wire, on_wire) = match self.wire.take_if(theirs) {
            Some(wire) => (wire, true),
            None => match self.tail.take_if(theirs) {
                Some(tail) => (tail, false),
                None => return,
            },
        };
        let whole = now.since(wire.sent);
        let span = whole.saturating_sub(round_trip.min(ROUND_TRIP_MAX).min(whole / 2));
        let span = span.max(wire.drained.unwrap_or_default());
        let micros = span.as_micros().max(RECEIPT_MICROS_MIN);
        let kbit = u32::try_from(u64::from(wire.job.bytes) * 8_000 / micros).unwrap_or(u32::MAX).max(1);
        // A short block says little.
        if wire.job.bytes > BLOCK_BYTES / 2 {
            self.measure(kbit);
        }
        if on_wire {
            self.free_at = wire.sent + self.smoothed(wire.job.bytes);
        }
    }

    /// Receipts wait behind what their sender sends itself, so they only ever make the uplink look too slow: the fastest
    /// of the last few is believed.
    fn measure(&mut self, kbit: u32) {
        if self.rates.len() >= RATES_KEPT {
            self.rates.remove(0);
        }
        self.rates.push(kbit);
        self.uplink_kbit = self.rates.iter().copied().max().unwrap_or(0);
    }

    /// The asker no longer wants it; what is on the wire already goes through.
    pub(crate) fn cancel(&mut self, link: LinkId, id: RequestId) -> Option<Job> {
        self.waiting.take_if(|job| job.link == link && job.id == id)
    }

    /// The link is gone.
    pub(crate) fn forget(&mut self, link: LinkId) {
        self.waiting.take_if(|job| job.link == link);
        self.wire.take_if(|wire| wire.job.link == link);
        self.tail.take_if(|wire| wire.job.link == link);
    }

    /// Blocks on the wire or waiting.
    pub(crate) fn queued(&self) -> u8 {
        u8::from(self.wire.is_some()) + u8::from(self.waiting.is_some())
    }

    /// Milliseconds after which a refused asker should come back.
    pub(crate) fn retry_ms(&self, bytes: u32, now: Instant) -> u16 {
        let busy = self.free_at.since(now) + self.time_of(bytes) * u32::from(self.queued());
        u16::try_from(busy.as_millis()).unwrap_or(u16::MAX).clamp(BUSY_RETRY_MIN_MS, BUSY_RETRY_MAX_MS)
    }

    /// The link that needs a probe now: its last block has left, and no receipt has come.
    pub(crate) fn probe(&mut self, now: Instant) -> Option<LinkId> {
        let wire = self.wire.as_mut().filter(|wire| now >= wire.probe_at && wire.probes < PROBES_MAX)?;
        wire.probes += 1;
        wire.probe_at = now + PROBE_PERIOD;
        Some(wire.job.link)
    }

    /// When there is something to do.
    pub(crate) fn next_deadline(&self) -> Instant {
        match self.wire {
            Some(wire) => {
                let free = wire.drained.is_some() && (self.uplink_kbit > 0 || wire.probes >= 1);
                let end = if free { self.free_at } else { self.wire_until().unwrap_or(Instant::NEVER) };
                if wire.probes < PROBES_MAX { end.min(wire.probe_at) } else { end }
            }
            None if self.waiting.is_some() => self.free_at,
            None => Instant::NEVER,
        }
    }

    /// Without a receipt the wire counts as free once the buffer is empty and the smoothed time has passed; as long
    /// as the uplink is unknown, only after a probe.
    fn expire(&mut self, now: Instant) {
        let (free_at, known) = (self.free_at, self.uplink_kbit > 0);
        let until = self.wire_until().unwrap_or(Instant::NEVER);
        let gone = self.wire.take_if(|wire| {
            let sent = wire.drained.is_some() && now >= free_at && (known || wire.probes >= 1);
            sent || now >= until
        });
        if gone.is_some() {
            self.tail = gone;
        }
    }

    /// How long so many bytes take on the measured uplink; nothing while it is unknown.
    fn time_of(&self, bytes: u32) -> Duration {
        let micros = (u64::from(bytes) * 8_000).checked_div(u64::from(self.uplink_kbit)).unwrap_or(0);
        Duration::from_micros(micros)
    }

    fn smoothed(&self, bytes: u32) -> Duration {
        self.time_of(bytes) * 100 / SMOOTH_PERCENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(link: u32, due_ms: u64) -> Job {
        let due = Instant::from_millis(due_ms);
        Job {
            link: LinkId(link),
            id: RequestId(link),
            block: BlockKey::default(),
            bytes: BLOCK_BYTES,
            due,
            holders: 1,
        }
    }

    #[test]
    fn one_is_sent_one_waits_and_the_third_is_refused() {
        let mut upload = Upload::default();
        assert_eq!(upload.admit(job(1, 900), false, Instant::ZERO), Admission::Accepted);
        let first = upload.next(Instant::ZERO).expect("the wire is free");
        upload.sent(first, Instant::ZERO);
        assert_eq!(upload.admit(job(2, 900), false, Instant::ZERO), Admission::Accepted);
        assert_eq!(upload.next(Instant::ZERO), None);
        assert_eq!(upload.admit(job(3, 900), false, Instant::ZERO), Admission::Refused(Refusal::Busy));
        assert_eq!(upload.queued(), 2);
    }

    #[test]
    fn an_earlier_deadline_displaces_the_one_that_waits() {
        let mut upload = Upload::default();
        upload.admit(job(1, 900), false, Instant::ZERO);
        assert_eq!(upload.admit(job(2, 500), false, Instant::ZERO), Admission::Displaced(job(1, 900)));
        assert_eq!(upload.next(Instant::ZERO), Some(job(2, 500)));
    }

    #[test]
    fn one_who_never_gives_gets_only_an_idle_uplink() {
        let mut upload = Upload::default();
        assert_eq!(upload.admit(job(1, 900), true, Instant::ZERO), Admission::Accepted);
        assert_eq!(upload.admit(job(2, 100), true, Instant::ZERO), Admission::Refused(Refusal::Unfair));
    }

    #[test]
    fn sends_are_smoothed_to_less_than_the_measured_uplink() {
        let mut upload = Upload::default();
        upload.sent(job(1, 900), Instant::ZERO);
        // 61,440 bytes in 492 ms are 999 kbit/s.
        upload.receipt(LinkId(1), BlockKey::default(), Duration::ZERO, Instant::from_millis(492));
        assert_eq!(upload.uplink_kbit, 999);
        upload.admit(job(2, 900), false, Instant::ZERO);
        assert_eq!(upload.next(Instant::from_millis(570)), None);
        assert!(upload.next(Instant::from_millis(580)).is_some());
    }

    #[test]
    fn a_receiver_that_lets_nothing_in_holds_the_wire_no_longer_than_a_slow_one_would() {
        let mut upload = Upload { uplink_kbit: 10_000, ..Upload::default() };
        upload.sent(job(1, 900), Instant::ZERO);
        upload.admit(job(2, 9_000), false, Instant::ZERO);
        let until = Instant::ZERO + WIRE_TIME_MIN;
        assert_eq!((upload.stuck(until.before(PROBE_PERIOD)), upload.stuck(until)), (None, Some(LinkId(1))));
        assert_eq!(upload.next(until), Some(job(2, 9_000)), "others are served");
    }

    #[test]
    fn a_lost_receipt_does_not_block_the_uplink_for_ever() {
        let mut upload = Upload::default();
        upload.sent(job(1, 900), Instant::ZERO);
        upload.drained(LinkId(1), Instant::ZERO);
        upload.admit(job(2, 900), false, Instant::ZERO);
        assert_eq!(upload.probe(Instant::ZERO), None);
        assert_eq!(upload.probe(Instant::ZERO + PROBE_PERIOD), Some(LinkId(1)));
        assert_eq!(upload.next(Instant::ZERO + PROBE_PERIOD), Some(job(2, 900)));
    }
}
