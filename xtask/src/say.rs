//! What a person sees while a task works: one line a step on stderr, so that stdout stays for data.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdout};

/// A step begins.
pub(crate) fn step(what: impl Display) {
    line("36", "▸", &what);
}

/// A step, or the whole task, is done.
pub(crate) fn done(what: impl Display) {
    line("32", "✓", &what);
}

/// Something a person should know, and need not act on.
pub(crate) fn note(what: impl Display) {
    line("2", " ", &what);
}

/// A step failed; others may go on.
pub(crate) fn failure(what: impl Display) {
    line("31", "✗", &what);
}

/// Data on stdout. A reader that has gone away is no failure of the task.
pub(crate) fn data(text: impl Display) {
    let _gone = writeln!(stdout(), "{text}").and_then(|()| stdout().flush());
}

fn line(colour: &str, mark: &str, what: &dyn Display) {
    let text = what.to_string();
    let mut out = stderr();
    let _gone = if out.is_terminal() {
        writeln!(out, "\u{1b}[{colour}m{mark} {text}\u{1b}[0m")
    } else {
        writeln!(out, "{mark} {text}")
    };
}
