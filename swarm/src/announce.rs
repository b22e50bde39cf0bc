//! The tracker's client: which tracker, when to connect, when to announce.

use protocol::id::PeerId;
use protocol::time::{Duration, Instant};

use crate::limits::{
    ACCUSED_MAX, ANNOUNCE_ALONE, ANNOUNCE_INTERVAL_MAX, ANNOUNCE_INTERVAL_MIN, ANNOUNCE_SEARCH,
    ANNOUNCE_UNTOLD, RECONNECT, RECONNECT_MAX, REPORTED_MAX,
};
use crate::rng::Rng;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Socket {
    /// No tracker, or no P2P.
    Off,
    Closed {
        retry_at: Instant,
    },
    Connecting,
    Open,
}

/// What to do at the tracker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Connect(u8),
    Announce { started: bool },
}

/// The tracker's client.
#[derive(Debug)]
pub(crate) struct Announcer {
    socket: Socket,
    trackers: u8,
    current: u8,
    /// Connections that failed in a row.
    fails: u8,
    started: bool,
    announce_at: Instant,
    /// The tracker said not to come back before.
    not_before: Instant,
    /// Announces in a row that looked for company.
    searches: u8,
    /// What the tracker last told.
    interval: Duration,
    /// Viewers of the swarm, as the tracker last said; 0 while unknown.
    pub(crate) swarm: u32,
    pub(crate) news: News,
}

/// What the tracker is told of others with the next announce; what is past a maximum is not told.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// They sent proven bad data.
    pub(crate) accused: Vec<PeerId>,
    /// A link with them has opened.
    pub(crate) reached: Vec<PeerId>,
    /// They answered an offer of ours, and no link opened.
    pub(crate) unreached: Vec<PeerId>,
}

