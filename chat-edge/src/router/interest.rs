//! Whom an edge holds: what this one tells ([`Here`]), and what another told ([`There`]).
//!
//! An edge tells what changed, in numbered letters, and now and then everything anew. A letter that is missed shows in the
//! numbers; from then on until everything was told anew whoever is asked for may be there.
//!
//! **Invariant:** where an edge holds somebody and has said so, it is never left out.

use std::collections::{BTreeMap, BTreeSet};

use protocol::chat::node::{Holder, Holders, Life};
use protocol::limits::CHAT_NODE_HOLDERS_MAX;

/// Users and keys of one edge; whoever has more may hold anybody.
pub const HOLDERS_MAX: usize = 262_144;

/// Whom this edge holds, and what of that others do not know.
#[derive(Debug, Default)]
pub struct Here {
    connections: BTreeMap<Holder, u32>,
    changed: BTreeSet<Holder>,
    letters: u64,
}

/// Whom another edge holds.
#[derive(Debug, Default)]
pub struct There {
    number: u64,
    /// Everybody, where that is known.
    known: Option<BTreeSet<Holder>>,
    /// Those who were told since everything began to be told anew.
    anew: Option<BTreeSet<Holder>>,
}

impl Here {
    /// A connection of theirs came; whether the others are to be told.
    pub fn on_came(&mut self, holder: Holder) -> bool {
        let connections = self.connections.entry(holder).or_default();
        *connections += 1;
        *connections == 1 && self.toggle(holder)
    }

    /// A connection of theirs went; whether the others are to be told.
    pub fn on_went(&mut self, holder: Holder) -> bool {
        let Some(connections) = self.connections.get_mut(&holder) else { return false };
        *connections -= 1;
        if *connections > 0 {
            return false;
        }
        self.connections.remove(&holder);
        self.toggle(holder)
    }

    /// Whether they are here.
    #[must_use]
    pub fn has(&self, holder: Holder) -> bool {
        self.connections.contains_key(&holder)
    }

    /// Letters with what changed since the last ones.
    pub fn changes(&mut self, life: &Life) -> Vec<Holders> {
        let changed: Vec<Holder> = std::mem::take(&mut self.changed).into_iter().collect();
        let letter = |part: &[Holder]| {
            let (came, went) = part.iter().partition(|holder| self.connections.contains_key(holder));
            self.letters += 1;
            Holders { life: life.clone(), number: self.letters, begins: false, whole: false, came, went }
        };
        changed.chunks(CHAT_NODE_HOLDERS_MAX).map(letter).collect()
    }

    /// Letters with everything.
    pub fn everything(&mut self, life: &Life) -> Vec<Holders> {
        self.changed.clear();
        // Where they are too many nobody is told that this is all.
        let complete = self.connections.len() <= HOLDERS_MAX;
        let all: Vec<Holder> = self.connections.keys().take(HOLDERS_MAX).copied().collect();
        let parts = all.len().div_ceil(CHAT_NODE_HOLDERS_MAX).max(1);
        let letter = |part: usize| {
            let came = all.chunks(CHAT_NODE_HOLDERS_MAX).nth(part).unwrap_or_default().to_vec();
            self.letters += 1;
            let (begins, whole) = (part == 0, complete && part + 1 == parts);
            Holders { life: life.clone(), number: self.letters, begins, whole, came, went: Vec::new() }
        };
        (0..parts).map(letter).collect()
    }

    /// Who came and went again before anybody was told changed nothing.
    fn toggle(&mut self, holder: Holder) -> bool {
        let fresh = !self.changed.remove(&holder);
        if fresh {
            self.changed.insert(holder);
        }
        fresh
    }
}

impl There {
    /// The edge told something. Its life is the caller's affair.
    pub fn on_told(&mut self, told: &Holders) {
        if told.number <= self.number {
            return;
        }
        if told.number != self.number + 1 {
            (self.known, self.anew) = (None, None);
        }
        self.number = told.number;
        if told.begins {
            self.anew = Some(BTreeSet::new());
        }
        for holders in [&mut self.known, &mut self.anew] {
            let Some(set) = holders else { continue };
            set.extend(&told.came);
            told.went.iter().for_each(|holder| {
                set.remove(holder);
            });
            if set.len() > HOLDERS_MAX {
                *holders = None;
            }
        }
        if told.whole && self.anew.is_some() {
            self.known = self.anew.take();
        }
    }

