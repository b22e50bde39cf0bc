//! An input or an output as a kind, numbers and bytes: the form in which shells that are not Rust see the engine.

use swarm::io::Listed;

/// One input or output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Of [`crate::kind::input`] or [`crate::kind::output`].
    pub kind: u8,
    /// Its fields, in the order of the kind; times are microseconds, [`u64::MAX`] is never.
    pub numbers: Vec<u64>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Row {
    /// A row without bytes.
    pub(crate) fn new<const COUNT: usize>(kind: u8, numbers: [u64; COUNT]) -> Self {
        Self { kind, numbers: numbers.to_vec(), bytes: Vec::new() }
    }

    /// The same with these bytes.
    pub(crate) fn with(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.bytes = bytes.into();
        self
    }

    /// A field; 0 where it is missing.
    pub(crate) fn u64(&self, at: usize) -> u64 {
        self.numbers.get(at).copied().unwrap_or(0)
    }

    /// A field; the largest where it is larger, as the module's bindings have it.
    pub(crate) fn u32(&self, at: usize) -> u32 {
        u32::try_from(self.u64(at)).unwrap_or(u32::MAX)
    }

    /// Whether a field is 1.
    pub(crate) fn flag(&self, at: usize) -> bool {
        self.u64(at) == 1
    }
}

/// The four fields of a segment of a playlist.
pub(crate) fn listed(fields: &[u64; 4]) -> Listed {
    let [rendition, segment, start, duration] = *fields;
    Listed {
        segment: crate::rows::segment(rendition, segment),
        start: protocol::time::StreamTime(start),
        duration_ms: u32::try_from(duration).unwrap_or(u32::MAX),
    }
}
