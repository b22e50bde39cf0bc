//! A line of comment, as the stage knows it: no text, only what it needs to be placed.

use protocol::chat::Class;
use protocol::time::Duration;

/// A line's name; the shell chooses it, and keeps text and picture under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineId(pub u32);

/// How a line is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Crosses the stage from right to left.
    Scroll,
    /// Stands in the middle of a row, from the top down.
    Top,
    /// Stands in the middle of a row, from the bottom up.
    Bottom,
    /// Gifts and paid lines: stands at the left of rows of its own, for as long as was paid for.
    Paid,
}

/// One line that wants to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its name.
    pub id: LineId,
    /// How it is shown.
    pub kind: Kind,
    /// Who gives way to whom when it is full.
    pub class: Class,
    /// In pixels, as the shell measured it.
    pub width_px: u32,
    /// How long a paid line stays; others have times of their own.
    pub hold: Duration,
}
