//! Links on their way: dials that wait for somebody, answers under way, and who is not dialled again.
//!
//! An offer is a dial to nobody in particular: the tracker hands it to somebody. Two viewers may so offer to each
//! other at once; the link that the lower id dialled stays.
//!
//! **Invariant:** open links and attempts together never exceed [`crate::io::Links::max`] plus the offers outstanding.

use protocol::id::{OfferId, PeerId};
use protocol::time::{Duration, Instant};

use crate::io::LinkId;
use crate::limits::{ATTEMPT_TIME, BANS_MAX, OFFER_LIFE, VAIN_DOUBLINGS_MAX, VAIN_MAX, VAIN_REST};

/// How far a link has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// We dial; the shell makes the offer.
    Dialling,
    /// The offer waits for an answer.
    Offered { sdp: String },
    /// We dialled, and they answered; the channel opens.
    Answered(PeerId),
    /// They dialled; the shell makes the answer, and then the channel opens.
    Accepting(PeerId),
    /// The channel is open.
    Open(PeerId),
}

/// One link or attempt.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) link: LinkId,
    pub(crate) offer: OfferId,
    pub(crate) stage: Stage,
    pub(crate) we_dialled: bool,
    until: Instant,
}

impl Link {
    pub(crate) const fn peer(&self) -> Option<PeerId> {
        match self.stage {
            Stage::Dialling | Stage::Offered { .. } => None,
            Stage::Answered(peer) | Stage::Accepting(peer) | Stage::Open(peer) => Some(peer),
        }
    }
}

/// All links and attempts.
#[derive(Debug, Default)]
pub(crate) struct Table {
    links: Vec<Link>,
    next: u32,
    /// When the next attempt's time is up.
    deadline: Option<Instant>,
    bans: Vec<(PeerId, Instant)>,
    /// How often in a row no link was made with whom.
    vain: Vec<(PeerId, u8)>,
}

impl Table {
    /// A dial begins.
    pub(crate) fn dial(&mut self, offer: OfferId, now: Instant) -> LinkId {
        self.add(offer, Stage::Dialling, true, now + ATTEMPT_TIME)
    }

    /// An offer is accepted.
    pub(crate) fn accept(&mut self, offer: OfferId, peer: PeerId, now: Instant) -> LinkId {
        self.add(offer, Stage::Accepting(peer), false, now + ATTEMPT_TIME)
    }

    fn add(&mut self, offer: OfferId, stage: Stage, we_dialled: bool, until: Instant) -> LinkId {
        let link = LinkId(self.next);
        self.next = self.next.wrapping_add(1);
        self.links.push(Link { link, offer, stage, we_dialled, until });
        self.plan();
        link
    }

    /// The shell has made the offer of a dial.
    pub(crate) fn offered(&mut self, link: LinkId, sdp: &str, now: Instant) {
        if let Some(dial) = self.find_mut(link).filter(|dial| dial.stage == Stage::Dialling) {
            dial.stage = Stage::Offered { sdp: sdp.into() };
            dial.until = now + OFFER_LIFE;
        }
        self.plan();
    }

    /// Somebody answered an offer; the dial's link, if it is one of ours and still free.
    pub(crate) fn answered(&mut self, offer: OfferId, peer: PeerId, now: Instant) -> Option<LinkId> {
        let offered = |link: &&mut Link| link.offer == offer && matches!(link.stage, Stage::Offered { .. });
        let dial = self.links.iter_mut().find(offered)?;
        dial.stage = Stage::Answered(peer);
        dial.until = now + ATTEMPT_TIME;
        let link = dial.link;
        self.plan();
        Some(link)
    }

    /// The channel is open; with whom, if it is a link of ours that was about to open.
    pub(crate) fn opened(&mut self, link: LinkId) -> Option<PeerId> {
        let open = self.find_mut(link)?;
        let (Stage::Answered(peer) | Stage::Accepting(peer)) = open.stage else { return None };
        open.stage = Stage::Open(peer);
        open.until = Instant::NEVER;
        self.plan();
        self.vain.retain(|(missed, _)| *missed != peer);
        Some(peer)
    }

