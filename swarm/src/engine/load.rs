//! How much the engine keeps, counted: for whoever checks that every maximum is kept.

use super::Engine;
use crate::report::Load;

impl Engine {
    /// How much it keeps of each kind.
    #[must_use]
    pub fn load(&self) -> Load {
        let peers = || self.peers.iter();
        let asked = || peers().map(|peer| peer.asked.len());
        Load {
            segments: self.window.len(),
            bytes: self.window.held_bytes(),
            wants: self.wants.len(),
            checks: self.lists.len(),
            gets: self.origin.len(),
            downloads: self.origin.downloads(),
            lists: self.origin.lists(),
            waiting: self.origin.waiting(),
            linked: self.links.partnered(),
            offers: self.links.unpartnered(),
            bans: self.links.banned(),
            peers: peers().count(),
            requests: asked().sum(),
            requests_at_one: asked().max().unwrap_or(0),
            cancelled_at_one: peers().map(crate::peer::Peer::cancelled).max().unwrap_or(0),
            segments_of_one: peers().map(|peer| peer.holdings.segments()).max().unwrap_or(0),
        }
    }
}
