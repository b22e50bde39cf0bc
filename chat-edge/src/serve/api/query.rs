//! Query strings as GOIM's callers write them: a list repeats its key.

use std::borrow::Cow;

use axum::extract::Query;
use protocol::chat::{Class, Operation};

/// The pairs of a query string, in its order.
#[derive(Debug)]
pub(super) struct Pairs<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl From<Query<Vec<(String, String)>>> for Pairs<'_> {
    fn from(Query(pairs): Query<Vec<(String, String)>>) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl<'a> Pairs<'a> {
    /// Reads a query string, without its question mark. Nothing in it is wrong, as browsers have it.
    pub(super) fn read(query: &'a str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).collect())
    }

    /// The first value of a key, where it is not empty.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.list(key).next().filter(|value| !value.is_empty())
    }

    /// Every value of a key.
    pub(super) fn list(&self, key: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == key).map(|(_, value)| value.as_ref())
    }

    /// Every value of a key as a number, at least one; `None` where one is none.
    pub(super) fn numbers(&self, key: &str) -> Option<Vec<i64>> {
        let numbers: Vec<i64> = self.list(key).map(|value| value.parse().ok()).collect::<Option<_>>()?;
        (!numbers.is_empty()).then_some(numbers)
    }

    /// The operation of a push; 0 is none.
    pub(super) fn operation(&self) -> Option<Operation> {
        self.text("operation")?.parse().ok().filter(|operation| *operation != 0).map(Operation)
    }

    /// The class of a push to a room: ours, and a comment where nothing is said.
    pub(super) fn class(&self) -> Option<Class> {
        let Some(name) = self.text("class") else { return Some(Class::Chat) };
        Class::ALL.into_iter().find(|class| class.name() == name)
    }
}
