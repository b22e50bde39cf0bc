//! Which node a swarm lives at, by [`protocol::rendezvous`].

use protocol::id::InfoHash;
use protocol::rendezvous::weight;

/// One tracker of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name, the same in all its lives.
    pub name: String,
    /// Where viewers reach it.
    pub url: String,
    /// Where the other nodes reach it, as `host:port`.
    pub address: String,
}

/// All nodes that are there, as one of them sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    here: String,
    nodes: Vec<Node>,
}

impl Map {
    /// The nodes that are there; the one called `here` is this one.
    #[must_use]
    pub fn new(here: &str, nodes: impl IntoIterator<Item = Node>) -> Self {
        let mut nodes: Vec<Node> = nodes.into_iter().collect();
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
        nodes.dedup_by(|a, b| a.name == b.name);
        Self { here: here.to_owned(), nodes }
    }

    /// The other node that a swarm lives at; `None` where it lives here.
    #[must_use]
    pub fn elsewhere(&self, info_hash: InfoHash) -> Option<&Node> {
        let weight = |node: &&Node| weight(&node.name, &info_hash.0);
        // Equal weights: the last name. A node that is alone, or is not in its own list, keeps what comes.
        self.nodes.iter().max_by_key(weight).filter(|node| node.name != self.here && self.is_complete())
    }

    /// The node of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// All nodes, by name.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The name of this node.
    #[must_use]
    pub fn here(&self) -> &str {
        &self.here
    }

    fn is_complete(&self) -> bool {
        self.find(&self.here).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str) -> Node {
        Node { name: name.to_owned(), url: format!("ws://{name}"), address: format!("{name}:1") }
    }

    fn map(here: &str, names: &[&str]) -> Map {
        Map::new(here, names.iter().map(|name| node(name)))
    }

    fn hash(number: u16) -> InfoHash {
        let mut bytes = [0; 20];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        InfoHash(bytes)
    }

    fn home(map: &Map, info_hash: InfoHash) -> String {
        map.elsewhere(info_hash).map_or_else(|| map.here().to_owned(), |node| node.name.clone())
    }

    #[test]
    fn every_node_sends_a_swarm_to_the_same_one_whatever_the_order_of_its_list() {
        let maps = [map("a", &["a", "b", "c"]), map("b", &["c", "a", "b"]), map("c", &["b", "b", "c", "a"])];
        for number in 0..1_000 {
            let homes = [&maps[0], &maps[1], &maps[2]].map(|map| home(map, hash(number)));
            assert!(homes.iter().all(|home| *home == homes[0]), "{number}: {homes:?}");
        }
    }

    #[test]
    fn swarms_spread_evenly() {
        let map = map("a", &["a", "b", "c", "d"]);
        let mut counts = [0_u32; 4];
        for number in 0..10_000 {
            let home = home(&map, hash(number));
            counts[usize::from(home.as_bytes()[0] - b'a')] += 1;
        }
        // Binomial with mean 2,500 and deviation 43: five deviations.
        assert!(counts.iter().all(|count| count.abs_diff(2_500) < 217), "{counts:?}");
    }

    #[test]
    fn a_node_that_leaves_moves_its_own_swarms_only_and_to_all_others() {
        let (before, after) = (map("a", &["a", "b", "c", "d"]), map("a", &["a", "b", "d"]));
        let mut heirs = Vec::new();
        for number in 0..1_000 {
            let (was, is) = (home(&before, hash(number)), home(&after, hash(number)));
            if was == "c" {
                heirs.push(is);
            } else {
                assert_eq!(was, is, "{number}");
            }
        }
        heirs.sort();
        heirs.dedup();
        assert_eq!(heirs, ["a", "b", "d"]);
    }

    #[test]
    fn a_node_that_is_alone_or_not_in_its_own_list_keeps_what_comes() {
        for names in [&["a"][..], &[], &["b", "c"]] {
            assert!((0..100).all(|number| map("a", names).elsewhere(hash(number)).is_none()), "{names:?}");
        }
    }
}
