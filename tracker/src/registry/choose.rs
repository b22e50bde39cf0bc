//! Which peers of a swarm are handed the offers of an announce.
//!
//! - Up to half go near: to the sender's own public address first, where a link costs nobody's uplink, then to its
//!   network, then to its region.
//! - Half of what is left goes to peers that lack links themselves, wherever they are: both sides are helped.
//! - The rest, and all that found nobody so far, goes uniformly over the whole swarm: a random graph is what keeps a swarm
//!   in one piece, however its places are laid out.
//!
//! A viewer behind a symmetric NAT is not introduced to another such viewer, unless both are behind the same one; nor are
//! two who have just failed to meet. Whom a link is not to be expected with, as far as reports teach, comes last. Where there
//! is a choice, those who watch the sender's rendition come first.
//!
//! The work grows with the number of offers only: every group is drawn from by lot (Floyd's sampling: Bentley and Floyd,
//! "A sample of brilliance", CACM 30(9), 1987), never walked through.

use protocol::id::PeerId;
use protocol::time::Instant;
use rand_core::Rng;

use super::groups::Group;
use super::nat::Nat;
use super::reach::{Kind, Learnt, Reach};
use super::swarm::{Peer, Swarm};

/// The slots of at most `wanted` distinct peers, none of them `sender`'s.
pub fn receivers(
    swarm: &Swarm,
    sender: PeerId,
    wanted: usize,
    now: Instant,
    random: &mut impl Rng,
) -> Vec<usize> {
    let mut choice = Choice::of(swarm, sender, wanted, now);
    // Who reaches nobody tries one at a time.
    let wanted = if choice.kind.learnt == Some(Learnt::Cut) { wanted.min(1) } else { wanted };
    for group in choice.near() {
        choice.add(Pool::Group(swarm.members(group)), wanted / 2, random);
    }
    let lacking = choice.chosen.len() + (wanted - choice.chosen.len()) / 2;
    choice.add(Pool::Group(swarm.members(Group::Lacking)), lacking, random);
    if choice.kind.is_symmetric() {
        choice.add(Pool::Group(swarm.members(Group::Reachable)), wanted, random);
    }
    choice.add(Pool::Everybody(swarm.len()), wanted, random);
    if choice.kind.is_unproven() {
        choice.add(Pool::Group(swarm.members(Group::Reachable)), wanted, random);
    }
    choice.at_worst = true;
    choice.add(Pool::Everybody(swarm.len()), wanted, random);
    choice.chosen
}

/// So many are drawn for each that is chosen.
const CHOICES: usize = 2;
/// For a sender whose port changes: two in five routers let it in, as the field measures it.
const SYMMETRIC_CHOICES: usize = 5;

/// Whom to draw from.
#[derive(Clone, Copy)]
enum Pool<'a> {
    /// The whole swarm, of so many.
    Everybody(usize),
    /// These slots.
    Group(&'a [u32]),
}

impl Pool<'_> {
    const fn len(self) -> usize {
        match self {
            Self::Everybody(count) => count,
            Self::Group(slots) => slots.len(),
        }
    }

    fn slot(self, place: usize) -> Option<usize> {
        match self {
            Self::Everybody(_) => Some(place),
            Self::Group(slots) => slots.get(place).map(|slot| *slot as usize),
        }
    }
}

/// One announce's receivers, as far as they are chosen.
struct Choice<'a> {
    swarm: &'a Swarm,
    now: Instant,
    own: Option<usize>,
    sender: Option<(PeerId, &'a Peer)>,
    kind: Kind,
    reach: Option<&'a Reach>,
    /// They too with whom a link is not to be expected.
    at_worst: bool,
    chosen: Vec<usize>,
}

impl<'a> Choice<'a> {
    fn of(swarm: &'a Swarm, sender: PeerId, wanted: usize, now: Instant) -> Self {
        let own = swarm.slot_of(sender);
        Self {
            swarm,
            now,
            own,
            sender: own.and_then(|slot| swarm.at(slot)),
            kind: own.map(|slot| swarm.kind(slot)).unwrap_or_default(),
            reach: own.and_then(|slot| swarm.reach(slot)),
            at_worst: false,
            chosen: Vec::with_capacity(wanted),
        }
    }

    /// The sender's own groups, the nearest first.
    fn near(&self) -> impl Iterator<Item = Group> + use<> {
        let place = self.sender.map(|(_, sender)| sender.place).unwrap_or_default();
        let groups = [
            place.address.map(Group::Address),
            place.network.map(Group::Network),
            place.region.map(Group::Region),
        ];
        groups.into_iter().flatten()
    }

