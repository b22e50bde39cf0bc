//! The commented default configuration: values from the defaults, words from [`Settings::KEYS`].

use std::fmt::Write;

use super::Settings;

pub(super) fn commented_default<S: Settings>() -> String {
    let defaults = S::defaults();
    let owner = S::OWNER;
    let mut text =
        format!("# The {owner}'s configuration. Every key may be left out; these are the defaults.\n");
    for (key, doc) in S::KEYS {
        if let Some(value) = defaults.get(*key) {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n# {doc}.\n{key} = {value}\n");
        }
    }
    text
}