impl Announcer {
    pub(crate) const fn new(trackers: u8, now: Instant) -> Self {
        Self {
            socket: if trackers == 0 { Socket::Off } else { Socket::Closed { retry_at: now } },
            trackers,
            current: 0,
            fails: 0,
            started: false,
            announce_at: Instant::NEVER,
            not_before: Instant::ZERO,
            searches: 0,
            interval: ANNOUNCE_UNTOLD,
            swarm: 0,
            news: News { accused: Vec::new(), reached: Vec::new(), unreached: Vec::new() },
        }
    }

    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.socket, Socket::Open)
    }

    pub(crate) const fn opened(&mut self, now: Instant) {
        self.socket = Socket::Open;
        self.fails = 0;
        self.started = false;
        self.searches = 0;
        self.announce_at = now;
    }

    /// The next tracker's turn, after 1 s doubling to 30 s, with full jitter; the only one's turn not before it said.
    pub(crate) fn closed(&mut self, now: Instant, rng: &mut Rng) {
        if self.socket == Socket::Off {
            return;
        }
        let most = RECONNECT.saturating_mul(1 << self.fails.min(8)).min(RECONNECT_MAX);
        let micros = most.as_micros();
        let retry_at = now + Duration::from_micros(rng.below(micros) + 1);
        let said = if self.trackers == 1 { self.not_before } else { Instant::ZERO };
        self.socket = Socket::Closed { retry_at: retry_at.max(said) };
        self.fails = self.fails.saturating_add(1);
        self.current = (self.current + 1) % self.trackers.max(1);
        self.announce_at = Instant::NEVER;
    }

    /// There is a tracker that may know of others.
    pub(crate) fn may_bring_company(&self) -> bool {
        self.socket != Socket::Off && self.swarm != 1
    }

    /// What is due now.
    pub(crate) fn step(&mut self, now: Instant) -> Option<Step> {
        match self.socket {
            Socket::Closed { retry_at } if retry_at <= now => {
                self.socket = Socket::Connecting;
                Some(Step::Connect(self.current))
            }
            Socket::Open if self.announce_at <= now => {
                self.announce_at = Instant::NEVER;
                let started = !self.started;
                self.started = true;
                Some(Step::Announce { started })
            }
            Socket::Off | Socket::Closed { .. } | Socket::Connecting | Socket::Open => None,
        }
    }

    /// An announce went out: the next one looks for company soon, if there is too little, and else comes when told.
    pub(crate) fn announced(&mut self, searching: bool, few: bool, alone: bool, now: Instant, rng: &mut Rng) {
        let span = if few { self.interval.min(ANNOUNCE_UNTOLD) } else { self.interval };
        self.announce_at = Instant::NEVER;
        self.plan(span, now, rng);
        if searching {
            self.search(now, rng);
        }
        if searching && alone && self.searches <= 1 {
            self.plan(ANNOUNCE_ALONE, now, rng);
        }
    }

    /// There is too little company: the next announce comes soon, after a pause that doubles each time.
    pub(crate) fn search(&mut self, now: Instant, rng: &mut Rng) {
        let span = ANNOUNCE_SEARCH.saturating_mul(1 << self.searches.min(8)).min(ANNOUNCE_UNTOLD);
        if self.is_open() && now + span < self.announce_at {
            self.searches = self.searches.saturating_add(1);
            self.plan(span, now, rng);
        }
    }

    fn plan(&mut self, span: Duration, now: Instant, rng: &mut Rng) {
        // A tenth of jitter: viewers that joined together do not announce together for ever.
        let jitter = rng.below(span.as_micros() / 10);
        self.announce_at = self.announce_at.min(now + span + Duration::from_micros(jitter));
    }

    /// Announce by then at the latest.
    pub(crate) fn hurry(&mut self, at: Instant) {
        if self.is_open() {
            self.announce_at = self.announce_at.min(at);
        }
    }

    /// The tracker is not to be spoken to for so long.
    pub(crate) fn pause(&mut self, span: Duration, now: Instant) {
        self.announce_at = now + span.clamp(RECONNECT, ANNOUNCE_INTERVAL_MAX);
        self.not_before = self.announce_at;
    }

    /// The tracker's reply.
    pub(crate) fn told(&mut self, interval_s: u32, swarm: u32) {
        let span = Duration::from_secs(u64::from(interval_s));
        self.interval = span.clamp(ANNOUNCE_INTERVAL_MIN, ANNOUNCE_INTERVAL_MAX);
        if swarm != self.swarm {
            self.searches = 0;
        }
        self.swarm = swarm;
    }

    /// This peer sent proven bad data: the tracker hears of it once.
    pub(crate) fn accuse(&mut self, peer: PeerId) {
        add(&mut self.news.accused, peer, ACCUSED_MAX);
    }

    /// An attempt at a link with this peer has ended, in a link or in vain.
    pub(crate) fn report(&mut self, peer: PeerId, reached: bool) {
        let list = if reached { &mut self.news.reached } else { &mut self.news.unreached };
        add(list, peer, REPORTED_MAX);
    }

    pub(crate) const fn next_deadline(&self) -> Instant {
        match self.socket {
            Socket::Off | Socket::Connecting => Instant::NEVER,
            Socket::Closed { retry_at } => retry_at,
            Socket::Open => self.announce_at,
        }
    }
}

