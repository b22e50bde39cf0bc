//! The filters of all rooms: one for everybody, and one for each room that has words of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use protocol::chat::RoomKey;

use crate::filter::{Action, Filter, Found, Rules, Scratch};
use crate::moderation::{Scope, State};

/// Bytes of a list of rules that one room may have.
pub(in crate::serve) const ROOM_RULES_BYTES_MAX: usize = 64 * 1_024;
/// Bytes of the list for every room, and of the file.
pub(in crate::serve) const RULES_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Why rules are not taken; the text says which and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// A line, or a rule, cannot be meant.
    #[error("{0}")]
    Rule(String),
    /// The list is too long.
    #[error("the list has more than {0} bytes")]
    TooLong(usize),
    /// The file is not there.
    #[error("{0}: {1}")]
    File(PathBuf, String),
}

/// All filters.
#[derive(Debug)]
pub(in crate::serve) struct Filters {
    everywhere: ArcSwap<Filter>,
    rooms: ArcSwap<BTreeMap<RoomKey, Arc<Filter>>>,
}

/// A list, compiled.
///
/// # Errors
/// Where it is no list of rules.
pub(in crate::serve) fn compile(text: &str, bytes_max: usize) -> Result<Filter, RulesError> {
    let rules = parse(text, bytes_max)?;
    Filter::new(&rules).map_err(|fault| {
        let rule = rules.as_slice().get(fault.rule).map(ToString::to_string).unwrap_or_default();
        RulesError::Rule(format!("rule {rule}: {}", fault.problem))
    })
}

fn parse(text: &str, bytes_max: usize) -> Result<Rules, RulesError> {
    if text.len() > bytes_max {
        return Err(RulesError::TooLong(bytes_max));
    }
    Rules::parse(text).map_err(|fault| RulesError::Rule(fault.to_string()))
}

/// The rules of the file, where one is named, as a list.
///
/// # Errors
/// Where the file cannot be read.
pub(in crate::serve) fn read_file(path: &str) -> Result<String, RulesError> {
    if path.is_empty() {
        return Ok(String::new());
    }
    std::fs::read_to_string(path)
        .map_err(|cause| RulesError::File(Path::new(path).to_owned(), cause.to_string()))
}

impl Filters {
    /// What the file says, and what was decided.
    ///
    /// # Errors
    /// Where a list cannot be compiled.
    pub(in crate::serve) fn new(file: &str, state: &State) -> Result<Self, RulesError> {
        let everywhere = compile(&joined(file, state.rules(&Scope::Everywhere)), 2 * RULES_BYTES_MAX)?;
        let mut rooms = BTreeMap::new();
        for room in state.rooms_with_rules() {
            let filter = compile(state.rules(&Scope::Room(room.clone())), ROOM_RULES_BYTES_MAX)?;
            rooms.insert(room.clone(), Arc::new(filter));
        }
        Ok(Self { everywhere: ArcSwap::from_pointee(everywhere), rooms: ArcSwap::from_pointee(rooms) })
    }

    /// From now on these rules hold here. Whoever checks a text right now ends with those before.
    pub(in crate::serve) fn put(&self, scope: &Scope, filter: Filter) {
        match scope {
            Scope::Everywhere => self.everywhere.store(Arc::new(filter)),
            Scope::Room(room) => {
                let filter = Arc::new(filter);
                self.rooms.rcu(|rooms| {
                    let mut rooms = BTreeMap::clone(rooms);
                    if filter.is_empty() {
                        rooms.remove(room);
                    } else {
                        rooms.insert(room.clone(), Arc::clone(&filter));
                    }
                    rooms
                });
            }
        }
    }

    /// What a text is in this room: the stronger of what both filters find.
    pub(in crate::serve) fn check(&self, room: &RoomKey, text: &str, scratch: &mut Scratch) -> Found {
        let found = self.everywhere.load().check(text, scratch);
        let rooms = self.rooms.load();
        let Some(of_room) = rooms.get(room) else { return found };
        match found {
            Found::Clean => of_room.check(text, scratch),
            Found::Masked(masked, rule) => match of_room.check(&masked, scratch) {
                Found::Clean => Found::Masked(masked, rule),
                stronger => stronger,
            },
            Found::Rule(action, rule) => match of_room.check(text, scratch) {
                Found::Rule(other, other_rule) if other > action => Found::Rule(other, other_rule),
                _ => Found::Rule(action, rule),
            },
        }
    }

    /// What a text is wherever it is said.
    pub(in crate::serve) fn check_everywhere(&self, text: &str, scratch: &mut Scratch) -> Found {
        self.everywhere.load().check(text, scratch)
    }

    /// What a text would be in this room, for people: the action, and the rule as it is written.
    pub(in crate::serve) fn explain(&self, room: &RoomKey, text: &str) -> Option<(Action, String)> {
        let mut scratch = Scratch::default();
        let rooms = self.rooms.load();
        let filters = [Some(self.everywhere.load_full()), rooms.get(room).cloned()];
        let found = filters.into_iter().flatten().filter_map(|filter| {
            let (action, rule) = match filter.check(text, &mut scratch) {
                Found::Clean => return None,
                Found::Masked(_, rule) => (Action::Mask, rule),
                Found::Rule(action, rule) => (action, rule),
            };
            Some((action, filter.rule(rule).map(ToString::to_string).unwrap_or_default()))
        });
        found.max_by_key(|(action, _)| *action)
    }
}

/// Two lists as one.
pub(in crate::serve) fn joined(first: &str, second: &str) -> String {
    [first, second].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_of_both_lists_counts_and_a_list_is_swapped_whole() {
        let filters = Filters::new("mask: darn\nbad", &State::default()).unwrap();
        let (here, there) = (RoomKey::parse("a").unwrap(), RoomKey::parse("b").unwrap());
        filters.put(
            &Scope::Room(here.clone()),
            compile("hold: bad\nworse\ndarn", ROOM_RULES_BYTES_MAX).unwrap(),
        );
        let rows = [
            (&here, "bad", Found::Rule(Action::Block, 1)),
            (&here, "worse", Found::Rule(Action::Block, 1)),
            (&there, "worse", Found::Clean),
            (&here, "darn", Found::Masked("***".into(), 0)),
            (&there, "darn", Found::Masked("***".into(), 0)),
        ];
        let mut scratch = Scratch::default();
        for (room, text, wanted) in rows {
            assert_eq!(filters.check(room, text, &mut scratch), wanted, "{text}");
        }
        filters.put(&Scope::Everywhere, compile("", RULES_BYTES_MAX).unwrap());
        assert_eq!(filters.check(&there, "bad", &mut scratch), Found::Clean);
        assert_eq!(filters.explain(&here, "worse"), Some((Action::Block, "worse".into())));
        filters.put(&Scope::Room(here.clone()), compile("", ROOM_RULES_BYTES_MAX).unwrap());
        assert_eq!(filters.check(&here, "worse", &mut scratch), Found::Clean);
    }

    #[test]
    fn lists_that_cannot_be_meant_say_which_line_or_rule() {
        let rows = [("a\n/x", "line 2"), ("/(/", "rule /(/")];
        for (list, part) in rows {
            let problem = compile(list, 100).unwrap_err().to_string();
            assert!(problem.contains(part), "{problem}");
        }
        assert_eq!(compile("aaaa", 3).unwrap_err(), RulesError::TooLong(3));
    }
}
