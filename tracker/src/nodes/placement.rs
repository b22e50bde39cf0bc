//! One connection's swarms among several nodes.

use indexmap::IndexMap;
use protocol::id::{InfoHash, PeerId};
use protocol::tracker::{Announce, ClientMessage, Event};

use super::rendezvous::{Map, Node};

/// What is to be done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// This message is for the registry here.
    Here(ClientMessage),
    /// This message is for the node of this name.
    There(String, ClientMessage),
    /// The viewer is to go to this address by itself; nothing more is done for this connection.
    Redirect(String),
}

/// What a connection's client knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// It goes where it is sent.
    Redirect,
    /// It knows no such thing, and is spoken for.
    Relay,
}

/// Where the peers of one connection are, over all nodes.
#[derive(Debug, Default)]
pub struct Placement {
    members: IndexMap<(InfoHash, PeerId), Member>,
    members_max: usize,
}

#[derive(Debug)]
struct Member {
    /// Its last announce, without offers and accusations: what brings it back into its swarm at another node.
    announce: Announce,
    at: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    Here,
    There(String),
    /// The node that it was at is lost.
    Nowhere,
}

impl At {
    fn home(map: &Map, info_hash: InfoHash) -> Self {
        map.elsewhere(info_hash).map_or(Self::Here, |node| Self::There(node.name.clone()))
    }

    fn errand(&self, message: ClientMessage) -> Option<Errand> {
        match self {
            Self::Here => Some(Errand::Here(message)),
            Self::There(name) => Some(Errand::There(name.clone(), message)),
            Self::Nowhere => None,
        }
    }
}

impl Placement {
    /// Nobody yet; at most `members_max` are remembered. Further ones go where they belong, and are refused there.
    #[must_use]
    pub fn new(members_max: usize) -> Self {
        Self { members: IndexMap::new(), members_max }
    }

    /// The client said this.
    pub fn on_message(&mut self, map: &Map, route: Route, message: ClientMessage) -> Vec<Errand> {
        match message {
            ClientMessage::Announce(announce) => self.on_announce(map, route, announce),
            ClientMessage::Answer(answer) => {
                let member = self.members.get(&(answer.info_hash, answer.peer_id));
                let at = member.map_or_else(|| At::home(map, answer.info_hash), |member| member.at.clone());
                at.errand(ClientMessage::Answer(answer)).into_iter().collect()
            }
            ClientMessage::Scrape(hashes) => scrape(map, hashes),
        }
    }

    /// Nodes came or went, or it is time to try again: who is not where they belong goes there.
    pub fn on_nodes(&mut self, map: &Map, route: Route) -> Vec<Errand> {
        let mut errands = Vec::new();
        for ((info_hash, _), member) in &mut self.members {
            let home = At::home(map, *info_hash);
            if member.at == home {
                continue;
            }
            if let (Route::Redirect, Some(node)) = (route, map.elsewhere(*info_hash)) {
                return vec![redirect(node)];
            }
            let told = |event| ClientMessage::Announce(bare(&member.announce, event));
            errands.extend(member.at.errand(told(Event::Stopped)));
            errands.extend(home.errand(told(Event::Update)));
            member.at = home;
        }
        errands
    }

    /// The connection to the node of this name is lost: who was there is nowhere, until [`Self::on_nodes`].
    pub fn on_lost(&mut self, name: &str) {
        let there = At::There(name.to_owned());
        self.members
            .values_mut()
            .filter(|member| member.at == there)
            .for_each(|member| member.at = At::Nowhere);
    }

    /// Somebody is nowhere.
    #[must_use]
    pub fn is_adrift(&self) -> bool {
        self.members.values().any(|member| member.at == At::Nowhere)
    }