fn add(list: &mut Vec<PeerId>, peer: PeerId, max: usize) {
    if list.len() < max {
        list.push(peer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trackers_are_tried_in_turn_with_growing_pauses() {
        let (mut announcer, mut rng) = (Announcer::new(2, Instant::ZERO), Rng::new(1));
        assert_eq!(announcer.step(Instant::ZERO), Some(Step::Connect(0)));
        assert_eq!(announcer.step(Instant::ZERO), None);
        announcer.closed(Instant::ZERO, &mut rng);
        assert!(announcer.next_deadline() <= Instant::ZERO + RECONNECT);
        let retry_at = announcer.next_deadline();
        assert_eq!(announcer.step(retry_at), Some(Step::Connect(1)));
        for _ in 0..100 {
            announcer.closed(Instant::ZERO, &mut rng);
            assert!(announcer.next_deadline() <= Instant::ZERO + RECONNECT_MAX);
        }
    }

    #[test]
    fn a_tracker_that_stops_is_left_alone_until_it_said_unless_there_is_another() {
        for (trackers, at_least_ms) in [(1, 7_000), (2, 0)] {
            let (mut announcer, mut rng) = (Announcer::new(trackers, Instant::ZERO), Rng::new(1));
            announcer.opened(Instant::ZERO);
            announcer.pause(Duration::from_secs(7), Instant::ZERO);
            announcer.closed(Instant::ZERO, &mut rng);
            let retry_at = announcer.next_deadline();
            assert!(retry_at >= Instant::from_millis(at_least_ms) && retry_at <= Instant::from_millis(8_000));
            assert_eq!(retry_at < Instant::from_millis(1_001), trackers == 2);
        }
    }

    #[test]
    fn the_first_announce_of_a_connection_says_started() {
        let mut announcer = Announcer::new(1, Instant::ZERO);
        announcer.opened(Instant::ZERO);
        assert_eq!(announcer.step(Instant::ZERO), Some(Step::Announce { started: true }));
        announcer.hurry(Instant::ZERO);
        assert_eq!(announcer.step(Instant::ZERO), Some(Step::Announce { started: false }));
    }

    #[test]
    fn a_search_slows_down_and_a_settled_viewer_announces_as_told() {
        let (mut announcer, mut rng) = (Announcer::new(1, Instant::ZERO), Rng::new(1));
        announcer.opened(Instant::ZERO);
        announcer.told(120, 8);
        let mut spans = Vec::new();
        for _ in 0..8 {
            announcer.announced(true, false, false, Instant::ZERO, &mut rng);
            spans.push(announcer.next_deadline());
        }
        assert!(spans[0] < Instant::from_millis(2_500) && spans[7] >= Instant::ZERO + ANNOUNCE_UNTOLD);
        announcer.announced(false, false, false, Instant::ZERO, &mut rng);
        assert!(announcer.next_deadline() >= Instant::from_millis(120_000));
    }

    #[test]
    fn who_has_nobody_yet_searches_again_after_a_second_and_once_only() {
        let (mut announcer, mut rng) = (Announcer::new(1, Instant::ZERO), Rng::new(1));
        announcer.opened(Instant::ZERO);
        announcer.told(120, 8);
        announcer.announced(true, true, true, Instant::ZERO, &mut rng);
        assert!(announcer.next_deadline() < Instant::ZERO + ANNOUNCE_SEARCH);
        announcer.announced(true, true, true, Instant::ZERO, &mut rng);
        assert!(announcer.next_deadline() >= Instant::ZERO + ANNOUNCE_SEARCH);
    }

    #[test]
    fn without_a_tracker_nothing_is_ever_due() {
        let mut announcer = Announcer::new(0, Instant::ZERO);
        assert_eq!((announcer.step(Instant::ZERO), announcer.next_deadline()), (None, Instant::NEVER));
    }

    #[test]
    fn accusations_past_the_limit_are_dropped() {
        let mut announcer = Announcer::new(1, Instant::ZERO);
        (0..=ACCUSED_MAX).for_each(|_| announcer.accuse(PeerId([1; 20])));
        assert_eq!(announcer.news.accused.len(), ACCUSED_MAX);
    }

    #[test]
    fn reports_past_the_limit_are_dropped() {
        let mut announcer = Announcer::new(1, Instant::ZERO);
        for reached in [true, false] {
            (0..=REPORTED_MAX).for_each(|_| announcer.report(PeerId([1; 20]), reached));
        }
        let News { reached, unreached, .. } = announcer.news;
        assert_eq!((reached.len(), unreached.len()), (REPORTED_MAX, REPORTED_MAX));
    }
}
