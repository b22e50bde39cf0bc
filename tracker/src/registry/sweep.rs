//! Finds peers that fell silent, a few at a time.
//!
//! A cursor walks through all swarms from the last place to the first, [`SWEEP_STEP`] by step, so that each peer is
//! looked at once in [`SWEEP_ROUND`]: no queue of deadlines to keep, no stall while a hundred thousand peers are looked
//! at. When a peer leaves, the last one takes its place; because the walk is backwards, that one has been looked at, and
//! nobody is skipped. A closed connection's peers leave at once and are none of this module's business.

use indexmap::IndexMap;
use protocol::id::InfoHash;
use protocol::time::Instant;

use super::connections::Membership;
use super::io::ConnectionId;
use super::limits::{SWEEP_ROUND, SWEEP_STEP};
use super::swarm::Swarm;

/// Where the walk is, and when its next step is due.
#[derive(Debug)]
pub struct Sweep {
    due: Instant,
    /// Peers looked at in each step of this round.
    share: usize,
    /// Swarms still to walk in this round, the current one included.
    swarms_left: usize,
    /// Peers still to look at in the current swarm; larger than it where it has not been entered.
    peers_left: usize,
}

impl Default for Sweep {
    fn default() -> Self {
        Self { due: Instant::NEVER, share: 0, swarms_left: 0, peers_left: usize::MAX }
    }
}

impl Sweep {
    /// The next step; [`Instant::NEVER`] while nobody is here.
    #[must_use]
    pub const fn due(&self) -> Instant {
        self.due
    }

    /// Somebody is here: walk, if not walking already.
    pub fn start(&mut self, now: Instant) {
        if self.due == Instant::NEVER {
            self.due = now + SWEEP_STEP;
        }
    }

    /// Nobody is here.
    pub fn stop(&mut self) {
        *self = Self::default();
    }

    /// True where a step is due; the next one is due a step later.
    pub fn tick(&mut self, now: Instant) -> bool {
        let due = now >= self.due;
        if due {
            self.due = now + SWEEP_STEP;
        }
        due
    }

    /// Takes one step through `swarms`, which hold `peers` peers, and names those that last announced before
    /// `alive_since`.
    pub fn find(
        &mut self,
        swarms: &IndexMap<InfoHash, Swarm>,
        peers: usize,
        alive_since: Instant,
    ) -> Vec<(ConnectionId, Membership)> {
        if self.swarms_left == 0 {
            let steps = SWEEP_ROUND.as_millis() / SWEEP_STEP.as_millis();
            self.share = peers.div_ceil(steps as usize);
            self.enter(swarms.len());
        }
        let mut silent = Vec::new();
        let mut looked_at = 0;
        while looked_at < self.share && self.swarms_left > 0 {
            let Some((info_hash, swarm)) = swarms.get_index(self.swarms_left - 1) else {
                self.enter(swarms.len());
                continue;
            };
            self.peers_left = self.peers_left.min(swarm.len());
            if self.peers_left == 0 {
                self.enter(self.swarms_left - 1);
                continue;
            }
            self.peers_left -= 1;
            looked_at += 1;
            if let Some((peer_id, peer)) = swarm.at(self.peers_left)
                && peer.announced < alive_since
            {
                silent.push((peer.connection, Membership { info_hash: *info_hash, peer_id }));
            }
        }
        silent
    }

    /// Goes to the end of the last of `swarms_left` swarms.
    const fn enter(&mut self, swarms_left: usize) {
        (self.swarms_left, self.peers_left) = (swarms_left, usize::MAX);
    }
}