    fn on_announce(&mut self, map: &Map, route: Route, announce: Announce) -> Vec<Errand> {
        let key = (announce.info_hash, announce.peer_id);
        let former = self.members.get(&key).map(|member| member.at.clone());
        if announce.event == Event::Stopped {
            self.members.swap_remove(&key);
            let at = former.unwrap_or_else(|| At::home(map, announce.info_hash));
            return at.errand(ClientMessage::Announce(announce)).into_iter().collect();
        }
        if let (Route::Redirect, Some(node)) = (route, map.elsewhere(announce.info_hash)) {
            return vec![redirect(node)];
        }
        let home = At::home(map, announce.info_hash);
        let mut errands = Vec::new();
        if let Some(former) = former.filter(|former| *former != home) {
            errands.extend(former.errand(ClientMessage::Announce(bare(&announce, Event::Stopped))));
        }
        if self.members.contains_key(&key) || self.members.len() < self.members_max {
            let announce = bare(&announce, Event::Update);
            self.members.insert(key, Member { announce, at: home.clone() });
        }
        errands.extend(home.errand(ClientMessage::Announce(announce)));
        errands
    }
}

fn redirect(node: &Node) -> Errand {
    Errand::Redirect(node.url.clone())
}

/// What brings a peer back, or takes it out: the announce without offers, accusations and reports.
fn bare(announce: &Announce, event: Event) -> Announce {
    let Announce { info_hash, peer_id, left, uploaded, downloaded, rendition, .. } = *announce;
    Announce { left, uploaded, downloaded, rendition, ..Announce::new(info_hash, peer_id, event) }
}

/// Each swarm is asked after where it lives, so a scrape of several has several replies.
fn scrape(map: &Map, hashes: Vec<InfoHash>) -> Vec<Errand> {
    let mut by_home: IndexMap<Option<String>, Vec<InfoHash>> = IndexMap::new();
    if hashes.is_empty() {
        return vec![Errand::Here(ClientMessage::Scrape(hashes))];
    }
    for hash in hashes {
        by_home.entry(map.elsewhere(hash).map(|node| node.name.clone())).or_default().push(hash);
    }
    let errand = |(home, hashes): (Option<String>, _)| match home {
        None => Errand::Here(ClientMessage::Scrape(hashes)),
        Some(name) => Errand::There(name, ClientMessage::Scrape(hashes)),
    };
    by_home.into_iter().map(errand).collect()
}

#[cfg(test)]
mod tests {
    use protocol::id::OfferId;
    use protocol::tracker::{ClientAnswer, Offer};

    use super::*;
    use protocol::rendezvous::weight;

    const PEER: PeerId = PeerId([7; 20]);

    fn node(name: &str) -> Node {
        Node { name: name.to_owned(), url: format!("ws://{name}"), address: format!("{name}:1") }
    }

    /// `a` is here.
    fn map(names: &[&str]) -> Map {
        Map::new("a", names.iter().map(|name| node(name)))
    }