    pub(crate) fn remove(&mut self, link: LinkId) -> Option<Link> {
        let place = self.links.iter().position(|known| known.link == link)?;
        let removed = self.links.remove(place);
        self.plan();
        Some(removed)
    }

    fn plan(&mut self) {
        self.deadline = self.links.iter().map(|link| link.until).min();
    }

    pub(crate) fn find(&self, link: LinkId) -> Option<&Link> {
        self.links.iter().find(|known| known.link == link)
    }

    fn find_mut(&mut self, link: LinkId) -> Option<&mut Link> {
        self.links.iter_mut().find(|known| known.link == link)
    }

    /// The first link with this peer, at whatever stage, that `choose` takes.
    pub(crate) fn with(&self, peer: PeerId, choose: &dyn Fn(&Link) -> bool) -> Option<LinkId> {
        self.links.iter().find(|link| link.peer() == Some(peer) && choose(link)).map(|link| link.link)
    }

    /// Links that are open or have a partner already.
    pub(crate) fn partnered(&self) -> usize {
        self.links.iter().filter(|link| link.peer().is_some()).count()
    }

    /// Dials that have no partner yet.
    pub(crate) fn unpartnered(&self) -> usize {
        self.links.len() - self.partnered()
    }

    /// A dial whose offer the shell has not made yet.
    pub(crate) fn is_dialling(&self) -> bool {
        self.links.iter().any(|link| link.stage == Stage::Dialling)
    }

    /// The offers that wait for an answer.
    pub(crate) fn offers(&self) -> impl Iterator<Item = (OfferId, &String)> {
        self.links.iter().filter_map(|link| match &link.stage {
            Stage::Offered { sdp } => Some((link.offer, sdp)),
            Stage::Dialling | Stage::Answered(_) | Stage::Accepting(_) | Stage::Open(_) => None,
        })
    }

    /// An attempt whose time is up.
    pub(crate) fn overdue(&self, now: Instant) -> Option<LinkId> {
        self.links.iter().find(|link| link.until <= now).map(|link| link.link)
    }

    /// When the next attempt's time is up.
    pub(crate) fn next_deadline(&self) -> Instant {
        self.deadline.unwrap_or(Instant::NEVER)
    }

    /// Not dialled and not accepted for so long; of too many bans the one that ends first is forgotten.
    pub(crate) fn ban(&mut self, peer: PeerId, span: Duration, now: Instant) {
        let until = self.bans.iter().find(|(banned, _)| *banned == peer).map_or(now, |(_, until)| *until);
        self.bans.retain(|(banned, until)| *until > now && *banned != peer);
        let soonest = (0..self.bans.len()).min_by_key(|place| self.bans.get(*place).map(|(_, until)| *until));
        if self.bans.len() >= BANS_MAX
            && let Some(soonest) = soonest
        {
            self.bans.remove(soonest);
        }
        self.bans.push((peer, until.max(now + span)));
    }

    /// Both tried, and no link was made: left alone for a while, twice as long each time.
    pub(crate) fn miss(&mut self, peer: PeerId, now: Instant) {
        let known = self.vain.iter().position(|(missed, _)| *missed == peer);
        let times = known.map_or(0, |place| self.vain.remove(place).1);
        if self.vain.len() >= VAIN_MAX {
            self.vain.remove(0);
        }
        self.vain.push((peer, times.saturating_add(1)));
        self.ban(peer, VAIN_REST * (1 << times.min(VAIN_DOUBLINGS_MAX)), now);
    }

    /// Bans that are remembered, those that have ended among them.
    pub(crate) const fn banned(&self) -> usize {
        self.bans.len()
    }

    pub(crate) fn is_banned(&self, peer: PeerId, now: Instant) -> bool {
        self.bans.iter().any(|(banned, until)| *banned == peer && *until > now)
    }
}

