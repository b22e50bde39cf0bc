//! What one connection may send: so many messages, offers and bytes in a second, ten seconds' worth of them at once.
//!
//! Each is a meter in virtual time (the generic cell rate algorithm, ITU-T I.371): what is taken is earned again at the
//! rate, and no more may be taken ahead than [`AHEAD`] earns. A meter at rest always takes one message, however large.

use protocol::time::{Duration, Instant};
use protocol::tracker::ClientMessage;

use crate::serve::Config;

/// A page that comes back after a pause says all at once what it had to say.
const AHEAD: Duration = Duration::from_secs(10);

/// What is over its rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// Messages.
    Messages,
    /// Offers.
    Offers,
    /// Bytes.
    Bytes,
}

impl Excess {
    /// Every one, in the order in which they are looked at.
    pub(crate) const ALL: [Self; 3] = [Self::Messages, Self::Offers, Self::Bytes];

    /// Its stable name, for metrics.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Offers => "offers",
            Self::Bytes => "bytes",
        }
    }

    /// What is wrong and what to do.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Messages => "too many messages over one connection; wait before the next",
            Self::Offers => "too many offers over one connection; wait, or offer less",
            Self::Bytes => "too many bytes over one connection; wait before the next message",
        }
    }
}

/// One connection's meters.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    messages: Meter,
    offers: Meter,
    bytes: Meter,
}

impl Allowance {
    /// A message of so many bytes has come.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        config: &Config,
        bytes: usize,
        message: Option<&ClientMessage>,
    ) -> Result<(), Excess> {
        let offers = match message {
            Some(ClientMessage::Announce(announce)) => announce.offers.len() as u64,
            Some(ClientMessage::Answer(_) | ClientMessage::Scrape(_)) | None => 0,
        };
        let rows = [
            (&mut self.messages, 1, config.messages_per_connection_per_s, Excess::Messages),
            (&mut self.offers, offers, config.offers_per_connection_per_s, Excess::Offers),
            (&mut self.bytes, bytes as u64, config.bytes_per_connection_per_s, Excess::Bytes),
        ];
        rows.into_iter().try_for_each(
            |(meter, count, per_s, excess)| {
                if meter.take(now, count, per_s) { Ok(()) } else { Err(excess) }
            },
        )
    }
}

/// One rate.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// When all that was taken is earned.
    earned: Instant,
}

impl Meter {
    /// So many come now: whether they may, at so many per second; 0 is no limit.
    pub(crate) fn take(&mut self, now: Instant, count: u64, per_s: u32) -> bool {
        if per_s == 0 || count == 0 {
            return true;
        }
        let start = self.earned.max(now);
        let earned = start + Duration::from_micros(count.saturating_mul(1_000_000) / u64::from(per_s));
        let within = start == now || earned - now <= AHEAD;
        if within {
            self.earned = earned;
        }
        within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(7_000_000);

    fn taken(meter: &mut Meter, now: Instant, per_s: u32) -> usize {
        (0..1_000).take_while(|_| meter.take(now, 1, per_s)).count()
    }

    #[test]
    fn ten_seconds_worth_may_come_at_once_and_then_as_much_as_is_earned() {
        let mut meter = Meter::default();
        assert_eq!(taken(&mut meter, NOW, 20), 200);
        assert_eq!(taken(&mut meter, NOW + Duration::from_millis(49), 20), 0);
        assert_eq!(taken(&mut meter, NOW + Duration::from_millis(50), 20), 1);
        assert_eq!(taken(&mut meter, NOW + Duration::from_secs(5), 20), 99);
        assert_eq!(taken(&mut meter, NOW + Duration::from_secs(500), 20), 200);
    }

    #[test]
    fn a_meter_at_rest_takes_one_of_any_size_and_no_rate_is_no_limit() {
        let mut meter = Meter::default();
        assert!(meter.take(NOW, 65_536, 100) && !meter.take(NOW, 1, 100));
        assert_eq!(taken(&mut Meter::default(), NOW, 0), 1_000);
    }
}