    /// A swarm that lives at `home` among `names`, and at `heir` without it.
    fn swarm(names: &[&'static str], home: &str, heir: &str) -> InfoHash {
        let others: Vec<&'static str> = names.iter().copied().filter(|name| *name != home).collect();
        let at = |names: &[&'static str], hash: InfoHash| {
            names.iter().copied().max_by_key(|name| weight(name, &hash.0))
        };
        let hashes = (0..=u8::MAX).map(|number| InfoHash([number; 20]));
        let mut fit =
            hashes.filter(|hash| at(names, *hash) == Some(home) && at(&others, *hash) == Some(heir));
        fit.next().expect("some swarm of 256")
    }

    fn announce(info_hash: InfoHash, event: Event, offers: usize) -> ClientMessage {
        let offer = Offer { offer_id: OfferId([1; 20]), sdp: "v=0".to_owned() };
        ClientMessage::Announce(Announce {
            offers: vec![offer; offers],
            left: Some(1),
            ..Announce::new(info_hash, PEER, event)
        })
    }

    fn there(name: &str, message: ClientMessage) -> Errand {
        Errand::There(name.to_owned(), message)
    }

    const ALL: [&str; 3] = ["a", "b", "c"];

    #[test]
    fn a_message_goes_where_its_swarm_lives_and_who_can_goes_there_by_itself() {
        let (home, away) = (swarm(&ALL, "a", "b"), swarm(&ALL, "b", "c"));
        let started = |hash| announce(hash, Event::Started, 2);
        let mut placement = Placement::new(16);
        let rows = [
            (Route::Relay, started(home), Errand::Here(started(home))),
            (Route::Redirect, started(home), Errand::Here(started(home))),
            (Route::Relay, started(away), there("b", started(away))),
            (Route::Redirect, started(away), Errand::Redirect("ws://b".to_owned())),
        ];
        for (route, message, errand) in rows {
            assert_eq!(placement.on_message(&map(&ALL), route, message), [errand]);
        }
        let answer = ClientMessage::Answer(ClientAnswer {
            info_hash: away,
            peer_id: PEER,
            to_peer_id: PeerId([8; 20]),
            offer_id: OfferId([1; 20]),
            sdp: "v=0".to_owned(),
        });
        let errands = placement.on_message(&map(&ALL), Route::Relay, answer.clone());
        assert_eq!(errands, [there("b", answer)]);
        let scraped = placement.on_message(&map(&ALL), Route::Relay, ClientMessage::Scrape(vec![home, away]));
        let [here, at_b] = [home, away].map(|hash| ClientMessage::Scrape(vec![hash]));
        assert_eq!(scraped, [Errand::Here(here), there("b", at_b)]);
    }

    #[test]
    fn when_a_node_dies_its_viewers_are_announced_where_the_swarm_lives_now() {
        for (heir, others) in [("c", ["a", "c"]), ("a", ["a", "c"])] {
            let hash = swarm(&ALL, "b", heir);
            let mut placement = Placement::new(16);
            placement.on_message(&map(&ALL), Route::Relay, announce(hash, Event::Started, 2));
            placement.on_lost("b");
            assert!(placement.is_adrift());
            // Not known to be dead yet: the same node is tried again.
            let again = announce(hash, Event::Update, 0);
            assert_eq!(placement.on_nodes(&map(&ALL), Route::Relay), [there("b", again.clone())]);
            placement.on_lost("b");
            let errands = placement.on_nodes(&map(&others), Route::Relay);
            let wanted = if heir == "a" { Errand::Here(again) } else { there(heir, again) };
            assert_eq!(errands, [wanted]);
            assert!(!placement.is_adrift());
        }
    }

    #[test]
    fn when_a_node_joins_its_swarms_move_and_nobody_else() {
        let (mine, its) = (swarm(&ALL, "a", "b"), swarm(&ALL, "c", "a"));
        for route in [Route::Relay, Route::Redirect] {
            let mut placement = Placement::new(16);
            for hash in [mine, its] {
                placement.on_message(&map(&["a", "b"]), route, announce(hash, Event::Started, 1));
            }
            assert_eq!(placement.on_nodes(&map(&["a", "b"]), route), []);
            let errands = placement.on_nodes(&map(&ALL), route);
            let [stopped, update] = [Event::Stopped, Event::Update].map(|event| announce(its, event, 0));
            let wanted = match route {
                Route::Relay => vec![Errand::Here(stopped), there("c", update)],
                Route::Redirect => vec![Errand::Redirect("ws://c".to_owned())],
            };
            assert_eq!(errands, wanted);
        }
    }

    #[test]
    fn who_has_stopped_is_not_brought_back_and_the_maximum_is_kept() {
        let hash = swarm(&ALL, "b", "c");
        let mut placement = Placement::new(1);
        placement.on_message(&map(&ALL), Route::Relay, announce(hash, Event::Started, 0));
        let stopped = announce(hash, Event::Stopped, 0);
        let errands = placement.on_message(&map(&ALL), Route::Relay, stopped.clone());
        assert_eq!(errands, [there("b", stopped)]);
        placement.on_lost("b");
        assert_eq!(placement.on_nodes(&map(&["a", "c"]), Route::Relay), []);
        for number in 0..2 {
            placement.on_message(
                &map(&ALL),
                Route::Relay,
                announce(InfoHash([number; 20]), Event::Started, 0),
            );
        }
        assert_eq!(placement.members.len(), 1);
    }
}
