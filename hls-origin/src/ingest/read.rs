//! Reading inside a box: bounded cursors that end instead of panicking.

use super::boxes::FourCc;

/// Big-endian fields, taken from the front; every read past the end is `None`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(super) fn half(&mut self) -> Option<u16> {
        self.take(2)?.first_chunk().copied().map(u16::from_be_bytes)
    }

    pub(super) fn word(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().copied().map(u32::from_be_bytes)
    }

    pub(super) fn long(&mut self) -> Option<u64> {
        self.take(8)?.first_chunk().copied().map(u64::from_be_bytes)
    }

    /// Version and flags of a full box.
    pub(super) fn version_and_flags(&mut self) -> Option<(u8, u32)> {
        let word = self.word()?;
        Some(((word >> 24) as u8, word & 0x00ff_ffff))
    }

    /// A word where `present`, else nothing read: for fields that flags switch on.
    pub(super) fn word_if(&mut self, present: bool) -> Option<Option<u32>> {
        if present { self.word().map(Some) } else { Some(None) }
    }
}

/// The boxes inside a payload; ends at the first that does not fit.
pub(super) fn children(payload: &[u8]) -> impl Iterator<Item = (FourCc, &[u8])> {
    let mut rest = payload;
    core::iter::from_fn(move || {
        let mut fields = Fields(rest);
        let size = fields.word()?;
        let kind = FourCc(fields.take(4)?.first_chunk().copied()?);
        let (size, header) = match size {
            0 => (rest.len(), 8),
            1 => (usize::try_from(fields.long()?).ok()?, 16),
            size => (usize::try_from(size).ok()?, 8),
        };
        let (found, after) = rest.split_at_checked(size)?;
        rest = after;
        Some((kind, found.get(header..)?))
    })
}

/// The first child of that kind.
pub(super) fn child<'a>(payload: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    children(payload).find(|(found, _)| &found.0 == kind).map(|(_, payload)| payload)
}
