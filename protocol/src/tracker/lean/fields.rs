//! Maps, whose keys come in any order: each key is remembered with the place of its value, and read when asked for.

use crate::limits::SDP_BYTES_MAX;
use crate::pack::{Fault, Reader};

/// Entries of one map, unknown keys among them.
const ENTRIES_MAX: usize = 32;
/// Bytes of a key, and of a word such as an action or an event.
pub(super) const WORD_BYTES_MAX: usize = 32;

/// One map's entries. What is nil is absent; of two values of one key the last counts.
pub(super) struct Fields<'r, 'a> {
    reader: &'r mut Reader<'a>,
    entries: Vec<(&'a str, usize)>,
}

/// Reads one map: all of it is passed, of whatever form, and `read` is given what it asks for.
pub(super) fn read_map<'a, T>(reader: &mut Reader<'a>, read: impl FnOnce(&mut Fields<'_, 'a>) -> T) -> T {
    let mut fields = Fields { entries: Vec::new(), reader };
    for _ in 0..fields.reader.map(ENTRIES_MAX) {
        let key = fields.reader.str(WORD_BYTES_MAX);
        if !fields.reader.is_nil() {
            fields.entries.push((key, fields.reader.at()));
            fields.reader.skip();
        }
    }
    let end = fields.reader.at();
    let value = read(&mut fields);
    reader.go_to(end);
    value
}

impl<'a> Fields<'_, 'a> {
    /// The reader at the value of a key that may be absent.
    pub(super) fn find(&mut self, key: &str) -> Option<&mut Reader<'a>> {
        let (_, at) = self.entries.iter().rfind(|(known, _)| *known == key)?;
        self.reader.go_to(*at);
        Some(self.reader)
    }

    /// The reader at the value of a key that must be there. Which one is missing is not told: the map's offset is.
    pub(super) fn require(&mut self, key: &str) -> &mut Reader<'a> {
        let found = self.find(key).is_some();
        self.check(found, Fault::Key);
        self.reader
    }

    /// The map as a whole must keep a rule.
    pub(super) fn check(&mut self, holds: bool, fault: Fault) {
        self.reader.check(holds, 0, fault);
    }

    /// A word of a fixed set; none where it is absent.
    pub(super) fn word(&mut self, key: &str) -> &'a str {
        self.find(key).map_or("", |reader| reader.str(WORD_BYTES_MAX))
    }

    /// `{type, sdp}`: the session description.
    pub(super) fn sdp(&mut self, key: &str) -> String {
        read_map(self.require(key), |fields| fields.require("sdp").str(SDP_BYTES_MAX).into())
    }
}