    /// Chooses from the pool until `wanted` are chosen in all.
    fn add(&mut self, pool: Pool<'_>, wanted: usize, random: &mut impl Rng) {
        let missing = wanted.saturating_sub(self.chosen.len());
        if missing == 0 {
            return;
        }
        // More than are needed, so that there is a choice; and as many more as may be drawn in vain: the sender, those who are
        // chosen already, and those whom it missed.
        let choices = if self.kind.is_symmetric() { SYMMETRIC_CHOICES } else { CHOICES };
        let draws = choices * missing + self.chosen.len() + 1 + self.reach.map_or(0, Reach::missed);
        let places = sample(pool.len(), draws, random);
        let mut drawn: Vec<usize> =
            places.into_iter().filter_map(|place| pool.slot(place)).filter(|slot| self.fits(*slot)).collect();
        // The sample is a random set, and its order is not random.
        shuffle(&mut drawn, random);
        drawn.sort_by_key(|slot| (!self.is_welcome(*slot), !self.is_alike(*slot)));
        drawn.truncate(missing);
        self.chosen.append(&mut drawn);
    }

    /// It may be chosen: another one, not yet chosen, and a link can come of it.
    fn fits(&self, slot: usize) -> bool {
        let Some((peer_id, peer)) = self.swarm.at(slot) else { return false };
        if self.own == Some(slot) || self.chosen.contains(&slot) || self.rests(slot, peer_id) {
            return false;
        }
        let kind = self.swarm.kind(slot);
        let never = self.kind.nat == Nat::Symmetric && kind.nat == Nat::Symmetric;
        let guess = self.kind.is_unproven() && kind.is_symmetric();
        let hardly = !self.at_worst && (guess || self.kind.hardly_meets(kind));
        !(never || hardly) || self.is_beside(peer)
    }

    /// The two have failed to meet just now.
    fn rests(&self, slot: usize, peer_id: PeerId) -> bool {
        let missed = |reach: Option<&Reach>, other| reach.is_some_and(|reach| reach.rests(self.now, other));
        let by_other = self.sender.is_some_and(|(sender, _)| missed(self.swarm.reach(slot), sender));
        by_other || missed(self.reach, peer_id)
    }

    /// Behind the sender's own router: they meet inside it.
    fn is_beside(&self, peer: &Peer) -> bool {
        let address = self.sender.and_then(|(_, sender)| sender.place.address);
        address.is_some() && peer.place.address == address
    }

    /// A sender whose port changes is let in: shown, where it matters.
    fn is_welcome(&self, slot: usize) -> bool {
        !self.kind.is_symmetric() || !self.swarm.kind(slot).is_unproven()
    }

    /// It watches what the sender watches.
    fn is_alike(&self, slot: usize) -> bool {
        let rendition = self.sender.and_then(|(_, sender)| sender.rendition);
        rendition.is_none() || self.swarm.at(slot).is_some_and(|(_, peer)| peer.rendition == rendition)
    }
}

/// `wanted` distinct numbers below `total`, or all of them.
fn sample(total: usize, wanted: usize, random: &mut impl Rng) -> Vec<usize> {
    let wanted = wanted.min(total);
    let mut chosen = Vec::with_capacity(wanted);
    for top in total - wanted..total {
        let drawn = below(top + 1, random);
        chosen.push(if chosen.contains(&drawn) { top } else { drawn });
    }
    chosen
}

/// Any order is as likely as every other (Fisher and Yates; Durstenfeld, "Algorithm 235", CACM 7(7), 1964).
fn shuffle(slots: &mut [usize], random: &mut impl Rng) {
    for last in (1..slots.len()).rev() {
        slots.swap(last, below(last + 1, random));
    }
}

/// A number below `bound`, every one as likely as the other (Lemire, "Fast random integer generation in an interval",
/// TOMACS 29(1), 2019: multiply, and draw again in the short remainder).
fn below(bound: usize, random: &mut impl Rng) -> usize {
    let bound = u32::try_from(bound).unwrap_or(u32::MAX);
    let remainder = bound.wrapping_neg().checked_rem(bound).unwrap_or(0);
    loop {
        let product = u64::from(random.next_u32()) * u64::from(bound);
        if product & u64::from(u32::MAX) >= u64::from(remainder) {
            return (product >> 32) as usize;
        }
    }
}

#[cfg(test)]
#[path = "choose_tests.rs"]
mod tests;
