//! What the tests of every server's configuration ask.

use std::fmt::Debug;

use crate::config::{Error, Settings, file};

/// The configuration of a file with this text.
///
/// # Errors
/// As the server itself refuses it.
pub fn read<S: Settings>(text: &str) -> Result<S, Error> {
    S::from_layers([file(text)?])
}

/// Every key has words for operators, and the default that is printed is the default.
///
/// # Panics
/// Where it is not so.
pub fn assert_documented<S: Settings + PartialEq + Debug>() {
    let mut documented: Vec<&str> = S::KEYS.iter().map(|(key, _)| *key).collect();
    documented.sort_unstable();
    assert_eq!(S::defaults().keys().collect::<Vec<_>>(), documented);
    assert_eq!(read(&S::commented_default()), Ok(S::default()));
}

/// Each text, and whether a file of it is accepted.
///
/// # Panics
/// Where it is not so.
pub fn assert_accepted<S: Settings>(rows: &[(&str, bool)]) {
    for (text, accepted) in rows {
        assert_eq!(read::<S>(text).is_ok(), *accepted, "{text}");
    }
}
