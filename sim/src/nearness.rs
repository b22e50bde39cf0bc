//! How near neighbours are, and whether the graph of their links is one.

use std::collections::BTreeMap;

use crate::nat::Nat;
use crate::report::{Near, count, real};
use crate::viewer::Viewer;
use crate::world::World;

/// Where blocks came from, and where they would have come from by lot.
pub(crate) fn near(world: &World) -> Near {
    let of = |bytes: fn(&Viewer) -> u64| real(world.honest().map(bytes).sum());
    let all = of(|viewer| viewer.account.peer_bytes).max(1.0);
    Near {
        network: of(|viewer| viewer.account.network_bytes) / all,
        region: of(|viewer| viewer.account.region_bytes) / all,
        network_by_lot: by_lot(world, |viewer| viewer.home.network),
        region_by_lot: by_lot(world, |viewer| u32::from(viewer.home.region)),
    }
}

/// The chance that two viewers are of one group.
fn by_lot(world: &World, group: fn(&Viewer) -> u32) -> f64 {
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    for viewer in &world.viewers {
        *sizes.entry(group(viewer)).or_default() += 1;
    }
    let all = count(world.viewers.len()).max(1.0);
    sizes.values().map(|size| (count(*size) / all).powi(2)).sum()
}

/// Parts that the links of those present make, the unreachable left out.
pub(crate) fn pieces(world: &World) -> usize {
    let mut pieces = Pieces((0..world.viewers.len()).collect());
    for (one, other) in world.mesh.links() {
        pieces.join(one.0 as usize, other.0 as usize);
    }
    let there = |index: &usize| {
        let viewer = &world.viewers[*index];
        viewer.is_watching() && viewer.engine.is_some() && viewer.home.nat != Nat::Blocked
    };
    let mut roots: Vec<usize> =
        (0..world.viewers.len()).filter(there).map(|index| pieces.root(index)).collect();
    roots.sort_unstable();
    roots.dedup();
    roots.len()
}

/// Sets that are joined (Tarjan's union by path halving).
struct Pieces(Vec<usize>);

impl Pieces {
    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one] = other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_is_one_piece() {
        let mut pieces = Pieces((0..5).collect());
        pieces.join(0, 1);
        pieces.join(3, 1);
        assert_eq!(pieces.root(0), pieces.root(3));
        assert_ne!(pieces.root(0), pieces.root(4));
    }
}
