//! One row of the stage: the lines in it, none of which meets another.

use protocol::chat::Class;
use protocol::time::Instant;

use crate::limits::GAP_PX;
use crate::line::{Kind, LineId};
use crate::span::{Pixels, Span};

/// A line that is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) id: LineId,
    pub(crate) kind: Kind,
    pub(crate) class: Class,
    pub(crate) span: Span,
}

/// The lines of a row, in the order they came.
#[derive(Debug, Default)]
pub(crate) struct Row {
    lines: Vec<Placed>,
}

/// What two lines of a row keep between them.
pub(crate) const GAP: Pixels = Pixels::whole(GAP_PX);

impl Row {
    /// Whether a line can go along here and meets nobody.
    pub(crate) fn is_clear(&self, span: &Span) -> bool {
        self.lines.iter().all(|placed| !placed.span.meets(span, GAP))
    }

    pub(crate) fn push(&mut self, placed: Placed) {
        self.lines.push(placed);
    }

    pub(crate) fn lines(&self) -> &[Placed] {
        &self.lines
    }

    pub(crate) fn holds(&self, kind: Kind) -> bool {
        self.lines.iter().any(|placed| placed.kind == kind)
    }

    /// The line whose right edge is furthest right then.
    pub(crate) fn rearmost(&self, at: Instant) -> Option<&Placed> {
        self.lines.iter().max_by_key(|placed| placed.span.right(at))
    }

    /// Takes out what is over, and says its names.
    pub(crate) fn end(&mut self, now: Instant, mut gone: impl FnMut(LineId)) {
        self.lines.retain(|placed| {
            let over = placed.span.end() <= now;
            if over {
                gone(placed.id);
            }
            !over
        });
    }

    pub(crate) fn remove(&mut self, id: LineId) -> bool {
        let before = self.lines.len();
        self.lines.retain(|placed| placed.id != id);
        self.lines.len() < before
    }
}
