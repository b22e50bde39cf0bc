//! What became of the lines: every one is counted once.

use protocol::chat::Class;

/// Why a line was never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Reason {
    /// No row had room for it, for as long as its class waits.
    Full,
    /// Too many waited already.
    Crowded,
    /// A word, a person or an expression that the viewer blocks.
    Blocked,
    /// A kind that the viewer switched off.
    Unwanted,
    /// It said what another line says.
    Merged,
    /// A moderator took it back, or the picture moved on while it waited: a seek, another room.
    Withdrawn,
    /// It would have been over already.
    Late,
}

/// All reasons, by their number.
pub const REASONS: [Reason; 7] = [
    Reason::Full,
    Reason::Crowded,
    Reason::Blocked,
    Reason::Unwanted,
    Reason::Merged,
    Reason::Withdrawn,
    Reason::Late,
];
/// Number of classes.
const CLASSES: usize = 5;

/// Lines by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    taken: u64,
    shown: u64,
    cut: u64,
    dropped: [[u64; REASONS.len()]; CLASSES],
}

impl Counts {
    pub(crate) const fn take(&mut self) {
        self.taken += 1;
    }

    pub(crate) const fn show(&mut self) {
        self.shown += 1;
    }

    pub(crate) const fn cut(&mut self) {
        self.cut += 1;
    }

    pub(crate) const fn drop(&mut self, class: Class, reason: Reason) {
        self.dropped[class as usize][reason as usize] += 1;
    }

    /// Lines that came.
    #[must_use]
    pub const fn taken(&self) -> u64 {
        self.taken
    }

    /// Lines that were put on the screen.
    #[must_use]
    pub const fn shown(&self) -> u64 {
        self.shown
    }

    /// Lines among the shown that did not stay to their end: taken back, or without room after a change of the stage.
    #[must_use]
    pub const fn cut_short(&self) -> u64 {
        self.cut
    }

    /// Lines of a class that were not shown, for this reason.
    #[must_use]
    pub const fn dropped(&self, class: Class, reason: Reason) -> u64 {
        self.dropped[class as usize][reason as usize]
    }

    /// Lines that were not shown, for whatever reason.
    #[must_use]
    pub fn dropped_in_all(&self) -> u64 {
        self.dropped.iter().flatten().sum()
    }
}