/// Of two links between the same two viewers, whether the one that we dialled stays.
pub(crate) fn ours_stays(us: PeerId, them: PeerId) -> bool {
    us < them
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: PeerId = PeerId([9; 20]);
    const OFFER: OfferId = OfferId([1; 20]);

    #[test]
    fn a_dial_becomes_a_link_when_its_offer_is_answered() {
        let mut table = Table::default();
        let link = table.dial(OFFER, Instant::ZERO);
        assert!(table.is_dialling());
        assert_eq!(table.answered(OFFER, PEER, Instant::ZERO), None, "there is no offer yet");
        table.offered(link, "sdp", Instant::ZERO);
        assert_eq!(table.offers().count(), 1);
        assert_eq!(table.answered(OFFER, PEER, Instant::ZERO), Some(link));
        assert_eq!(table.answered(OFFER, PEER, Instant::ZERO), None, "an offer is answered once");
        assert_eq!(table.opened(link), Some(PEER));
        assert_eq!(table.next_deadline(), Instant::NEVER);
    }

    #[test]
    fn an_attempt_that_takes_too_long_is_overdue() {
        let mut table = Table::default();
        let link = table.accept(OFFER, PEER, Instant::ZERO);
        assert_eq!(table.overdue(Instant::ZERO), None);
        assert_eq!(table.overdue(Instant::ZERO + ATTEMPT_TIME), Some(link));
    }

    #[test]
    fn who_is_missed_is_left_alone_twice_as_long_each_time_until_a_link_opens() {
        let (mut table, mut now) = (Table::default(), Instant::ZERO);
        for doublings in [0, 1, 2, 3, 4, 5, 6, 6] {
            table.miss(PEER, now);
            let until = now + VAIN_REST * (1 << doublings);
            assert!(table.is_banned(PEER, until.before(Duration::from_millis(1))), "{doublings}");
            assert!(!table.is_banned(PEER, until), "{doublings}");
            now = until;
        }
        let link = table.accept(OFFER, PEER, now);
        assert_eq!(table.opened(link), Some(PEER));
        table.miss(PEER, now);
        assert!(!table.is_banned(PEER, now + VAIN_REST));
    }

    #[test]
    fn past_the_limit_the_first_who_was_missed_counts_from_the_beginning() {
        let mut table = Table::default();
        table.miss(PEER, Instant::ZERO);
        (0..VAIN_MAX).for_each(|number| table.miss(PeerId([number as u8 + 100; 20]), Instant::ZERO));
        let later = Instant::ZERO + VAIN_REST;
        table.miss(PEER, later);
        assert!(!table.is_banned(PEER, later + VAIN_REST));
    }

    #[test]
    fn past_the_limit_the_ban_that_ends_first_is_forgotten() {
        let mut table = Table::default();
        let (short, long) = (Duration::from_secs(60), Duration::from_secs(3_600));
        table.ban(PEER, long, Instant::ZERO);
        table.ban(PEER, short, Instant::ZERO);
        for number in 0..BANS_MAX {
            let mut id = [0; 20];
            (id[0], id[1]) = (number as u8, (number / 256) as u8);
            table.ban(PeerId(id), short, Instant::ZERO);
        }
        assert!(table.is_banned(PEER, Instant::ZERO + short), "a shorter ban does not shorten a longer one");
        assert!(!table.is_banned(PeerId([0; 20]), Instant::ZERO));
    }

    #[test]
    fn bans_end_and_past_the_limit_the_oldest_is_forgotten() {
        let mut table = Table::default();
        let span = Duration::from_secs(60);
        for number in 0..=BANS_MAX {
            let mut id = [0; 20];
            id[0] = u8::try_from(number % 256).unwrap_or(0);
            id[1] = u8::try_from(number / 256).unwrap_or(0);
            table.ban(PeerId(id), span, Instant::ZERO);
        }
        assert!(!table.is_banned(PeerId([0; 20]), Instant::ZERO));
        table.ban(PEER, span, Instant::ZERO);
        assert!(table.is_banned(PEER, Instant::ZERO));
        assert!(!table.is_banned(PEER, Instant::ZERO + span));
    }
}