    /// Whether they may be there.
    #[must_use]
    pub fn may_have(&self, holder: Holder) -> bool {
        self.known.as_ref().is_none_or(|known| known.contains(&holder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn life() -> Life {
        Life { node: "a".into(), epoch: 1 }
    }

    #[test]
    fn until_everything_was_told_anybody_may_be_there() {
        let (mut here, mut there) = (Here::default(), There::default());
        assert!(here.on_came(Holder(1)));
        here.changes(&life()).iter().for_each(|letter| there.on_told(letter));
        assert!(there.may_have(Holder(2)));
        here.everything(&life()).iter().for_each(|letter| there.on_told(letter));
        assert!(there.may_have(Holder(1)) && !there.may_have(Holder(2)));
        // One letter is lost.
        here.on_came(Holder(3));
        drop(here.changes(&life()));
        here.on_came(Holder(4));
        here.changes(&life()).iter().for_each(|letter| there.on_told(letter));
        assert!(there.may_have(Holder(3)) && there.may_have(Holder(9)));
        here.everything(&life()).iter().for_each(|letter| there.on_told(letter));
        assert!(there.may_have(Holder(3)) && there.may_have(Holder(4)) && !there.may_have(Holder(9)));
    }

    #[test]
    fn only_the_first_connection_and_the_last_are_told() {
        let mut here = Here::default();
        assert_eq!([here.on_came(Holder(1)), here.on_came(Holder(1))], [true, false]);
        assert_eq!(here.changes(&life()).len(), 1);
        assert_eq!([here.on_went(Holder(1)), here.on_went(Holder(1))], [false, true]);
        assert!(!here.on_came(Holder(1)) && here.changes(&life()).is_empty());
        assert!(!here.on_went(Holder(2)));
    }

    #[test]
    fn many_are_told_in_parts_and_too_many_may_be_anybody() {
        for (count, parts, known) in [
            (0, 1, true),
            (CHAT_NODE_HOLDERS_MAX, 1, true),
            (CHAT_NODE_HOLDERS_MAX + 1, 2, true),
            (HOLDERS_MAX, 8, true),
            (HOLDERS_MAX + 1, 8, false),
        ] {
            let (mut here, mut there) = (Here::default(), There::default());
            for holder in 0..count as u64 {
                here.on_came(Holder(holder));
            }
            let letters = here.everything(&life());
            letters.iter().for_each(|letter| there.on_told(letter));
            assert_eq!(letters.len(), parts, "{count}");
            assert_eq!(!there.may_have(Holder(u64::MAX)), known, "{count}");
            assert_eq!(there.may_have(Holder(0)), count > 0 || !known, "{count}");
        }
    }

    proptest! {
        #[test]
        fn whoever_is_there_and_was_told_is_never_left_out(
            steps in prop::collection::vec((0..5_u8, 0..6_u64, any::<bool>()), 1..200)
        ) {
            let (mut here, mut there) = (Here::default(), There::default());
            for (step, holder, lost) in steps {
                match step {
                    0 | 1 => {
                        here.on_came(Holder(holder));
                    }
                    2 => {
                        here.on_went(Holder(holder));
                    }
                    _ => {
                        let letters =
                            if step == 3 { here.changes(&life()) } else { here.everything(&life()) };
                        // A letter that is lost is noticed with the next one.
                        let heard = !lost && !letters.is_empty();
                        letters.iter().filter(|_| !lost).for_each(|letter| there.on_told(letter));
                        let all = (0..6).filter(|holder| here.has(Holder(*holder)));
                        prop_assert!(!heard || all.into_iter().all(|holder| there.may_have(Holder(holder))));
                    }
                }
            }
            here.everything(&life()).iter().for_each(|letter| there.on_told(letter));
            for holder in 0..6 {
                prop_assert_eq!(there.may_have(Holder(holder)), here.has(Holder(holder)));
            }
        }
    }
}
